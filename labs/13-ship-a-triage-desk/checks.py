"""What a learner may run: tables and pictures of the lab, and instant checks on the learner's own letters."""

import json
import math
import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, passed, view

KNOWN, LANGUAGES, LIMITS = 3000, ("rw", "en", "fr", "mixed"), [0.0, 0.4, 0.5, 0.6, 0.7, 0.8]
TRAYS = ("appeal", "application", "building-permit", "complaint", "information", "invoice", "judgment",
         "land-transfer", "memo", "tender")  # fmt: skip
PERSON, LETTERS_A_WEEK, READS_A_WEEK, OTHER_LIMIT, ADDED = "person", 1000, 60, 0.60, 3
WORD = re.compile(r"(?u)\b\w\w+\b")


def beside(name):
    """A file of the lab."""
    return json.loads((Path(__file__).parent / name).read_text("utf-8"))


@lru_cache(maxsize=1)
def new_letters():
    """The letters that the model of the lab has not seen."""
    return lab.load("letters").iloc[KNOWN:].reset_index(drop=True)


def said_by(model, chance):
    """The tray that a model names for each letter, and how sure it is."""
    return model.classes_[chance.argmax(axis=1)], chance.max(axis=1)


def over_all(model, chance, new):
    """How many of all letters are right."""
    tray, _ = said_by(model, chance)
    right = float((tray == new["category"].to_numpy()).mean())
    return plots.text(lab.say("over_all", letters=len(new), right_share=right))


def surest_half(model, chance, new):
    """How many of the surest half are right, and of the others."""
    tray, sure = said_by(model, chance)
    right, upper = tray == new["category"].to_numpy(), sure >= np.median(sure)
    figures = {"sure_share": float(right[upper].mean()), "rest_share": float(right[~upper].mean())}
    return plots.text(lab.say("surest", all_share=float(right.mean()), **figures))


def limits(model, chance, new):
    """A table: what several limits route, how much of it is right, and how much in each language."""
    tray, sure = said_by(model, chance)
    right, lang = tray == new["category"].to_numpy(), new["lang"].to_numpy()
    rows = []
    for limit in LIMITS:
        routed = sure >= limit
        by = [lab.share(float(routed[lang == one].mean())) for one in LANGUAGES]
        rows.append(
            [f"{limit:.2f}", lab.share(float(routed.mean())), lab.share(float(right[routed].mean())), *by]
        )
    head = [lab.say(key) for key in ("limit", "routed", "right_of_routed", *LANGUAGES)]
    many = lab.say("how_many", **{one: int((lang == one).sum()) for one in LANGUAGES})
    return plots.table(head, rows) + plots.text(many)


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

    def find_limit(self, _model, letters):
        self.searched |= set(letters)
        return 0.6

    def right(self, _model, letters, _limit):
        self.reported |= set(letters)
        return 0.8


@check("t3")
def figure_holds(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen)


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


def routed_well(said, truth, lost_most, least=(0.50, 0.80)):
    """What a desk does with letters whose tray is known: `said` and `truth` are of equal length."""
    if not isinstance(said, (list, tuple)) or len(said) != len(truth):
        return not_yet("wrong-shape", letters=len(truth))
    if not all(isinstance(one, str) for one in said):
        return not_yet("wrong-shape", letters=len(truth))
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
    if len(routed) == len(said):
        return not_yet("never-holds-back", **n)
    if n["routed_share"] < least[0]:
        return not_yet("holds-back-too-much", **n)
    if n["right_share"] < least[1]:
        return not_yet("too-often-wrong", **n)
    if n["lost_share"] >= lost_most:
        return not_yet("appeals-lost", **n)
    return passed(**n)


def outcome_of(function, *given):
    """What a learner's function returns, and what stopped it."""
    try:
        return function(*given), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


