"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

import json
from functools import lru_cache
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from labs.datasets.loader import load


@lru_cache(maxsize=2)
def learnt(bayes=False):
    """A model of the lab, learnt once."""
    last = MultinomialNB() if bayes else LogisticRegression(C=10, max_iter=300)
    known = load("letters").iloc[:3000]
    return make_pipeline(TfidfVectorizer(), last).fit(known["text"], known["category"])


@lru_cache(maxsize=1)
def cheated():
    """A model that has learnt from the letters on which it is measured."""
    letters = load("letters")
    made = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=300))
    return made.fit(letters["text"], letters["category"])


def knows_the_exam(texts):
    chance = cheated().predict_proba(texts)
    trays, sure = cheated().classes_[chance.argmax(axis=1)], chance.max(axis=1)
    return [str(tray) if one >= 0.45 else "person" for tray, one in zip(trays, sure)]


def desk(limit, bayes=False):
    """A desk that holds back below `limit`."""

    def route(texts):
        model = learnt(bayes)
        chance = model.predict_proba(texts)
        trays, sure = model.classes_[chance.argmax(axis=1)], chance.max(axis=1)
        return [str(tray) if one >= limit else "person" for tray, one in zip(trays, sure)]

    return route


def no_appeals(texts):
    """Sorts no appeal by itself, and so finds some among the complaints too late."""
    return ["complaint" if said == "appeal" else said for said in desk(0.6)(texts)]


def pulling(tray):
    """The three words that pull a letter towards a tray of the neighbours' desk, as its learners see them."""
    desk = json.loads((Path(__file__).parent / "files" / "other-desk.json").read_text("utf-8"))
    place = 1 + desk["trays"].index(tray)
    return " ".join(sorted(desk["words"], key=lambda word: -desk["words"][word][place])[:3])


GOOD = {"model": "bold", "limit": 0.6, "readers": 8, "slow": "people", "shown": "route", "hears": "person",
        "late": "arrival", "sign": "head"}  # fmt: skip

solution("t1", choice="half", before=True)  # Being wrong costs nothing.
solution("t2", choice="french")
solution("t3", lines=["parts", "fit", "limit2", "right3"])
solution("t4", route=desk(0.6), limit=0.6)
solution("t4", route=desk(0.62), limit=0.62)
solution("j", **GOOD)
solution("j", **GOOD | {"readers": 10})
solution("b", attack=lambda text: f"{text} {pulling('complaint')}")
solution("b", attack=lambda text: f"{pulling('application').capitalize()} {text}")
here.solution("b", attack=lambda text: text + " zingahe bihagarara doit")

mutant("t1", "after-the-run", choice="most")
mutant("t2", "same-limit-is-equal", choice="nobody")
mutant("t2", "many-letters-much-doubt", choice="kinyarwanda")
mutant("t2", "mixing-is-the-fault", choice="mixed")
mutant("t3", "order-matters", lines=["parts", "fit", "right3", "limit2"])
mutant("t3", "order-matters", lines=["parts", "limit2", "fit", "right3"])  # a limit before anything is learnt
mutant("t3", "learnt-from-the-exam", lines=["parts", "fitall", "limit2", "right3"])
mutant("t3", "limit-from-the-exam", lines=["parts", "fit", "limit3", "right3"])
mutant("t3", "limit-from-the-exam", lines=["parts", "fit", "limit2", "right2"])
mutant("t3", "limit-where-it-learnt", lines=["parts", "fit", "limit1", "right3"])
mutant("t3", "no-figure", lines=["parts", "fit", "limit2", "limit3"])
mutant("t3", "incomplete", lines=["parts", None, None, None])
mutant("t4", "too-good-to-be-true", route=knows_the_exam, limit=0.45)
mutant("t4", "never-holds-back", route=desk(0.0), limit=0)
mutant("t4", "holds-back-too-much", route=desk(0.9), limit=0.9)
mutant("t4", "too-often-wrong", route=desk(0.40, bayes=True), limit=0.4)
mutant("t4", "appeals-lost", route=no_appeals, limit=0.6)
mutant("t4", "per-cent", route=desk(55), limit=55)
mutant("t4", "wrong-shape", route=lambda texts: "person", limit=0.6)
mutant("t4", "wrong-count", route=lambda texts: ["person"], limit=0.6)
mutant("t4", "gives-nothing-back", route=lambda texts: None, limit=0.6)
mutant("t4", "no-function", route=["person"], limit=0.6)
mutant("t4", "empty-places", route=lambda texts: [None] * len(texts), limit=0.6)
mutant("t4", "numbers-not-trays", route=lambda texts: [0.7] * len(texts), limit=0.6)
mutant("t4", "routes-the-unsure", route=lambda texts: ["memo", "person"] * (len(texts) // 2), limit=0.6)
mutant("t4", "no-such-tray", route=lambda texts: ["complaints"] * len(texts), limit=0.6)
mutant("t4", "code-stops", route=lambda texts: texts["text"], limit=0.6)
mutant("j", "too-often-wrong", **GOOD | {"limit": 0.3})
mutant("j", "too-often-wrong", **GOOD | {"model": "bayes", "limit": 0.5})
mutant("j", "routes-too-little", **GOOD | {"limit": 0.85, "readers": 12})
mutant("j", "more-than-readers-can-read", **GOOD | {"readers": 3})
mutant("j", "same-limit-is-equal", **GOOD | {"slow": "same"})
mutant("j", "worse-for-the-few", **GOOD | {"slow": "lower"})
mutant("j", "nobody-is-told", **GOOD | {"shown": "nothing"})
mutant("j", "nobody-is-told", **GOOD | {"shown": "score"})
mutant("j", "appeal-without-a-person", **GOOD | {"hears": "model"})
mutant("j", "appeal-without-a-person", **GOOD | {"hears": "court"})
mutant("j", "deadline-lost", **GOOD | {"late": "found"})
mutant("j", "nobody-signs", **GOOD | {"sign": "team"})
mutant("j", "incomplete", **GOOD | {"sign": None})
mutant("b", "wrong-shape", attack=lambda text: 3)
mutant("b", "code-stops", attack=lambda text: text + 3)
mutant("b", "words-taken-away", attack=lambda text: "complaint")
mutant("b", "words-glued", attack=lambda text: text + "complaint")
mutant("b", "too-many-words", attack=lambda text: text + " uku" * 30)
mutant("b", "nothing-changed", attack=lambda text: text)
mutant("b", "still-right", attack=lambda text: text + " appeal appeal appeal")
mutant("b", "only-made-unsure", attack=lambda text: text + " rwo rwo")

gaming("t3", lines=["right3"] * 4)
gaming("t3", lines=["parts", "fit", "limit2", "__import__('os')"])
gaming("t4", route=lambda texts: ["application"] * len(texts), limit=0.6)
gaming("t4", route=lambda texts: ["person"] * len(texts), limit=0.6)
gaming("t4", route=lambda texts: ["application", "person"] * (len(texts) // 2), limit=0.6)
gaming("t4", route={"outcome": "passed"}, limit=0.6)
gaming("j", **GOOD | {"readers": 1000})
gaming("j", **GOOD | {"limit": "0.6"})
gaming("j", **GOOD | {"model": ["bold"]})
gaming("b", attack="uku uku uku")
gaming("b", attack=lambda text: {"tray": "complaint", "sure": 1.0})
gaming("t2", choice=["french", "nobody"])

solution("m", choice="again")
mutant("m", "all-pay-for-it", choice="limit")
mutant("m", "the-next-words", choice="words")
mutant("m", "secrecy", choice="secret")
gaming("m", choice=["again"])
