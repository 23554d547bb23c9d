"""What a learner may run: tables and pictures of the lab, and instant checks on the learner's own letters."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, near, not_attempted, not_yet, number, outcome_of, unanswered, view
from shared import (
    LINES,
    OTHER_LIMIT,
    PERSON,
    WIDE,
    WIDE_BOARD,
    WORD,
    desk_answers,
    decided,
    is_per_cent,
    misled,
    ordered,
    right_of_routed,
    routed_well,
    scored,
    week_of,
)

HIGHER_LIMIT = 0.90
FEW = 7
"""So many letters show whether a desk answers those that it is given, or always the same."""
KNOWN, LANGUAGES, LIMITS = 3000, ("rw", "en", "fr", "mixed"), [0.0, 0.4, 0.5, 0.6, 0.7, 0.8]


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
    """Two tables: what several limits route and how much of it is right; and how much in each language."""
    tray, sure = said_by(model, chance)
    right, lang = tray == new["category"].to_numpy(), new["lang"].to_numpy()
    all_rows, by_language = [], []
    for limit in LIMITS:
        routed, said = sure >= limit, f"{limit:.2f}"
        all_rows.append([said, lab.share(float(routed.mean())), lab.share(float(right[routed].mean()))])
        by_language.append([said, *(lab.share(float(routed[lang == one].mean())) for one in LANGUAGES)])
    many = lab.say("how_many", **{one: int((lang == one).sum()) for one in LANGUAGES})
    # One table for both would hide its last languages on a phone.
    return (
        plots.table([lab.say(key) for key in ("limit", "routed", "right_of_routed")], all_rows)
        + plots.text(lab.say("routed_by_language"))
        + plots.table([lab.say(key) for key in ("limit", *LANGUAGES)], by_language)
        + plots.text(many)
    )


@check("t3")
def figure_holds(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    return ordered(chosen)


@check("t4")
def desk_reaches_the_aims(answers):
    is_blank = unanswered(answers.limit)
    letters = new_letters()["text"].tolist()
    if answers.route is not None and not callable(answers.route):
        return not_yet("no-function")
    given, problem = outcome_of(answers.route, letters)
    if is_blank and (problem or unanswered(given)):
        return not_attempted()  # With a limit inside `route` it would have run.
    if problem:
        return not_yet("code-stops", problem=problem)
    if is_per_cent(answers.limit):
        return not_yet("per-cent", limit=number(answers.limit))
    said, few = desk_answers(given), desk_answers(outcome_of(answers.route, letters[:FEW])[0])
    if isinstance(few, list) and len(few) == len(letters):
        return not_yet("wrong-count", letters=FEW, given=len(few))
    truth = new_letters()["category"].tolist()
    own = right_of_routed(said, truth) if isinstance(said, list) and len(said) == len(truth) else 0.0
    verdict = routed_well(said, truth, 0.25, own_share=own)
    return near(verdict, routed_well(said, truth, *WIDE, own))


@lru_cache(maxsize=1)
def board():
    """What the board's models say of the new letters."""
    return beside("board.json")


@check("j")
def desk_holds_together(answers):
    return near(decided(answers, board(), 0.85, 0.50, 0), decided(answers, board(), *WIDE_BOARD))


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


def hangs_on_one_word(text):
    """Whether the neighbours' desk would name another tray, were the heaviest word of the letter not there."""
    tray, _ = scored(text, other())
    place = 1 + other()["trays"].index(tray)
    words = [word for word in WORD.findall(text.lower()) if word in other()["words"]]
    if not words:
        return True
    heaviest = max(set(words), key=lambda word: (words.count(word) * other()["words"][word][place], word))
    rest = " ".join(word for word in words if word != heaviest)
    return scored(rest, other())[0] != tray


def repairs(attack):
    """What two repairs of the neighbours' desk hold back: of the misled letters, and of appeals nobody touched."""
    good = own_appeals()
    changed, _ = outcome_of(lambda: [str(attack(one)) for one in good])
    wrong = [one for one in changed or [] if other_desk(one)[0] not in ("appeal", PERSON)]
    if not wrong:
        return plots.text(lab.say("repair_none"))
    held = {
        "repair_limit": lambda one: scored(one, other())[1] < HIGHER_LIMIT,
        "repair_again": hangs_on_one_word,
    }
    rows = [
        [lab.say(key), *(f"{sum(map(holds, some))} / {len(some)}" for some in (wrong, good))]
        for key, holds in held.items()
    ]
    return plots.table([lab.say(key) for key in ("repair", "repair_misled", "repair_good")], rows)


@check("b")
def other_desk_is_misled(answers):
    if unanswered(answers.attack):
        return not_attempted()
    letters = own_appeals()
    changed, problem = outcome_of(lambda: [answers.attack(one) for one in letters])
    if problem:
        return not_yet("code-stops", problem=problem)
    if all(unanswered(one) for one in changed):
        return not_attempted()
    return misled(letters, changed, other())
