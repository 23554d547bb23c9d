"""What the checks and the judge have in common: verdicts on the shape of a list, never on what is in it."""

FEWEST_ROWS, FEWEST_COLUMNS = 30, 2
MOST_ENTRIES = 12
FEWEST_IN_GROUP = 5
ORDER = ["aside", "rest", "say", "count"]
WRONG_STEPS = {"all": "saw-the-exam", "same": "saw-the-exam"}


def whole(value):
    """A whole number that counts something, else -1."""
    return value if type(value) is int and 0 <= value <= 10**7 else -1


def part_of_one(value):
    """A share from 0 to 1, else None."""
    return float(value) if type(value) in (int, float) and 0 <= value <= 1 else None


def shape_verdict(shape):
    """The key for the shape of a list, with facts; None for none."""
    if not isinstance(shape, dict):
        return None, {}
    facts = {name: whole(shape.get(name)) for name in ("rows", "columns", "countable")}
    if min(facts.values()) < 0:
        return None, {}
    if facts["rows"] < FEWEST_ROWS:
        return "too-few-rows", facts
    if facts["columns"] < FEWEST_COLUMNS:
        return "too-few-columns", facts
    return ("passed" if facts["countable"] >= 2 else "no-repetition"), facts


def picked_verdict(picked):
    """The key for two columns that were picked, with facts; None for none."""
    if not isinstance(picked, dict):
        return None, {}
    if picked.get("known") is not True:
        if picked.get("entry") is True:
            return "entry-not-column", {}
        missing = {"list": "no-list", "both": "incomplete"}
        return next((key for name, key in missing.items() if picked.get(name) is False), "no-such-column"), {}
    if picked.get("same") is not False:
        return "same-column-twice", {}
    facts = {name: whole(picked.get(name)) for name in ("values", "doors", "smallest")}
    facts["many"], facts["biggest_share"] = (
        max(facts["values"], facts["doors"]),
        part_of_one(picked.get("biggest_share")),
    )
    if facts["biggest_share"] is None or min(facts["values"], facts["doors"]) < 2:
        return "one-entry", facts
    return ("too-many-entries" if facts["many"] > MOST_ENTRIES else "passed"), facts


def group_verdict(group):
    """The key for the group that a baseline serves worst, with facts; None for none."""
    if not isinstance(group, dict):
        return None, {}
    if group.get("counted") is False:
        return "columns-first", {}
    facts = {"rows": whole(group.get("rows")), "right_share": part_of_one(group.get("right_share"))}
    facts["all_share"] = part_of_one(group.get("all_share"))
    if group.get("known") is not True or facts["rows"] < 0 or None in facts.values():
        return "no-such-group", {}
    if facts["rows"] < FEWEST_IN_GROUP:
        return "too-small", facts
    good = group.get("worst") is True and facts["right_share"] <= facts["all_share"]
    return ("passed" if good else "served-well"), facts
