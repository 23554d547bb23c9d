"""What a learner may run: tables and pictures of the lab, and instant checks on the learner's own list."""

import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, number, plain_data, unanswered, view
from shared import (
    LINES,
    SECRET,
    at_bar,
    broken,
    decided,
    is_per_cent,
    judged,
    measured,
    near_pairs,
    ordered,
    proposed,
    read_well,
)

BARS = [0.90, 0.80, 0.72, 0.60, 0.50]
NEAREST = 6
FRANCS = 17_500


@lru_cache(maxsize=1)
def payments_now():
    """The list, loaded again so that no cell has to have been run before."""
    empty = {"given": "", "second": "", "family": "", "born": ""}
    return lab.load("same-citizen").fillna(empty)


def true_pairs(payments):
    """Pairs of places in the list that are one person."""
    rows = payments.reset_index(drop=True).groupby("person").indices.values()
    return {(int(a), int(b)) for group in rows for a in group for b in group if a < b}


def exact_matches(payments):
    """What a plain comparison finds: the same number, the same phone, one of both, the same writing of the name."""
    true = true_pairs(payments)
    by = {name: equal_pairs(payments, columns) for name, columns in
          {"identity": ["identity"], "phone": ["phone"], "name": ["given", "family"]}.items()}  # fmt: skip
    by["either"] = by["identity"] | by["phone"]
    rows = []
    for name in ("identity", "phone", "either", "name"):
        n = measured(by[name], true)
        rows.append(
            [
                lab.say(f"same_{name}"),
                n["pairs"],
                lab.share(n["recall_share"]),
                lab.share(n["precision_share"]),
            ]
        )
    head = [lab.say(key) for key in ("compared", "proposed", "recall", "precision")]
    said = lab.say("exact", share=measured(by["identity"], true)["recall_share"], true=len(true))
    return plots.text(said) + plots.table(head, rows)


def equal_pairs(payments, columns):
    """Pairs of places whose `columns` are all the same."""
    rows = payments.reset_index(drop=True).groupby(columns).indices.values()
    return {(int(a), int(b)) for group in rows for a in group for b in group if a < b}


def bars(distance, near, payments):
    """A table: what several bars propose."""
    true, every = true_pairs(payments), len(payments) * (len(payments) - 1) // 2
    head = [lab.say(key) for key in ("bar", "proposed", "one_person", "recall", "right_of_all")]
    rows = []
    for bar in BARS:
        n = measured(near_pairs(distance, near, bar), true)
        mistakes = n["wrong"] + n["true"] - n["right"]
        right = math.floor(1000 * (1 - mistakes / every)) / 10
        of = lab.say("of_pairs", right=n["right"], share=n["precision_share"])
        rows.append([f"{bar:.2f}", n["pairs"], of, lab.share(n["recall_share"]), f"{right:.1f}%"])
    return plots.text(lab.say("every_pair", every=every)) + plots.table(head, rows)


def pairs(vectors, numbers, alike):
    """Pairs of payment numbers among each payment's nearest neighbours that are at least `alike`."""
    from sklearn.neighbors import NearestNeighbors

    count = min(NEAREST, vectors.shape[0])
    distance, near = NearestNeighbors(n_neighbors=count, metric="cosine").fit(vectors).kneighbors(vectors)
    numbers = list(numbers)
    return [(numbers[a], numbers[b]) for a, b in sorted(near_pairs(distance, near, alike))]


