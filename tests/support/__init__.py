"""Shared helpers of several test rooms: a whole separate installation, and people who use it in a real browser."""
