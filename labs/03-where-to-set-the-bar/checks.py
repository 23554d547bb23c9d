"""What a learner may run: pictures and tables of the lab, and instant checks on the learner's own data."""

from functools import lru_cache

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, near, not_attempted, not_yet, number, passed, view
from labs.kit.urgent_files import facts, trained  # noqa: F401 - the notebook calls `desk.facts`
from shared import AIM, NEAR, NEAR_ROOM, ROOM, STEPS, bar_verdict, decision_verdict, harm_of, looks_below

KNOWN = 4000
WEEKS = 17
FILES_A_READER = 8
BREAK_BAR = 0.06
BARS = [0.50, 0.30, 0.20, 0.10, 0.05, 0.02]


@lru_cache(maxsize=1)
def pile():
    """The new files with their scores, made here again so that no cell has to have been run before."""
    cases = lab.load("urgent-cases")
    known, new = cases.iloc[:KNOWN], cases.iloc[KNOWN:]
    return new.assign(score=trained(known, new)).reset_index(drop=True)


def count(scores, urgent, bar):
    """What a bar does: files, files read, urgent people, those found, and how often the answer is right."""
    flagged, urgent = np.asarray(scores) >= bar, np.asarray(urgent, bool)
    files, ill = len(urgent), int(urgent.sum())
    found = int((flagged & urgent).sum())
    return {
        "bar": bar,
        "files": files,
        "read": int(flagged.sum()),
        "read_share": float(flagged.mean()) if files else 0.0,
        "urgent": ill,
        "found": found,
        "found_share": found / ill if ill else 0.0,
        "right_share": float((flagged == urgent).mean()) if files else 0.0,
    }


def outcome(scores, new, bar):
    """One sentence on what a bar does."""
    return plots.text(lab.say("at_bar", **count(scores, new["urgent"], bar)))


def bars(scores, new, wanted=tuple(BARS)):
    """A table: what several bars do."""
    head = [lab.say(key) for key in ("bar", "files_read", "found", "missed", "right")]
    rows = []
    for bar in wanted:
        n = count(scores, new["urgent"], bar)
        of = lab.say("of", part=n["found"], whole=n["urgent"])
        rows.append([f"{bar:.2f}", n["read"], of, n["urgent"] - n["found"], lab.share(n["right_share"])])
    return plots.table(head, rows)


def picture(scores, new):
    """Where the scores of urgent and other files lie."""
    urgent = new["urgent"].to_numpy(bool)
    alt = lab.say("pile_alt", urgent=int(urgent.sum()), others=int((~urgent).sum()))
    with plots.figure(lab.say("pile_title"), alt, rows=2) as figure:
        edges = np.arange(0, 0.5001, 0.02)
        groups = [("pile_other", ~urgent, plots.CALM), ("pile_urgent", urgent, plots.WARN)]
        for axes, (key, chosen, colour) in zip(figure.axes, groups):
            axes.hist(scores[chosen], edges, color=colour, edgecolor="white", linewidth=0.5)
            axes.set_title(lab.say(key, n=int(chosen.sum())), loc="left", fontsize=9)
            axes.set_ylabel(lab.say("pile_files"))
        figure.axes[-1].set_xlabel(lab.say("pile_axis"))
    return figure


# The lines of task t3, run as they stand: they are ours, the learner chooses their order.
LINES = {
    "right": "share = (flagged == urgent).mean()",
    "urgent": 'urgent = trial["urgent"]',
    "share": "share = found.sum() / urgent.sum()",
    "below": "flagged = scores <= bar",
    "found": "found = flagged & urgent",
    "flagged": "flagged = scores >= bar",
    "read": "share = found.sum() / flagged.sum()",
}


