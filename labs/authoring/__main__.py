"""`python -m labs.authoring`."""

import sys

from labs.authoring.lab_command import command

sys.exit(command(sys.argv[1:]))
