"""What decides the marks, on 5,000 requests that no learner ever has. Never leaves the grader.

`hidden` has columns of equal length: channel, province, urban_rural, category. The limits are a little wider than
those of the learner's own check: another 5,000 requests are never quite the same.
"""

from labs.kit.checking import judge, not_attempted, not_yet, number, passed
from shared import as_typed, door_of

DOORS = ("self", "office", "phone", "agent", "outreach")
CATEGORIES = (
    "land",
    "judgment disputed",
    "judgment not carried out",
    "expropriation",
    "other property",
    "other",
)
QUIET = ("Gakenke", "Gatsibo", "Nyabihu", "Nyamagabe")
OTHERS = ("Gasabo", "Huye", "Musanze", "Nyamasheke")
CHOICES = {
    "because": ("most", "unheard", "calm"),
    "report": ("content", "left-out", "unknown"),
    "who": ("register", "head", "loudest"),
}
# Requests of one year in the learners' register, rounded: for the sentences only, not for the marks.
ABOUT = {"Gasabo": 408, "Huye": 135, "Musanze": 142, "Nyamasheke": 221}
LINES = {
    "counts": ("cases", "counts"),
    "first": ("counts", "word"),
    "last": ("counts", "word"),
    "right": ("word", "right"),
    "share": ("right", "share"),
    "sum": ("right", "share"),
}


@judge("w")
def a_number_of_people(answers, hidden):
    given = answers.visitors
    if given is None or given is ...:
        return not_attempted()
    if isinstance(given, str):
        return not_yet("in-quotes")
    visitors = number(given)
    if visitors is None or visitors < 0 or visitors != int(visitors) or visitors > 100_000:
        return not_yet("not-a-count", visitors=as_typed(given))
    return passed(visitors=int(visitors))


@judge("t3")
def lines_give_the_baseline(answers, hidden):
    chosen = answers.lines
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
    counts = sorted(hidden.category.count(one) for one in CATEGORIES)
    if "last" in chosen:
        return not_yet("rarest-word", share=counts[0] / len(hidden.category))
    if chosen[-1] == "sum":
        return not_yet("number-not-share", files=counts[-1])
    return passed(share=counts[-1] / len(hidden.category))


@judge("t4")
def word_for_the_online_desk(answers, hidden):
    channel, word = door_of(answers.channel), answers.word
    if channel in (None, ...) and word in (None, ...):
        return not_attempted()
    if channel in (None, ...) or word in (None, ...):
        return not_yet("incomplete")
    if not isinstance(channel, str) or channel not in DOORS:
        return not_yet("not-in-the-register", given=str(channel)[:40])
    if not isinstance(word, str) or word not in CATEGORIES:
        return not_yet("not-in-the-register", given=str(word)[:40])
    files = [one for one, door in zip(hidden.category, hidden.channel) if door == channel]
    n = {"channel": channel, "word": word, "share": files.count(word) / max(1, len(files))}
    if channel != "self":
        return not_yet("other-door", **n)
    if n["share"] >= 0.28:
        return passed(**n)
    return not_yet("land-everywhere" if word == "land" else "not-the-commonest", **n)


@judge("j")
def decision_holds_together(answers, hidden):
    said = {name: getattr(answers, name) for name in CHOICES}
    place = None if answers.district == "none" else answers.district
    if not any(said.values()) and place is None:
        return not_attempted()
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    if not isinstance(place, str) or place not in QUIET + OTHERS:
        return not_yet("incomplete")
    n = {"district": place, "files": ABOUT.get(place, 25), "ordinary": 135}
    wrong = [
        (said["report"] == "content", "silence-is-content"),
        (said["report"] == "left-out", "left-out"),
        (said["who"] != "head", "nobody-answers"),
        (said["because"] == "most", "most-is-worst"),
        (said["because"] == "calm", "little-work"),
        (place not in QUIET, "says-one-does-another"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


@judge("b")
def ranking_is_turned_over(answers, hidden):
    names = ("channel", "province", "urban_rural")
    wanted = {name: getattr(answers, name) for name in names}
    wanted = {name: value for name, value in wanted.items() if isinstance(value, str) and value != "any"}
    if not wanted:
        return not_attempted()
    columns = {name: getattr(hidden, name) for name in wanted}
    kept = [
        category
        for place, category in enumerate(hidden.category)
        if all(columns[name][place] == wanted[name] for name in wanted)
    ]
    n = {
        "files": len(kept),
        "land": kept.count("land"),
        "executed": kept.count("judgment not carried out"),
    }
    if n["files"] < 130:
        return not_yet("too-few-files", **n)
    if n["executed"] >= 1.3 * n["land"]:
        return passed(**n)
    if n["executed"] < 0.3 * n["land"]:
        return not_yet("land-even-stronger", **n)
    return not_yet("neck-and-neck" if n["executed"] > 0.75 * n["land"] else "still-land-first", **n)
