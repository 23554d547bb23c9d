"""What decides the marks, on letters that no learner has. Never leaves the grader.

`hidden` has columns text, lang, category and plain (whether the model of part 3 is right there); and `mixes`: for every
mix of the sliders ("rw-en-fr-mixed"), what the lab's model gets right in each of the four languages and over all, on
6,000 letters.
"""

from labs.kit.checking import draw, judge, not_attempted, not_yet, number, passed
from shared import SEEN, gain_of

LANGUAGES = ("rw", "en", "fr", "mixed")
BUDGET = 1800
STEPS = {"rw": (0, 600, 1200, 1800), "en": (0, 250, 500, 750), "fr": (0, 120, 240), "mixed": (0, 100)}
LINES = {
    "worst": ("worst", "by_group"),
    "right": ("right", "guessed"),
    "tray": ("by_group", "right"),
    "guessed": ("guessed", None),
    "lang": ("by_group", "right"),
    "average": ("worst", "right"),
    "rare": ("worst", "by_group"),
}
QUESTIONS = {
    "aim": ("average", "worst", "clean"),
    "because": ("wait", "tools", "few"),
    "meanwhile": ("model", "ask", "people"),
    "report": ("one", "best", "each"),
}
FULL = "1800-750-240-100"


@judge("t3")
def lines_find_the_worst(answers, hidden):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = set()
    for one in chosen:
        makes, needs = LINES[one]
        if needs and needs not in made:
            return not_yet("order-matters", name=needs)
        made.add(makes)
    if LINES[chosen[-1]][0] != "worst":
        return not_yet("no-worst")
    row = hidden.mixes[FULL]
    if chosen[-1] == "average":
        return not_yet("average-again", share=row[-1])
    if "tray" in chosen:
        return not_yet("by-tray", share=0.0)
    if chosen[-1] == "rare":
        return not_yet("smallest-is-not-worst")
    return passed(worst_share=min(row[:-1]), all_share=row[-1])


@draw("t4")
def letters_of_each_language(hidden, rng):
    """All French letters, because there are few, and some of the others; their trays stay here."""
    places = [n for n, lang in enumerate(hidden.lang) if lang == "fr"]
    for lang, many in (("rw", 320), ("en", 500), ("mixed", 60)):
        places += rng.sample([n for n, one in enumerate(hidden.lang) if one == lang], many)
    rng.shuffle(places)
    return {"text": [hidden.text[n] for n in places]}, places


@judge("t4")
def every_language_counts(answers, hidden):
    said, places, own = answers.probed, answers.kept, 0.0
    if isinstance(said, dict):
        said, own = said.get("said"), number(said.get("own")) or 0.0
    if answers.problem:
        return not_yet("does-not-answer", problem=str(answers.problem)[:120])
    if said is None:
        return not_attempted()
    if isinstance(said, str):
        return not_yet("does-not-answer", problem=said[:120])
    if (
        not isinstance(said, list)
        or len(said) != len(places)
        or not all(isinstance(one, str) for one in said)
    ):
        return not_yet("does-not-answer", problem="?")
    unknown = sorted(set(said) - set(hidden.category))
    if unknown:
        return not_yet("wrong-labels", label=unknown[0][:40])
    n = {}
    for lang in LANGUAGES:
        right = [
            tray == hidden.category[place] for tray, place in zip(said, places) if hidden.lang[place] == lang
        ]
        n[f"{lang}_share"] = sum(right) / max(1, len(right))
    french = [place for place in places if hidden.lang[place] == "fr"]
    now = dict(zip(places, said))
    n |= gain_of(
        [bool(hidden.plain[one]) for one in french], [now[one] == hidden.category[one] for one in french]
    )
    french = [hidden.plain[place] for place in french]
    wrong = [
        (own >= SEEN, "has-seen-the-exam"),
        (n["rw_share"] < 0.36, "english-only"),
        (n["rw_share"] < 0.63, "takes-from-the-many"),
        (n["fr_share"] < sum(french) / len(french) + 0.02, "french-left-behind"),
        (n["en_share"] < 0.48, "english-fell"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def mix_of(answers):
    """The four sliders, or None where they stand beside their steps."""
    found = [0.0 if getattr(answers, name) is None else number(getattr(answers, name)) for name in STEPS]
    good = all(one is not None and one in STEPS[name] for name, one in zip(STEPS, found))
    return [int(one) for one in found] if good else None


def mixed(mix, hidden):
    """Figures of a mix; None where it is too small for a model."""
    row = hidden.mixes.get("-".join(map(str, mix)))
    if row is None:
        return None
    n = dict(zip([f"{one}_share" for one in LANGUAGES] + ["all_share"], row))
    return n | {"worst_share": min(row[:-1]), "total": sum(mix)}


@judge("j")
def mix_agrees_with_its_reason(answers, hidden):
    said = {name: getattr(answers, name) for name in QUESTIONS}
    if not any(said.values()):
        return not_attempted()
    mix = mix_of(answers)
    if mix is None or not all(isinstance(said[k], str) and said[k] in QUESTIONS[k] for k in QUESTIONS):
        return not_yet("incomplete")
    n = mixed(mix, hidden)
    if n is None:
        return not_yet("says-one-does-another", none=", ".join(name for name in STEPS))
    none = [name for name, count in zip(STEPS, mix) if not count]
    n["none"] = ", ".join(none)
    wrong = [
        (n["total"] > BUDGET, "more-than-can-be-read"),
        (said["aim"] == "average", "average-only"),
        (said["aim"] == "clean", "clean-first"),
        (said["because"] != "wait", "reason-does-not-hold"),
        (bool(none), "says-one-does-another"),
        (n["rw_share"] < LARGE, "large-one-falls"),
        (said["meanwhile"] == "model", "sorted-anyway"),
        (said["meanwhile"] == "ask", "sent-back"),
        (said["report"] != "each", "hides-the-worst"),
    ]
    key = next((key for is_so, key in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


LARGE = 0.60


@judge("b")
def language_is_lost(answers, hidden):
    mix = mix_of(answers)
    if mix is None:
        return not_yet("incomplete")
    if not any(mix):
        return not_attempted()
    n = mixed(mix, hidden)
    lost = n["worst_share"] <= 0.36
    if n["all_share"] >= 0.60:
        return passed(**n) if lost else not_yet("nobody-lost", **n)
    return not_yet("lost-and-bad" if lost else "looks-bad", **n)
