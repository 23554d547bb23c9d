"""What a learner may run: models, tables and live views of the lab, and instant checks on the learner's own data."""

import re
from functools import lru_cache

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, number, view
from labs.kit.show import Shown, panel
from shared import (
    KINDS,
    KNOWN,
    LONGEST,
    changes_of,
    decision_verdict,
    letter_verdict,
    lines_verdict,
    rerouted_verdict,
    setting_verdict,
)

TOKEN = re.compile(r"(?u)\b\w\w+\b")
"""What the models take for a word: scikit-learn's own rule for TfidfVectorizer."""
CAPACITY = 500


@lru_cache(maxsize=1)
def letters():
    """The learner's own letters, so that no cell has to have been run before."""
    return lab.load("letters")


def new_model(kind):
    """A model that has not learnt yet: word counts, weighted, then one of two ways of learning."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    learner = MultinomialNB() if kind == "bayes" else LogisticRegression(max_iter=300, C=3)
    return make_pipeline(TfidfVectorizer(), learner)


@lru_cache(maxsize=12)
def learnt(kind, size):
    """A model that learnt from the first `size` letters."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # Several threads on so small a task only wait for each other.
        some = letters().iloc[:size]
        return new_model(kind).fit(some["text"], some["category"])


def learn(kind, known):
    """The same, from letters in the order of the file."""
    return learnt(kind, len(known))


def tray(name):
    """A tray in the learner's language."""
    return lab.say(name.replace("-", "_"))


def read(some):
    """Three letters in the learner's language, with their tray."""
    language = lab.lesson.language
    mine = some[some["lang"] == language].reset_index(drop=True)
    shown = Shown("", "")
    for place in (0, 4, 7):
        row = mine.iloc[place]
        shown = (
            shown
            + plots.text(lab.say("filed", tray=tray(row["category"])))
            + plots.marked(row["text"].strip(), [])
        )
    return shown


def score(model, some):
    """How often the model is right on some letters, as a sentence."""
    guess = model.predict(some["text"])
    right = int((guess == some["category"]).sum())
    return plots.text(lab.say("score", right=right, files=len(some), share=right / len(some)))


def trays(model, some):
    """For each tray: the letters that belong there, those that arrived, and where most others went."""
    guess = model.predict(some["text"])
    rows = []
    for name, n in some["category"].value_counts().items():
        here = (some["category"] == name).to_numpy()
        went = dict(zip(*np.unique(guess[here], return_counts=True), strict=True))
        found = int(went.pop(name, 0))
        astray = sorted(went.items(), key=lambda pair: -pair[1])[:2]
        where = ", ".join(f"{tray(other)} {count}" for other, count in astray)
        rows.append([tray(name), n, found, f"{100 * found / n:.0f}", where])
    return plots.table([lab.say(k) for k in ("tray", "belong", "arrived", "in_100", "others")], rows)


def quality(kind, size):
    """How good a setting is on the learner's new letters."""
    from sklearn.metrics import f1_score

    some = letters().iloc[KNOWN:]
    guess = learnt(kind, size).predict(some["text"])
    return {
        "kind": kind,
        "size": size,
        "right_share": float((guess == some["category"]).mean()),
        "average": round(float(f1_score(some["category"], guess, average="macro", zero_division=0)), 2),
    }


def measure(kind, size):
    """What a setting of task t4 reaches, as a table."""
    size = number(size)
    kind = kind if isinstance(kind, str) and kind in KINDS else None
    if kind is None or size is None or not 20 <= size <= KNOWN or size != int(size):
        return plots.text(lab.say("write_first"))
    n = quality(kind, int(size))
    rows = [
        [lab.say("right"), lab.share(n["right_share"]), lab.share(0.68)],
        [lab.say("average"), f"{n['average']:.2f}", "0.60"],
    ]
    return plots.table([lab.say("setting", kind=kind, size=int(size)), "", lab.say("aim")], rows)


def sorted_by_model(text):
    """Trays with their chance, the surest first, and each known word's push towards the first against the second."""
    model = learnt("logistic", KNOWN)
    vector = model[0].transform([text])
    chances = model[1].predict_proba(vector)[0]
    order = np.argsort(-chances)
    pushes = model[1].coef_[order[0]] - model[1].coef_[order[1]]
    names = model[0].get_feature_names_out()
    found = {names[n]: float(value * pushes[n]) for n, value in zip(vector.indices, vector.data, strict=True)}
    return [(str(model[1].classes_[n]), float(chances[n])) for n in order], found


