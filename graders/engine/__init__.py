"""Grading engine: runs untrusted notebooks in sandboxes and judges what comes back.

`fork_engine.ForkEngine` is the entry point from Python, `python -m graders.engine` the one for other
processes.
"""
