"""`python -m labs.prototype_kit …`, for containers without the administrator's verbs."""

import sys

from labs.prototype_kit.command_line import command

sys.exit(command(sys.argv[1:]))
