"""Verb `docs`: build the pages of docs/ as a site that opens without a server."""

from __future__ import annotations

import subprocess
import sys

from hub.isomo_settings import CHECKOUT
from hub.ops import terminal_output
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options

SITE = CHECKOUT / ".isomo" / "docs"


def command(argv: list[str]) -> int:
    """`docs`: exit code 1 if a link leads nowhere or a page cannot be read."""
    parse_options("docs", argv)
    done = subprocess.run(
        [sys.executable, "-m", "docs.site.site_build", str(SITE)], cwd=CHECKOUT, check=False
    )
    if done.returncode:
        raise IsomoError(
            _("The pages could not be built."), _("Fix the pages named above, then run ./isomo docs again.")
        )
    terminal_output.print_sentence(_("The pages are ready: {file}").format(file=SITE / "index.html"))
    return 0
