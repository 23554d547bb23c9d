"""What the checks and the judge have in common."""


def as_typed(given):
    """A wrong number as somebody typed it: Python takes 1,200 for two numbers."""
    if isinstance(given, (list, tuple)):
        return ",".join(str(one) for one in given)[:20]
    return str(given)[:20]


def door_of(given):
    """The door that somebody names, also with its label around it as in the table: "online (self)" is "self"."""
    if isinstance(given, str) and given.strip().endswith(")") and "(" in given:
        return given.strip()[:-1].rpartition("(")[2].strip()
    return given