@lru_cache(maxsize=1)
def nearest():
    """Neighbours of the list's first payments, by their names."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    some = payments_now().head(200)
    names = (some["given"] + " " + some["family"]).str.lower()
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(names)
    return NearestNeighbors(n_neighbors=NEAREST, metric="cosine").fit(vectors).kneighbors(vectors)


@check("t3")
def lines_give_pairs(answers):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 5 or not all(one in LINES for one in chosen):
        return not_yet("incomplete")
    distance, near = nearest()
    return ordered(chosen, distance, near)


@check("t4")
def search_reaches_the_aim(answers):
    found, problem = outcome_of(answers.find_pairs)
    if unanswered(answers.alike) and unanswered(found):
        return not_attempted()  # With a bar inside `find_pairs` there would be pairs.
    if problem:
        missing = next((name for name in SECRET if problem == f"KeyError: '{name}'"), None)
        return not_yet("not-on-paper", column=missing) if missing else not_yet("code-stops", problem=problem)
    if is_per_cent(answers.alike):
        return not_yet("per-cent", alike=number(answers.alike))
    payments = payments_now()
    places = proposed(found, payments["payment_id"])
    if isinstance(places, str):
        return not_yet(places)
    columns = {name: payments[name].tolist() for name in ("given", "family", "born", "district")}
    return judged(places, true_pairs(payments), columns)


def outcome_of(search):
    """What a learner's search finds on the list without the columns that paper lists lack, and what stopped it."""
    try:
        return search(payments_now().drop(columns=SECRET)), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


@check("p")
def pairs_are_read(answers):
    said = answers.pairs if isinstance(answers.pairs, dict) else {}
    if not said:
        return not_attempted()
    return read_well(said)


@lru_cache(maxsize=1)
def model():
    """The office's model: what each piece of text weighs, and what each bar does on this list."""
    return json.loads((Path(__file__).parent / "model.json").read_text("utf-8"))


QUESTIONS = ("act", "worse", "because", "twins", "told")


@check("j")
def decision_holds_together(answers):
    said = {name: getattr(answers, name) for name in QUESTIONS}
    if not any(said.values()):
        return not_attempted()
    alike, staff = number(answers.alike), number(answers.staff)
    if not all(said.values()) or not alike or not staff or not (0.5 <= alike <= 0.95 and 1 <= staff <= 8):
        return not_yet("incomplete")
    return decided(said, at_bar(model()["curve"], alike, staff), 0.90, 0.80)


@view("j")
def search_now(answers):
    curve = model()["curve"]
    n = at_bar(curve, answers.alike or 0.9, answers.staff or 1)
    with plots.figure(lab.say("curve_title"), lab.say("curve_alt", **n)) as figure:
        axes = figure.axes[0]
        found, right = np.array(curve["pairs"]), np.array(curve["right"])
        axes.plot(curve["steps"], 100 * right / found, color=plots.CALM)
        axes.plot(curve["steps"], 100 * right / curve["true"], color=plots.WARN, linestyle="--")
        axes.axvline(n["alike"], color=plots.INK, linewidth=1, linestyle=":")
        axes.annotate(lab.say("precision_short"), (0.52, 62), color=plots.CALM, fontsize=9)
        axes.annotate(lab.say("recall_short"), (0.86, 74), color=plots.WARN, fontsize=9)
        axes.set_xlabel(lab.say("bar"))
        axes.set_ylabel("%")
        axes.set_ylim(0, 105)
    room = (
        lab.say("enough")
        if n["capacity"] >= n["week"]
        else lab.say("not_enough", n=n["week"] - n["capacity"])
    )
    rows = [
        [lab.say("week_pairs"), n["week"]],
        [lab.say("week_checks"), f"{n['capacity']} ({room})"],
        [lab.say("one_person"), lab.say("of_pairs", right=n["right"], share=n["precision_share"])],
        [lab.say("two_people"), n["wrong"]],
        [lab.say("of_them_twins"), lab.say("of_twins", n=n["twins"], whole=max(curve["twins"]))],
        [lab.say("missed"), n["missed"]],
        [lab.say("francs"), lab.say("amount", n=n["missed"] * FRANCS)],
    ]
    return figure, plots.table([lab.say("year"), ""], rows)


@check("b")
def search_takes_two_for_one(answers):
    if unanswered(answers.twins) and unanswered(answers.namesakes):
        return not_attempted()
    twins, namesakes = plain_data(answers.twins), plain_data(answers.namesakes)
    return broken(twins, namesakes, model()["weights"])
