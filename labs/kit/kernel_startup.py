"""Startup of every kernel before its first cell (`PYTHONSTARTUP`): explains errors even if no lab was begun.

It also has `scipy.stats` load late, for kernels that no spare process became.

A learner who opens yesterday's notebook and runs a cell in its middle meets a NameError before `lab.start`.
"""


def _listen() -> None:
    from contextlib import suppress

    with suppress(Exception):  # A kernel without explanations is better than none.
        from labs.kit import lab, late_statistics

        late_statistics.install_late_statistics()
        lab.listen()


_listen()
del _listen
