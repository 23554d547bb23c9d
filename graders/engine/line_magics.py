"""Cells of one line that IPython takes for a magic without its sign: `pip install x`, `run helper.py`, `history`."""

from __future__ import annotations

import re
from typing import NamedTuple

from graders.contract import guard_policy as policy

LINE = re.compile(r"\s*([\w.*]+)[ \t]*(.*?)\s*")
"""As IPython splits a line: its first word, and the rest."""

NO_MAGIC = re.compile(r"[=,]")
"""Signs after the name in a line that sets it."""

MAGICS = (
    policy.REFUSED_MAGICS
    | policy.HISTORY_MAGICS
    | policy.CODE_MAGICS
    | frozenset(
        """alias autoawait autocall automagic bookmark cat cd clear colors conda config cp dhist dirs env gui ldir
    less lf lk ll load_ext loadpy logoff logstate logstop ls lsmagic lx magic mamba man matplotlib mkdir more mv page
    pdef pdoc pinfo pip popd pprint precision psearch pushd pwd pycat pylab quickref rehashx reload_ext reset
    reset_selective rm rmdir run sc set_env subshell sx system unalias unload_ext uv who who_ls whos xdel
    xmode""".split()
    )
)
"""Magics and aliases that IPython brings."""


class LineMagic(NamedTuple):
    """A magic's name and the text after it."""

    name: str
    rest: str

    @property
    def call(self) -> str:
        """The Python that IPython makes of it."""
        return f"get_ipython().run_line_magic({self.name!r}, {self.rest!r})\n"


def line_magic(transformed: str) -> LineMagic | None:
    """Return the magic that a cell, as IPython's fixed rules made it, is if no name of the notebook hides that magic.

    Example:
        line_magic("run helper.py").name == "run"
    """
    lines = transformed.splitlines()
    found = LINE.fullmatch(lines[0]) if len(lines) == 1 else None
    if found is None or found[1] not in MAGICS or NO_MAGIC.match(found[2]):
        return None
    return LineMagic(found[1], found[2])
