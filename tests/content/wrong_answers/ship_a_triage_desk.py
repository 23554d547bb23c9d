"""Wrong answers to "Ship a triage desk", written by somebody other than the lab's author."""

from functools import lru_cache

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from labs.datasets.loader import load


@lru_cache(maxsize=1)
def learnt():
    known = load("letters").iloc[:3000]
    made = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=300))
    return made.fit(known["text"], known["category"])


def desk(limit, person="person"):
    def route(texts):
        chance = learnt().predict_proba(texts)
        trays, sure = learnt().classes_[chance.argmax(axis=1)], chance.max(axis=1)
        return [str(tray) if one >= limit else person for tray, one in zip(trays, sure)]

    return route


GOOD = {"model": "bold", "limit": 0.6, "readers": 8, "slow": "people", "shown": "route", "hears": "person",
        "late": "arrival", "sign": "head"}  # fmt: skip

mutant("t3", "order-matters", lines=["fit", "parts", "limit2", "right3"])
mutant("t3", "order-matters", lines=["parts", "fit", "fit", "right3"])
mutant("t4", "per-cent", route=desk(60), limit=60)
mutant("t4", "no-such-tray", route=desk(0.6, person="Person"), limit=0.6)
mutant("t4", "gives-nothing-back", route=lambda texts: None, limit=0.6)
mutant("t4", "numbers-not-trays", route=lambda texts: [3] * len(texts), limit=0.6)
mutant("t4", "wrong-shape", route=lambda texts: desk(0.6)(texts)[0], limit=0.6)
mutant("t4", "holds-back-too-much", route=desk(0.75), limit=0.75)
mutant("t4", "never-holds-back", route=desk(0.05), limit=0.05)
mutant("j", "too-often-wrong", **GOOD | {"model": "bayes", "limit": 0.3, "readers": 12})
mutant("j", "routes-too-little", **GOOD | {"model": "careful", "readers": 12})
mutant("j", "deadline-lost", **GOOD | {"late": "gone"})
mutant("b", "words-taken-away", attack=lambda text: text.upper())
mutant("b", "still-right", attack=lambda text: text + " zzz")
mutant("b", "too-many-words", attack=lambda text: "I have a complaint to make " + text)
mutant("b", "code-stops", attack=lambda text: text["text"])
solution("t4", route=desk(0.6), limit=None)  # the limit is written inside the function

# A second reader's answers, written from what learners see alone.


def always_a_person(texts):
    return ["person"] * len(texts)


def words_alone(texts):
    return ["appeal" if "appeal" in one.lower() else "person" for one in texts]


def numbers_back(texts):
    return learnt().predict_proba(texts).max(axis=1)


mutant("t3", "learnt-from-the-exam", lines=["parts", "fitall", "limit2", "right3"])
mutant("t3", "limit-from-the-exam", lines=["parts", "fit", "limit2", "right2"])
mutant("t3", "limit-where-it-learnt", lines=["parts", "fit", "limit1", "right3"])
mutant("t3", "limit-from-the-exam", lines=["parts", "fit", "limit3", "right3"])
mutant("t4", "holds-back-too-much", route=always_a_person, limit=0.6)
mutant("t4", "holds-back-too-much", route=words_alone, limit=0.6)
mutant("t4", "numbers-not-trays", route=numbers_back, limit=0.6)
mutant("t4", "no-function", route="desk", limit=0.6)
mutant("t4", "holds-back-too-much", route=desk(0.95), limit=0.95)
mutant("j", "more-than-readers-can-read", **GOOD | {"readers": 1})
mutant("j", "worse-for-the-few", **GOOD | {"slow": "lower"})
mutant("j", "nobody-is-told", **GOOD | {"shown": "score"})
mutant("j", "appeal-without-a-person", **GOOD | {"sign": "team", "hears": "court"})
mutant("b", "nothing-changed", attack=lambda text: text)
mutant("b", "words-taken-away", attack=lambda text: "complaint " * 3)
untouched("b", attack=lambda text: None)
mutant("b", "too-many-words", attack=lambda text: text + " complaint complaint complaint complaint")
mutant("b", "code-stops", attack="complaint")

# A third reader's answers.


def turned_round(texts):
    chance = learnt().predict_proba(texts)
    trays, sure = learnt().classes_[chance.argmax(axis=1)], chance.max(axis=1)
    return [str(tray) if one < 0.6 else "person" for tray, one in zip(trays, sure)]


def forgets_its_letters(_texts):
    return desk(0.6)(load("letters").iloc[3000:]["text"].tolist())


mutant("t4", "routes-the-unsure", route=turned_round, limit=0.6)
mutant("t4", "wrong-count", route=forgets_its_letters, limit=0.6)
mutant(
    "t4", "wrong-count", route=lambda texts: [one for one in desk(0.6)(texts) if one != "person"], limit=0.6
)
mutant("t4", "empty-places", route=desk(0.6, person=None), limit=0.6)
mutant("t4", "numbers-not-trays", route=lambda texts: learnt().predict_proba(texts).argmax(axis=1), limit=0.6)
mutant("t4", "no-function", route=["memo"] * 1000, limit=0.6)
mutant("b", "words-glued", attack=lambda text: text + "zingahe bihagarara doit")
mutant("b", "words-taken-away", attack=lambda text: text.replace("appeal", "complaint"))
mutant("b", "wrong-shape", attack=lambda text: [*text.split(), "zingahe"])
solution("t4", route=lambda texts: (one for one in desk(0.6)(texts)), limit=0.6)
solution("b", attack=lambda text: "zingahe " + text + "\nbihagarara doit")