@check("t3")
def lines_give_recall(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(one in LINES for one in chosen):
        return not_yet("incomplete")
    new = pile()
    space = {"scores": new["score"], "trial": new, "bar": 0.05}
    try:
        exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if "share" not in space or not chosen[-1] in ("share", "right", "read"):
        return not_yet("no-share")
    if looks_below(chosen):
        return not_yet("wrong-side")
    n = count(new["score"], new["urgent"], 0.05)
    if abs(space["share"] - n["found_share"]) < 1e-9:
        return passed(**n)
    key = "share-of-right-answers" if chosen[-1] == "right" else "share-of-files-read"
    return not_yet(key, share=float(space["share"]))


@check("t4")
def bar_reaches_the_aim(answers):
    if answers.bar is None or answers.bar is ...:
        return not_attempted()
    bar = number(answers.bar)
    if bar is None:
        return not_yet("not-a-number")
    if bar < 0 or bar > 1:
        return not_yet("per-cent", bar=bar)
    new = pile()
    n = count(new["score"], new["urgent"], bar)
    return near(bar_verdict(n, bar, AIM), bar_verdict(n, bar, NEAR))


def desk(answers):
    """What the three sliders of task j do."""
    new = pile()
    bar, staff, cost = answers.bar or 0.5, answers.staff or 1, answers.cost or 1
    n = count(new["score"], new["urgent"], bar)
    read_week, capacity = round(n["read"] / WEEKS), staff * FILES_A_READER
    harm = harm_of(n, cost)
    return n | {"staff": staff, "cost": cost, "read_week": read_week, "capacity": capacity, "harm": harm}


@check("j")
def decision_holds_together(answers):
    questions = [answers.first, answers.because, answers.signs, answers.below]
    if not any(questions):
        return not_attempted()
    bar, staff, cost = (number(one) for one in (answers.bar, answers.staff, answers.cost))
    within = bar and 0 < bar <= 0.5 and staff and 1 <= staff <= 10 and cost and 1 <= cost <= 60
    if not all(questions) or not within:
        return not_yet("incomplete")
    said = {name: getattr(answers, name) for name in ("first", "because", "signs", "below")}
    n = desk(answers)
    return near(decision_verdict(said, n, curve(), ROOM), decision_verdict(said, n, curve(), NEAR_ROOM))


@lru_cache(maxsize=1)
def curve():
    """Found and read at every bar of the slider."""
    new = pile()
    return [count(new["score"], new["urgent"], bar) for bar in STEPS]


@view("j")
def desk_now(answers):
    n, points = desk(answers), curve()
    alt = lab.say("curve_alt", **n)
    with plots.figure(lab.say("curve_title"), alt) as figure:
        axes = figure.axes[0]
        at = [p["bar"] for p in points]
        axes.plot(at, [100 * p["found_share"] for p in points], color=plots.WARN)
        axes.plot(at, [100 * p["read_share"] for p in points], color=plots.CALM, linestyle="--")
        axes.axvline(n["bar"], color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("curve_found"), (0.14, 56), color=plots.WARN, fontsize=9)
        axes.annotate(lab.say("curve_read"), (0.07, 20), color=plots.CALM, fontsize=9)
        axes.set_xlabel(lab.say("bar"))
        axes.set_ylabel("%")
        axes.set_ylim(0, 100)
    spare = n["capacity"] - n["read_week"]
    best = min(points, key=lambda p: harm_of(p, n["cost"]))
    room = lab.say("enough") if spare >= 0 else lab.say("not_enough", n=-spare)
    rows = [
        [lab.say("read_week"), n["read_week"]],
        [lab.say("capacity"), f"{n['capacity']} ({room})"],
        [
            lab.say("found"),
            f"{lab.say('of', part=n['found'], whole=n['urgent'])} ({lab.share(n['found_share'])})",
        ],
        [lab.say("missed"), n["urgent"] - n["found"]],
        [lab.say("harm"), f"{lab.count(n['harm'])} ({lab.say('least_harm', bar=best['bar'])})"],
    ]
    return figure, plots.table([lab.say("week"), ""], rows)


def group(answers):
    """The people whom the menus of task b choose."""
    people = pile()
    for name in ("circumstance", "service", "urban_rural"):
        value = getattr(answers, name)
        if value and value != "any":
            people = people[people[name] == value]
    return count(people["score"], people["urgent"], BREAK_BAR)


@check("b")
def group_is_not_seen(answers):
    if all(getattr(answers, name) in (None, "any") for name in ("circumstance", "service", "urban_rural")):
        return not_attempted()
    n = group(answers)
    if n["urgent"] < 10:
        return not_yet("too-few-people", **n)
    if n["read_share"] > 0.5:
        return not_yet("everybody-flagged", **n)
    if n["found_share"] > 0.10:
        return not_yet("it-still-finds-them", **n)
    if n["right_share"] < 0.95:
        return not_yet("not-right-enough", **n)
    return passed(**n)


@view("b")
def group_now(answers):
    n = group(answers)
    tick = {True: "✓", False: "–"}
    rows = [
        [lab.say("group"), n["files"], "", ""],
        [lab.say("group_urgent"), n["urgent"], lab.say("at_least", n=10), tick[n["urgent"] >= 10]],
        [lab.say("found"), f"{n['found']} ({lab.share(n['found_share'])})", lab.say("at_most", n=lab.share(0.1)),
         tick[n["urgent"] > 0 and n["found_share"] <= 0.1]],
        [lab.say("right"), lab.share(n["right_share"]), lab.say("at_least", n=lab.share(0.95)),
         tick[n["right_share"] >= 0.95]],
    ]  # fmt: skip
    return (plots.table([lab.say("at_bar_short", bar=BREAK_BAR), "", lab.say("wanted"), ""], rows),)
