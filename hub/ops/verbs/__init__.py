"""The administrator's verbs, one module each; `hub/command_line.py` lists them."""
