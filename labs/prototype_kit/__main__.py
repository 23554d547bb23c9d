"""`isomo prototype …` in servers without the administrator's verbs; `bin/isomo` calls this."""

import sys

from labs.prototype_kit.command_line import command

words = sys.argv[1:]
sys.exit(command(words[1:] if words[:1] == ["prototype"] else words))
