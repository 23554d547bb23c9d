"""Startup of every kernel before its first cell (`PYTHONSTARTUP`): explains errors even if no lab was begun.

A learner who opens yesterday's notebook and runs a cell in its middle meets a NameError before `lab.start`.
"""


def _listen() -> None:
    from contextlib import suppress

    with suppress(Exception):  # A kernel without explanations is better than none.
        from labs.kit import lab

        lab.listen()


_listen()
del _listen
