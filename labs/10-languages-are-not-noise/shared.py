"""What the checks and the judge have in common."""

from labs.kit.checking import not_attempted, not_yet, number, passed

LANGUAGES = ("rw", "en", "fr", "mixed")
BUDGET = 1800
STEPS = {"rw": (0, 600, 1200, 1800), "en": (0, 250, 500, 750), "fr": (0, 120, 240), "mixed": (0, 100)}
"""The steps of the four sliders."""
LARGE = 0.60
"""Of the letters in Kinyarwanda, at least so many have to be right."""

SEEN = 0.77
"""Of all new letters: a model that has not seen them gets about 70 of 100 right, never so many."""


def gain_of(before, now):
    """How many letters more are right than before, of how many, and between what numbers in 100 the true gain may be.

    `before` and `now` say of the same letters whether each was right: a 95% interval of a paired difference.
    """
    whole = len(before)
    won = sum(new and not old for old, new in zip(before, now))
    lost = sum(old and not new for old, new in zip(before, now))
    gain = won - lost
    half = 1.96 * max(0.0, won + lost - gain * gain / whole) ** 0.5
    low, high = (round(100 * (gain + side * half) / whole) for side in (-1, 1))
    return {"gain": gain, "fr_letters": whole, "low": low, "high": high}


TROUBLES = {
    "not-fitted": ("NotFittedError",),
    "reads-no-text": ("could not convert string to float", "Expected 2D array", "dtype='numeric'"),
    "no-model": ("has no attribute 'predict'", "required positional argument"),
}
"""Words of Python and scikit-learn that tell what is wrong with a model."""


def stopped(problem):
    """The verdict on a model that could not be asked; `problem` is the error in one line."""
    for key, words in TROUBLES.items():
        if any(one in problem for one in words):
            return not_yet(key)
    return not_yet("does-not-answer", problem=problem[:120])


LINES = {
    "worst": ("worst", "by_group"),
    "right": ("right", "guessed"),
    "tray": ("by_group", "right"),
    "guessed": ("guessed", None),
    "lang": ("by_group", "right"),
    "average": ("worst", "right"),
    "rare": ("worst", "by_group"),
}
"""What each line of task t3 makes, and what it needs."""
QUESTIONS = {
    "aim": ("average", "worst", "clean"),
    "because": ("wait", "tools", "few"),
    "meanwhile": ("model", "ask", "people"),
    "report": ("one", "best", "each"),
}


def lines_verdict(chosen, figures):
    """The verdict on the lines of task t3; `figures` are shares by language, over all and of the worst tray."""
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
    n = figures()
    if chosen[-1] == "average":
        return not_yet("average-again", share=n["all_share"])
    if chosen[-1] == "rare":
        return not_yet("smallest-is-not-worst")
    if "tray" in chosen:
        return not_yet("by-tray", share=n["tray_share"])
    return passed(worst_share=min(n[f"{one}_share"] for one in LANGUAGES), all_share=n["all_share"])


def figures_verdict(n, seen, before, limits):
    """The verdict on a model: `n` are its shares, `seen` that of the learner's own letters, `before` French as it was.

    `limits` are: least for any model that knows Kinyarwanda, least there, gain in French, least in English.
    """
    wrong = [
        (seen >= SEEN, "has-seen-the-exam"),
        (n["rw_share"] < limits[0], "english-only"),
        (n["rw_share"] < limits[1], "takes-from-the-many"),
        (n["fr_share"] < before + limits[2], "french-left-behind"),
        (n["en_share"] < limits[3], "english-fell"),
    ]
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def mix_of(answers):
    """The four sliders, or None if one of them is not at a step."""
    given = [0.0 if getattr(answers, name) is None else number(getattr(answers, name)) for name in STEPS]
    good = all(one is not None and one in STEPS[name] for name, one in zip(STEPS, given))
    return [int(one) for one in given] if good else None


def mix_verdict(answers, mixed, named):
    """The verdict on task j; `mixed` gives the figures of a mix, `named` a language's name."""
    said = {name: getattr(answers, name) for name in QUESTIONS}
    if not any(said.values()):
        return not_attempted()
    mix = mix_of(answers)
    if mix is None or not all(isinstance(said[k], str) and said[k] in QUESTIONS[k] for k in QUESTIONS):
        return not_yet("incomplete")
    n = mixed(mix)
    if n is None:
        return not_yet("says-one-does-another", none=", ".join(named(name) for name in STEPS))
    none = [named(name) for name, count in zip(STEPS, mix) if not count]
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
    key = next((name for is_so, name in wrong if is_so), None)
    return not_yet(key, **n) if key else passed(**n)


def loss_verdict(answers, mixed, lost_below, good_from):
    """The verdict on task b: a good average, and a language that is lost."""
    mix = mix_of(answers)
    if mix is None:
        return not_yet("incomplete")
    if not any(mix):
        return not_attempted()
    n = mixed(mix)
    lost = n["worst_share"] <= lost_below
    if n["all_share"] >= good_from:
        return passed(**n) if lost else not_yet("nobody-lost", **n)
    return not_yet("lost-and-bad" if lost else "looks-bad", **n)
