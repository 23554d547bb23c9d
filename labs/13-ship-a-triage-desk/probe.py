"""Asks a learner's desk and attack. Runs beside the learner's code."""

from labs.kit.checking import probe, unanswered
from shared import desk_answers, right_of_routed

KNOWN = 3000


@probe("t4")
def ask_their_desk(names, inputs):
    """The tray of each letter, or "person"; None where nothing was written."""
    if "route" in names and not callable(names["route"]) and names["route"] is not None:
        return {"said": "no-function", "own": 0.0}
    try:
        given = names["route"](list(inputs))
    except Exception:
        if unanswered(names.get("limit")):
            return None  # Nothing was written yet.
        raise
    if unanswered(given) and unanswered(names.get("limit")):
        return None
    return {"said": desk_answers(given), "own": share_on_own_letters(names["route"])}


def share_on_own_letters(route):
    """What the desk reaches on the learner's own new letters, 0 where it cannot be asked."""
    try:
        from labs.datasets.loader import load

        new = load("letters").iloc[KNOWN:]
        return right_of_routed([str(one) for one in route(new["text"].tolist())], new["category"].tolist())
    except Exception:
        return 0.0


@probe("b")
def ask_their_attack(names, inputs):
    """Each appeal as the attack changed it; None where nothing was written."""
    function = names.get("attack")
    if unanswered(function):
        return None
    changed = [function(one) for one in inputs]
    if all(unanswered(one) for one in changed):
        return None
    return [one[:20_000] if isinstance(one, str) else None for one in changed]
