"""What the checks and the judge have in common."""


def door_of(given):
    """The door that somebody names, also with its label around it as in the table: "online (self)" is "self"."""
    if isinstance(given, str) and given.strip().endswith(")") and "(" in given:
        return given.strip()[:-1].rpartition("(")[2].strip()
    return given
