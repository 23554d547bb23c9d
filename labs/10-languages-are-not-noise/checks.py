"""What a learner may run: what is right in each language, the mixes of the sliders, and instant checks."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, view
from shared import (
    BUDGET,
    LANGUAGES,
    figures_verdict,
    gain_of,
    lines_verdict,
    loss_verdict,
    mix_of,
    mix_verdict,
    stopped,
)

KNOWN = 3000
DAYS = 9


@lru_cache(maxsize=1)
def new_letters():
    """The last 1,000 letters."""
    return lab.load("letters").iloc[KNOWN:].reset_index(drop=True)


def shares(right, languages):
    """The share of right answers in each language, and over all."""
    right, languages = np.asarray(right, bool), np.asarray(languages)
    found = {f"{one}_share": float(right[languages == one].mean()) for one in LANGUAGES}
    return found | {"all_share": float(right.mean())}


def first_look(model, new):
    """One sentence: the company's model in two languages."""
    right = model.predict(new["text"]) == new["category"]
    most = new.loc[new["lang"] == "rw", "category"].value_counts(normalize=True).iloc[0]
    return plots.text(lab.say("first", base_share=float(most), **shares(right, new["lang"])))


def in_each_language(model, known, new):
    """A table: examples, new letters and right answers, for each language."""
    right = model.predict(new["text"]) == new["category"]
    found = shares(right, new["lang"])
    rows = [
        [
            lab.say(one),
            (known["lang"] == one).sum(),
            (new["lang"] == one).sum(),
            lab.share(found[f"{one}_share"]),
        ]
        for one in LANGUAGES
    ]
    rows.append([lab.say("all"), len(known), len(new), lab.share(found["all_share"])])
    return plots.table([lab.say(key) for key in ("language", "learnt", "new", "right")], rows)


@lru_cache(maxsize=1)
def as_they_came():
    """What the model that learnt from all letters gets right on the new ones."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    known, new = lab.load("letters").iloc[:KNOWN], new_letters()
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    right = model.fit(known["text"], known["category"]).predict(new["text"]) == new["category"]
    trays = right.groupby(new["category"]).mean()
    return shares(right, new["lang"]) | {"tray_share": float(trays.min()), "right": right.tolist()}


@check("t3")
def lines_find_the_worst(answers):
    return lines_verdict(answers.lines, as_they_came)


# Task t4: a model in which every language counts.


@check("t4")
def every_language_counts(answers):
    model = answers.model
    if model is None or model is ...:
        return not_attempted()
    new = new_letters()
    try:
        said = [str(one) for one in model.predict(new["text"])]
    except Exception as error:
        return stopped(f"{type(error).__name__}: {error}")
    if len(said) != len(new):
        return not_yet("does-not-answer", problem=f"{len(said)} / {len(new)}")
    return model_verdict(said, new["category"].tolist(), new["lang"].tolist())


def model_verdict(said, trays, languages):
    """What the four figures of a model say."""
    unknown = sorted(set(said) - set(trays))
    if unknown:
        return not_yet("wrong-labels", label=unknown[0][:40])
    n = shares([one == tray for one, tray in zip(said, trays, strict=True)], languages)
    french = [place for place, lang in enumerate(languages) if lang == "fr"]
    right = [said[place] == trays[place] for place in french]
    n |= gain_of([as_they_came()["right"][place] for place in french], right)
    return figures_verdict(n, n["all_share"], as_they_came()["fr_share"], (0.35, 0.66, 0.04, 0.50))


# Tasks j and b: what a model learnt from so many letters of each language.


@lru_cache(maxsize=1)
def mixes():
    """What is right in each language for every mix of the sliders; trained beforehand."""
    return json.loads(Path(__file__).with_name("mixes.json").read_text("utf-8"))


def mixed(mix):
    """Figures of a mix; None where it is too small for a model."""
    row = mixes().get("-".join(map(str, mix)))
    if row is None:
        return None
    n = dict(zip([f"{one}_share" for one in LANGUAGES] + ["all_share"], row, strict=True))
    return n | {"worst_share": min(row[:-1]), "total": sum(mix)}


@check("j")
def mix_agrees_with_its_reason(answers):
    return mix_verdict(answers, mixed, lab.say)


def drawn(n):
    """Four bars, and a line for always naming the most common tray."""
    values = [100 * n[f"{one}_share"] for one in LANGUAGES]
    words = {one: lab.share(n[f"{one}_share"]) for one in LANGUAGES}
    with plots.figure(lab.say("mix_title"), lab.say("mix_alt", **words), height=1.7) as figure:
        axes = figure.axes[0]
        axes.barh(range(4), values, color=plots.CALM)
        for place, value in enumerate(values):
            axes.annotate(
                f"{value:.0f}", (value, place), xytext=(4, 0), textcoords="offset points", va="center"
            )
        axes.axvline(26, color=plots.INK, linestyle="--", linewidth=1.4)
        axes.annotate(lab.say("mix_line"), (27, -0.75), color=plots.INK, fontsize=8, annotation_clip=False)
        axes.set_yticks(range(4), [lab.say(one) for one in LANGUAGES])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("%")
    return figure


@view("j")
def mix_now(answers):
    mix = mix_of(answers) or [0, 0, 0, 0]
    n = mixed(mix)
    total = [lab.say("labelled"), f"{sum(mix)} ({lab.say('budget', n=BUDGET)})", ""]
    if n is None:
        return plots.text(lab.say("too_few")), plots.table([lab.say("labelled"), "", ""], [total])
    rows = [
        [lab.say(one), lab.share(n[f"{one}_share"]), f"{DAYS * (1 - n[f'{one}_share']):.1f}"]
        for one in LANGUAGES
    ]
    rows.append([lab.say("all"), lab.share(n["all_share"]), f"{DAYS * (1 - n['all_share']):.1f}"])
    head = [lab.say("language"), lab.say("right"), lab.say("waits")]
    return drawn(n), plots.table(head, [*rows, total])


@check("b")
def language_is_lost(answers):
    return loss_verdict(answers, mixed, 0.30, 0.60)


@view("b")
def loss_now(answers):
    n = mixed(mix_of(answers) or [0, 0, 0, 0])
    if n is None:
        return (plots.text(lab.say("too_few")),)
    tick = {True: "✓", False: "–"}
    rows = [
        [
            lab.say("all"),
            lab.share(n["all_share"]),
            lab.say("at_least", n=lab.share(0.6)),
            tick[n["all_share"] >= 0.6],
        ],
        [
            lab.say("worst"),
            lab.share(n["worst_share"]),
            lab.say("at_most", n=lab.share(0.30)),
            tick[n["worst_share"] <= 0.30],
        ],
    ]
    rows += [[lab.say(one), lab.share(n[f"{one}_share"]), "", ""] for one in LANGUAGES]
    return drawn(n), plots.table([lab.say("language"), lab.say("right"), lab.say("wanted"), ""], rows)
