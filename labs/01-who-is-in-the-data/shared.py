"""What the checks and the judge have in common."""

from labs.kit.checking import as_typed, not_attempted, not_yet, number, passed, several, unanswered

DOORS = ("self", "office", "phone", "agent", "outreach")
CATEGORIES = (
    "land",
    "judgment disputed",
    "judgment not carried out",
    "expropriation",
    "other property",
    "other",
)
CHOICES = {
    "because": ("most", "unheard", "calm"),
    "report": ("content", "left-out", "unknown"),
    "who": ("register", "head", "loudest"),
}
LINES = {
    "counts": ("cases", "counts"),
    "first": ("counts", "word"),
    "last": ("counts", "word"),
    "right": ("word", "right"),
    "share": ("right", "share"),
    "sum": ("right", "share"),
}
"""What each line of task t3 needs and makes."""


def door_of(given):
    """The door that somebody names, also with its label around it as in the table: "online (self)" is "self"."""
    if not isinstance(given, str):
        return given
    given = given.strip()
    if given.endswith(")") and "(" in given:
        return given[:-1].rpartition("(")[2].strip()
    return given


def visitors_verdict(given):
    """The verdict on a number of people."""
    if unanswered(given):
        return not_attempted()
    if isinstance(given, str):
        return not_yet("in-quotes")
    visitors = number(given)
    if visitors is None or visitors < 0 or visitors != int(visitors) or visitors > 100_000:
        return not_yet("not-a-count", visitors=as_typed(given))
    return passed(visitors=int(visitors))


def lines_verdict(chosen, counts):
    """The verdict on the lines of task t3; `counts` says how many files each category has."""
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = {"cases"}
    for one in chosen:
        needs, makes = LINES[one]
        if needs not in made:
            return not_yet("order-matters", name=needs)
        made.add(makes)
    if chosen[-1] not in ("share", "sum"):
        return not_yet("no-share")
    if "last" in chosen:
        return not_yet("rarest-word", share=min(counts) / sum(counts))
    if chosen[-1] == "sum":
        return not_yet("number-not-share", files=max(counts))
    return passed(share=max(counts) / sum(counts))


def word_verdict(given_channel, given_word, reached, least):
    """The verdict on a door and a word; `reached` counts the files for which they are right."""
    channel, word = door_of(given_channel), door_of(given_word)
    if unanswered(channel) and unanswered(word):
        return not_attempted()
    if unanswered(channel) or unanswered(word):
        return not_yet("incomplete")
    if several(channel) or several(word):
        return not_yet("more-than-one")
    if channel in CATEGORIES and word in DOORS:
        return not_yet("swapped")
    if not isinstance(channel, str) or channel not in DOORS:
        return not_yet("not-in-the-register", given=str(channel)[:40])
    if not isinstance(word, str) or word not in CATEGORIES:
        return not_yet("not-in-the-register", given=str(word)[:40])
    n = reached(channel, word)
    if channel != "self":
        return not_yet("other-door", **n)
    if n["share"] >= least:
        return passed(**n)
    return not_yet("land-everywhere" if word == "land" else "not-the-commonest", **n)


def decision_verdict(answers, about):
    """The verdict on task j; `about` says what the register holds about a district, None for no district."""
    said = {name: getattr(answers, name) for name in CHOICES}
    place = None if answers.district == "none" else answers.district
    if not any(said.values()) and place is None:
        return not_attempted()
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    n = about(place) if isinstance(place, str) else None
    if n is None:
        return not_yet("incomplete")
    wrong = [
        (said["report"] == "content", "silence-is-content"),
        (said["report"] == "left-out", "left-out"),
        (said["who"] != "head", "nobody-answers"),
        (said["because"] == "most", "most-but-fewest" if n["quiet"] else "most-is-worst"),
        (said["because"] == "calm", "little-work"),
        (not n["quiet"], "says-one-does-another"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def ranking_verdict(n, fewest, times):
    """The verdict on a sample with `n` files, so many about land and about judgments that nobody carries out."""
    if n["files"] < fewest:
        return not_yet("too-few-files", **n)
    if n["executed"] >= times * n["land"]:
        return passed(**n)
    if n["executed"] < 0.3 * n["land"]:
        return not_yet("land-even-stronger", **n)
    return not_yet("neck-and-neck" if n["executed"] > 0.75 * n["land"] else "still-land-first", **n)
