"""`python -m labs.authoring`."""

import sys

from labs.authoring.cli import command

sys.exit(command(sys.argv[1:]))
