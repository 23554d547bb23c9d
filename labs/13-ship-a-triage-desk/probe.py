"""Asks a learner's desk and attack. Runs beside the learner's code."""

from labs.kit.checking import probe


@probe("t4")
def ask_their_desk(names, inputs):
    """The tray of each letter, or "person"; None where nothing was written."""
    if names.get("limit") in (None, ...):
        return None
    return [str(one) for one in list(names["route"](list(inputs)))[:5000]]


@probe("b")
def ask_their_attack(names, inputs):
    """Each appeal as the attack changed it; None where nothing was written."""
    changed = [names["attack"](one) for one in inputs]
    if all(one is None for one in changed):
        return None
    return [one[:20_000] if isinstance(one, str) else None for one in changed]
