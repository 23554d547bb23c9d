"""What the checks and the judge have in common."""

import math
import re

from labs.kit.checking import not_attempted, not_yet, number, passed

TRAYS = ("appeal", "application", "building-permit", "complaint", "information", "invoice", "judgment",
         "land-transfer", "memo", "tender")  # fmt: skip
WIDE, WIDE_BOARD = (0.18, (0.46, 0.80)), (0.85, 0.47, 30)
"""The judge's limits: other letters are never quite the same."""
TOO_GOOD = 0.96
"""Of routed letters, if half are routed: honest desks get about 88 of 100 right."""
UNSURE = 0.60
"""Over all, about 71 of 100 are right, so of letters of which a model is sure there are more."""
OTHER_FORMS = ("gives-nothing-back", "no-function", "wrong-shape")
PERSON, LETTERS_A_WEEK, READS_A_WEEK, OTHER_LIMIT, ADDED = "person", 1000, 60, 0.60, 3
WORD = re.compile(r"(?u)\b\w\w+\b")
# The lines of task t3, run as they stand: they are ours, the learner chooses their order.
LINES = {
    "right2": "figure = right(model, second, limit)",
    "fit": "model.fit(first)",
    "limit3": "limit = find_limit(model, third)",
    "fitall": "model.fit(letters)",
    "right3": "figure = right(model, third, limit)",
    "parts": "first, second, third = letters[:2400], letters[2400:3200], letters[3200:]",
    "limit1": "limit = find_limit(model, first)",
    "limit2": "limit = find_limit(model, second)",
}


class Watched:
    """Stands for a model and its helpers in task t3, and remembers which letters were used for what."""

    def __init__(self):
        self.fitted, self.searched, self.reported = set(), set(), set()

    def fit(self, letters):
        self.fitted |= set(letters)

    def has_learnt(self):
        """A model that has learnt nothing stops here, as it does in scikit-learn."""
        if not self.fitted:
            raise NameError("not fitted", name="model.fit(…)")

    def find_limit(self, _model, letters):
        self.has_learnt()
        self.searched |= set(letters)
        return 0.6

    def right(self, _model, letters, _limit):
        self.has_learnt()
        self.reported |= set(letters)
        return 0.8


def ordered(chosen):
    """What chosen lines do: a figure holds where its letters were used for nothing else."""
    seen = Watched()
    space = {"model": seen, "letters": list(range(4000)), "find_limit": seen.find_limit, "right": seen.right}
    try:
        exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if not chosen[-1].startswith("right"):
        return not_yet("no-figure")
    if not seen.fitted or not seen.searched or not chosen.index("fit" if "fit" in chosen else "fitall") < 3:
        return not_yet("no-figure")
    if seen.fitted & seen.reported:
        return not_yet("learnt-from-the-exam")
    if seen.searched & seen.fitted:
        return not_yet("limit-where-it-learnt")
    if seen.searched & seen.reported:
        return not_yet("limit-from-the-exam")
    return passed()


def is_per_cent(limit):
    """Whether a limit above 1 was meant in per cent."""
    return (number(limit) or 0) > 1


def desk_answers(given):
    """The trays that a desk gave back, as a list; or the key of the miss."""
    if given is None:
        return "gives-nothing-back"
    if isinstance(given, (str, dict)) or hasattr(given, "columns") or not hasattr(given, "__iter__"):
        return "wrong-shape"
    return [desk_answer(one) for one in list(given)[:5000]]


def desk_answer(one):
    """A word as it is, None for nothing, 0 for any number, and an empty list for all else."""
    if one is None or isinstance(one, str):
        return one if one is None else str(one)
    return 0 if isinstance(one, (int, float)) or hasattr(one, "dtype") else []


def right_of_routed(said, truth):
    """Of the letters that a desk routes, the share that it puts into the right tray."""
    routed = [one == where for one, where in zip(said, truth) if one != PERSON]
    return sum(routed) / max(1, len(routed))


def routed_well(said, truth, lost_most, least=(0.50, 0.80), own_share=0.0):
    """What a desk does with letters whose tray is known: `said` and `truth` are of equal length.

    `own_share` is what it reaches on the learner's own new letters: nobody who has not seen them gets them nearly all.
    """
    if said in OTHER_FORMS:
        return not_yet(said, letters=len(truth))
    if not isinstance(said, (list, tuple)):
        return not_yet("wrong-shape", letters=len(truth))
    if len(said) != len(truth):
        return not_yet("wrong-count", letters=len(truth), given=len(said))
    if any(one is None for one in said):
        return not_yet("empty-places", empty=sum(one is None for one in said))
    if not all(isinstance(one, str) for one in said):
        return not_yet("wrong-shape" if [] in said else "numbers-not-trays", letters=len(truth))
    unknown = next((one for one in said if one != PERSON and one not in TRAYS), None)
    if unknown is not None:
        return not_yet("no-such-tray", tray=unknown[:40])
    routed = [(one, where) for one, where in zip(said, truth) if one != PERSON]
    appeals = [one for one, where in zip(said, truth) if where == "appeal"]
    right = sum(one == where for one, where in routed)
    n = {
        "routed_share": len(routed) / len(said),
        "right_share": right / len(routed) if routed else 0.0,
        "lost_share": sum(one not in (PERSON, "appeal") for one in appeals) / max(1, len(appeals)),
    }
    if 0 < n["routed_share"] < 0.60 and n["right_share"] < UNSURE:
        return not_yet("routes-the-unsure", **n)
    if n["routed_share"] < least[0]:
        return not_yet("holds-back-too-much", **n)
    if max(own_share, 0.0) > TOO_GOOD:
        return not_yet("too-good-to-be-true", **n | {"right_share": own_share})
    if len(routed) == len(said):
        return not_yet("never-holds-back", **n)
    if n["right_share"] < least[1]:
        return not_yet("too-often-wrong", **n)
    if n["lost_share"] >= lost_most:
        return not_yet("appeals-lost", **n)
    return passed(**n)


