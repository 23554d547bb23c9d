"""The administrator's verbs, one module each; `hub/cli.py` lists them."""
