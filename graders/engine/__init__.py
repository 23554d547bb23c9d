"""Runs untrusted notebooks: fork server, sandbox, worker pool."""
