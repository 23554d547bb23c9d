"""What the checks and the judge have in common."""

from labs.kit.checking import number

TICKS = ("eviction date", "illness", "violence", "no shelter")
GROUPS = {"women": ("sex", "female"), "old": ("age_band", "65 and over"), "rural": ("urban_rural", "rural")}
NEVER = 22
RULE, MODEL, PEOPLE = "rule", "model", "people"
CARDS = {
    "fee": RULE,
    "post": MODEL,
    "sixty": RULE,
    "refuse": PEOPLE,
    "queue": MODEL,
    "twice": MODEL,
    "remind": RULE,
    "despair": PEOPLE,
    "cheat": PEOPLE,
    "bridge": PEOPLE,
    "scan": MODEL,
    "hours": RULE,
}
LINES = {
    "gain": ("gain", ("picked", "rule")),
    "many": ("many", ("rule",)),
    "half": ("picked", ()),
    "rule": ("rule", ()),
    "right": ("gain", ("picked", "rule")),
    "all": ("many", ()),
    "picked": ("picked", ("many",)),
}


def own_rule(answers):
    """The settings of the form, or None where they are no choices of it."""
    ticks = answers.ticks or []
    group = "nobody" if answers.group is None else answers.group
    days = number(NEVER if answers.days is None else answers.days)
    good = isinstance(ticks, list) and all(isinstance(one, str) and one in TICKS for one in ticks)
    good = good and isinstance(group, str) and (group == "nobody" or group in GROUPS)
    if not good or days is None or not 1 <= days <= NEVER:
        return None
    return {"ticks": ticks, "group": group, "days": days}


MENUS = {
    "affects": ("nothing", "when", "whether"),
    "data": ("none", "personal", "sensitive"),
    "undo": ("once", "later", "never"),
    "looks": ("nobody", "some", "all"),
}
QUESTIONS = {
    "use": ("model", "rule", "nothing"),
    "because": ("new", "equal", "cheap", "trial"),
    "told": ("secret", "poster", "asked"),
}
SIZES = ("3000", "1000", "300", "150", "80", "40")