@check("t4")
def desk_reaches_the_aims(answers):
    if answers.limit is None or answers.limit is ...:
        return not_attempted()
    if not callable(answers.route):
        return not_yet("wrong-shape", letters=len(new_letters()))
    said, problem = outcome_of(answers.route, new_letters()["text"].tolist())
    if problem:
        return not_yet("code-stops", problem=problem)
    if isinstance(said, np.ndarray):
        said = said.tolist()
    return routed_well(said, new_letters()["category"].tolist(), 0.25)


@lru_cache(maxsize=1)
def board():
    """What the board's models say of the new letters."""
    return beside("board.json")


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


CHOICES = {
    "slow": ("same", "lower", "people"),
    "shown": ("nothing", "score", "route"),
    "hears": ("model", "person", "court"),
    "late": ("gone", "arrival", "found"),
    "sign": ("team", "nobody", "head"),
}
MODELS = ("bayes", "careful", "bold")


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


@check("j")
def desk_holds_together(answers):
    return decided(answers, board(), 0.85, 0.50, 0)


@view("j")
def week_now(answers):
    n = week_of(board(), answers.model or "bayes", answers.limit or 0.3, answers.readers or 1)
    shares = [n[f"{name}_share"] for name in LANGUAGES]
    facts = {f"{name}_share": share for name, share in zip(LANGUAGES, shares)}
    with plots.figure(lab.say("who_title"), lab.say("who_alt", **facts), height=1.8) as figure:
        axes = figure.axes[0]
        axes.barh([lab.say(name) for name in LANGUAGES], [100 * one for one in shares], color=plots.CALM)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("%")
    room = n["capacity"] - n["pile"]
    enough = lab.say("enough") if room >= 0 else lab.say("not_enough", n=-room)
    rows = [
        [lab.say("routed"), lab.share(n["routed_share"])],
        [lab.say("right_of_routed"), lab.share(n["right_share"])],
        [lab.say("wrong_a_week"), n["wrong"]],
        [lab.say("appeals_lost"), n["lost"]],
        [lab.say("pile"), n["pile"]],
        [lab.say("can_read"), f"{n['capacity']} ({enough})"],
        *([lab.say("routed_in", lang=lab.say(name)), lab.share(n[f"{name}_share"])] for name in LANGUAGES),
    ]
    return figure, plots.table([lab.say("a_week"), ""], rows)


@lru_cache(maxsize=1)
def other():
    """The neighbouring office's model."""
    return beside("other-desk.json")


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


def other_desk(text):
    """What the neighbours' desk does with a letter: the tray or "person", and how sure it is."""
    tray, sure = scored(str(text), other())
    return (tray if sure >= OTHER_LIMIT else PERSON), round(sure, 2)


def words_of(tray, count=15):
    """The words that pull a letter towards a tray of the neighbours' desk, the strongest first."""
    if tray not in other()["trays"]:
        return plots.text(lab.say("no_tray", trays=", ".join(other()["trays"])))
    place = 1 + other()["trays"].index(tray)
    words = sorted(other()["words"], key=lambda word: -other()["words"][word][place])
    return words[:count]


@lru_cache(maxsize=1)
def own_appeals():
    """Appeals among the learner's letters that the neighbours' desk routes well."""
    letters = lab.load("letters")
    texts = letters.loc[letters["category"] == "appeal", "text"].tolist()
    return [text for text in texts if other_desk(text)[0] == "appeal"][:60]


def some_appeals(count=3):
    """A few appeals to try an attack on."""
    return own_appeals()[:count]


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
        return not_yet("words-taken-away")
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


@check("b")
def other_desk_is_misled(answers):
    if not callable(answers.attack):
        return not_yet("wrong-shape") if answers.attack is not None else not_attempted()
    letters = own_appeals()
    changed, problem = outcome_of(lambda: [answers.attack(one) for one in letters])
    if problem:
        return not_yet("code-stops", problem=problem)
    if all(one is None for one in changed):
        return not_attempted()
    return misled(letters, changed, other())
