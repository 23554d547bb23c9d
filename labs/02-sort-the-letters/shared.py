"""What the checks and the judge have in common."""

LEAST_KNOWN = 6
"""Words of a letter that the model has to know before its tray means anything: eight single letters are none."""