CHOICES = {
    "slow": ("same", "lower", "people"),
    "shown": ("nothing", "score", "route"),
    "hears": ("model", "person", "court"),
    "late": ("gone", "arrival", "found"),
    "sign": ("team", "nobody", "head"),
}
MODELS = ("bayes", "careful", "bold")


def scored(text, desk):
    """The tray that the other desk names, and how sure it is: TF-IDF and logistic regression, as scikit-learn does."""
    counts = {}
    for word in WORD.findall(text.lower()):
        if word in desk["words"]:
            counts[word] = counts.get(word, 0) + 1
    length = math.sqrt(sum((count * desk["words"][word][0]) ** 2 for word, count in counts.items())) or 1.0
    sums = list(desk["intercept"])
    for word, count in counts.items():
        for place, weight in enumerate(desk["words"][word][1:]):
            sums[place] += count * weight / length
    most = max(sums)
    powers = [math.exp(one - most) for one in sums]
    best = powers.index(max(powers))
    return desk["trays"][best], powers[best] / sum(powers)


def added(before, after):
    """How many words were added, None where a word was taken away or changed place."""
    old, new = before.split(), after.split()
    place = 0
    for word in new:
        if place < len(old) and word == old[place]:
            place += 1
    return len(new) - len(old) if place == len(old) else None


def misled(letters, changed, desk, least=0.5):
    """Whether an attack sends appeals surely into wrong trays."""
    if not isinstance(changed, (list, tuple)) or len(changed) != len(letters):
        return not_yet("wrong-shape")
    if not all(isinstance(one, str) and len(one) <= 20_000 for one in changed):
        return not_yet("wrong-shape")
    counts = [added(before, after) for before, after in zip(letters, changed)]
    if None in counts:
        pairs = zip(letters, changed, counts, strict=True)
        glued = all(before.strip() in after for before, after, count in pairs if count is None)
        return not_yet("words-glued" if glued else "words-taken-away")
    if max(counts) > ADDED:
        return not_yet("too-many-words", words=max(counts))
    if max(counts) == 0:
        return not_yet("nothing-changed")
    after = [scored(one, desk) for one in changed]
    wrong = sum(tray != "appeal" and sure >= OTHER_LIMIT for tray, sure in after)
    held = sum(sure < OTHER_LIMIT for _, sure in after)
    n = {"letters": len(letters), "wrong": wrong, "held": held, "wrong_share": wrong / len(letters)}
    if wrong >= least * len(letters):
        return passed(**n)
    return not_yet(
        "only-made-unsure" if held > 1.5 * wrong and 4 * held > len(letters) else "still-right", **n
    )


def week_of(board, model, limit, readers):
    """What a week of the desk brings, out of 1,000 letters."""
    tray, sure = board["models"][model]["tray"], board["models"][model]["sure"]
    truth, lang, appeal = board["truth"], board["lang"], board["trays"].index("appeal")
    routed = [one >= limit for one in sure]
    right = sum(ok and said == where for ok, said, where in zip(routed, tray, truth))
    count, many = len(truth), max(1, sum(routed))
    appeals = [ok and said != appeal for ok, said, where in zip(routed, tray, truth) if where == appeal]
    n = {
        "limit": limit,
        "readers": int(readers),
        "routed_share": sum(routed) / count,
        "right_share": right / many,
        "wrong": round((sum(routed) - right) / count * LETTERS_A_WEEK),
        "pile": round((count - sum(routed)) / count * LETTERS_A_WEEK),
        "capacity": int(readers) * READS_A_WEEK,
        "lost": math.ceil(sum(appeals) / count * LETTERS_A_WEEK),
    }
    for name in ("rw", "en", "fr", "mixed"):
        own = [ok for ok, one in zip(routed, lang) if one == name]
        n[f"{name}_share"] = sum(own) / max(1, len(own))
    return n


def decided(answers, board, right, routed, spare):
    """Whether the desk reaches its aims, and whether its promises have people behind them."""
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    limit, readers = number(answers.limit), number(answers.readers)
    known = isinstance(answers.model, str) and answers.model in MODELS
    if not known or limit is None or readers is None or not (0.3 <= limit <= 0.95 and 1 <= readers <= 12):
        return not_yet("incomplete")
    n = week_of(board, answers.model, limit, readers)
    wrong = [
        (n["right_share"] < right, "too-often-wrong"),
        (n["routed_share"] < routed, "routes-too-little"),
        (n["pile"] > n["capacity"] + spare, "more-than-readers-can-read"),
        (said["slow"] == "same", "same-limit-is-equal"),
        (said["slow"] == "lower", "worse-for-the-few"),
        (said["shown"] != "route", "nobody-is-told"),
        (said["hears"] != "person", "appeal-without-a-person"),
        (said["late"] != "arrival", "deadline-lost"),
        (said["sign"] != "head", "nobody-signs"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)
