"""What a learner may run: what five things did, six visits and their votes, a tree with one question."""

from functools import lru_cache

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, order_verdict, passed, view
from shared import (
    ORDER,
    VISITS,
    WRONG_STEPS,
    neighbours,
    place_of,
    place_verdict,
    tree_of,
    tree_verdict,
    votes,
)


# What the cells show.


def after_a_month():
    """A table: who wrote down what each thing does, and what it does after a month."""
    lines = [("sums", "by_factory"), ("queue", "by_firm"), ("phone", "by_nobody"), ("sheet", "by_officer")]
    lines.append(("voice", "by_list"))
    rows = [
        [lab.say(thing), lab.say(who), lab.say("offers" if thing == "phone" else "same")]
        for thing, who in lines
    ]
    return plots.table([lab.say("thing"), lab.say("who"), lab.say("month")], rows)


def six_visits(papers=None, boxes=None):
    """The six visits as a picture and as a table; with a place, the new visitor too."""
    at = (papers, boxes) if papers is not None else ("–", "–")
    alt = lab.say("six_alt", papers=at[0], boxes=at[1])
    with plots.figure(lab.say("six_title"), alt, height=2.6) as picture:
        axes = picture.axes[0]
        for letter, (x, y, was) in VISITS.items():
            colour, mark = (plots.WARN, "^") if was == "long" else (plots.CALM, "o")
            axes.plot([x], [y], mark, color=colour, markersize=9)
            axes.annotate(letter, (x, y), textcoords="offset points", xytext=(8, -3))
        if papers is not None:
            for letter in neighbours(papers, boxes)[:3]:
                axes.plot([papers, VISITS[letter][0]], [boxes, VISITS[letter][1]], ":", color=plots.INK)
            axes.plot([papers], [boxes], "*", color=plots.INK, markersize=13)
        axes.set_xlim(-0.5, 9.5)
        axes.set_ylim(-0.5, 9.5)
        axes.set_xlabel(lab.say("papers"))
        axes.set_ylabel(lab.say("boxes"))
    head = [lab.say(name) for name in ("visit", "papers", "boxes", "was")]
    rows = [[letter, x, y, lab.say(was)] for letter, (x, y, was) in VISITS.items()]
    return picture + plots.table(head, rows)


# Task t3: the steps.


@check("t3")
def steps_in_order(answers):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


# Task b: the neighbour that misleads.


@check("b")
def neighbour_misleads(answers):
    if answers.papers is None and answers.boxes is None:
        return not_attempted()
    place = place_of(answers.papers, answers.boxes)
    if place is None:
        return not_yet("incomplete")
    key, facts = place_verdict(place)
    return passed() if key == "passed" else not_yet(key, **facts)


@view("b")
def neighbours_now(answers):
    place = place_of(answers.papers, answers.boxes) or (9, 9)
    order = neighbours(*place)
    said = lab.say(
        "nearest_says",
        letter=order[0],
        one=lab.say(VISITS[order[0]][2]),
        letters=", ".join(order[:3]),
        three=lab.say(votes(order[:3])),
    )
    return six_visits(*place), plots.text(said)


# Task t4: a tree with one question.


@lru_cache(maxsize=1)
def visits():
    """Assia's visits."""
    return lab.load("counter-visits")


@check("t4")
def tree_is_right(answers):
    if answers.question is None and answers.limit is None:
        return not_attempted()
    tree = tree_of(answers.question, answers.limit)
    if tree is None:
        return not_yet("incomplete")
    key, facts = tree_verdict(*tree, visits()[tree[0]].tolist(), visits()["long"].tolist())
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@view("t4")
def tree_now(answers):
    question, limit = tree_of(answers.question, answers.limit) or ("hour", 0)
    table = visits()
    goes = table[question] >= limit
    yes, no = int(goes.sum()), int((~goes).sum())
    yes_long, no_short = int((goes & table["long"]).sum()), int((~goes & ~table["long"]).sum())
    asks = lab.say("question", question=lab.say(f"q_{question}"), limit=limit)
    facts = {"yes": yes, "yes_long": yes_long, "no": no, "no_short": no_short}
    with plots.figure(lab.say("tree_title"), lab.say("tree_alt", **facts), height=1.9) as picture:
        axes = picture.axes[0]
        axes.axis("off")
        box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": plots.INK}
        axes.plot([0.5, 0.2], [0.85, 0.2], color=plots.WARN)
        axes.plot([0.5, 0.8], [0.85, 0.2], color=plots.CALM)
        axes.text(0.5, 0.85, asks, ha="center", va="center", bbox=box)
        for x, word, n, right, name in (
            (0.2, "yes", yes, yes_long, "really_long"),
            (0.8, "no", no, no_short, "really_short"),
        ):
            leaf = f"{lab.say(word)}\n{n} {lab.say('visits')}, {right} {lab.say(name)}"
            axes.text(x, 0.2, leaf, ha="center", va="center", bbox=box)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
    right = yes_long + no_short
    said = lab.say("tree_right", right=right, visits=len(table), right_share=right / len(table))
    head = [asks, lab.say("visits"), lab.say("really_long"), lab.say("really_short")]
    rows = [[lab.say("yes"), yes, yes_long, yes - yes_long], [lab.say("no"), no, no - no_short, no_short]]
    return picture, plots.table(head, rows), plots.text(said)
