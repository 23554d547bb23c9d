"""Brings what is handed in to a sandbox, and what the sandbox says back to the store, once."""