def seen(text):
    """A letter as the model sees it: its tray, the letter with the strongest words marked, and the same as a table."""
    if not TOKEN.findall(text):
        return (plots.text(lab.say("write_letter")),)
    chances, pushes = sorted_by_model(text)
    (first, sure), (second, less) = chances[:2]
    sentence = lab.say("goes_to", tray=tray(first), sure_share=sure, second=tray(second), second_share=less)
    if not pushes:
        return panel("note", [lab.say("no_word")]), plots.text(sentence)
    strongest = sorted(pushes, key=lambda word: -abs(pushes[word]))[:8]
    pieces = [
        (match.start(), match.end(), tray(first if pushes[match[0].lower()] > 0 else second))
        for match in TOKEN.finditer(text)
        if match[0].lower() in strongest
    ]
    rows = [
        [word, f"{pushes[word]:+.2f}", lab.say("towards", tray=tray(first if pushes[word] > 0 else second))]
        for word in strongest
    ]
    head = [lab.say("word"), lab.say("weight"), lab.say("pushes")]
    return (
        panel("note", [sentence]),
        plots.marked(text, pieces),
        plots.table(head, rows),
        plots.text(lab.say("key")),
    )


@view("w")
def own_letter_now(answers):
    return seen(str(answers.letter or "")[:LONGEST])


@check("w")
def order_does_not_count(answers):
    def known_words(text):
        return len(sorted_by_model(text)[1])

    return letter_verdict(
        answers.letter, answers.order, known_words, lambda text: tray(sorted_by_model(text)[0][0][0])
    )


@check("t3")
def lines_make_a_fair_test(answers):
    return lines_verdict(answers.lines, lambda: quality("logistic", KNOWN)["right_share"])


@check("t4")
def setting_reaches_both_aims(answers):
    return setting_verdict(answers.kind, answers.size, quality, 0.68, 0.60)


@lru_cache(maxsize=1)
def sureness():
    """For the new letters: how sure the model is, and whether it is right."""
    some = letters().iloc[KNOWN:]
    model = learnt("logistic", KNOWN)
    chances = model.predict_proba(some["text"])
    right = model[1].classes_[chances.argmax(axis=1)] == some["category"].to_numpy()
    return chances.max(axis=1), right


def at_bar(bar):
    """Of 1,000 letters: those the model sorts alone, wrong ones among them, and those that a person reads."""
    sure, right = sureness()
    alone = sure >= bar / 100
    wrong = int((alone & ~right).sum() * 1000 / len(sure))
    by_model = int(alone.sum() * 1000 / len(sure))
    return {
        "bar": int(bar),
        "alone": by_model,
        "wrong": wrong,
        "wrong_share": wrong / max(1, by_model),
        "read": 1000 - by_model,
    }


@view("j")
def bar_now(answers):
    n = at_bar(number(answers.bar) or 0)
    points = [at_bar(bar) for bar in range(0, 100, 5)]
    with plots.figure(lab.say("curve_title"), lab.say("curve_alt", **n)) as figure:
        axes = figure.axes[0]
        at = [point["bar"] for point in points]
        axes.plot(at, [point["read"] for point in points], color=plots.CALM, linestyle="--")
        axes.plot(at, [point["wrong"] for point in points], color=plots.WARN)
        axes.axvline(n["bar"], color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("read"), (50, 480), color=plots.CALM, ha="right", va="bottom")
        axes.annotate(lab.say("wrong"), (3, 300), color=plots.WARN, va="bottom")
        axes.set_xlabel(lab.say("bar"))
        axes.set_ylabel(lab.say("of_1000"))
        axes.set_ylim(0, 1000)
    room = lab.say("enough") if n["read"] <= CAPACITY else lab.say("not_enough", n=n["read"] - CAPACITY)
    rows = [
        [lab.say("alone"), n["alone"]],
        [lab.say("wrong"), f"{n['wrong']} ({lab.share(n['wrong_share'])})"],
        [lab.say("read"), f"{n['read']} ({room})"],
    ]
    return plots.table([lab.say("of_1000"), ""], rows), figure


@check("j")
def decision_holds_together(answers):
    return decision_verdict(answers, at_bar, 0.20, CAPACITY)


@view("b")
def rerouted_now(answers):
    text = str(answers.letter or "")[:LONGEST]
    return (*seen(text), plots.text(lab.say("changed", n=changes_of(text), most=3)))


@check("b")
def letter_is_rerouted(answers):
    # A clear lead; the judge, whose weights are rounded, asks for any.
    return rerouted_verdict(answers.letter, lambda text: sorted_by_model(text)[0], tray, 0.15)
