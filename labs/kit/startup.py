"""Run by every kernel before its first cell (`PYTHONSTARTUP`): errors are explained even where a lab was not begun.

Whoever opens yesterday's notebook and runs a cell in its middle meets a NameError before `lab.start`.
"""


def _listen() -> None:
    from contextlib import suppress

    with suppress(Exception):  # A kernel without explanations is better than none.
        from labs.kit import lab

        lab.listen()


_listen()
del _listen
