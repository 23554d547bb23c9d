"""Verbs of the administrator: up, down, status, logs, doctor, demo, and the modules they use."""
