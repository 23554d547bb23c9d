"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

from types import SimpleNamespace

import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from labs.datasets.loader import load

letters = load("letters")
known, new = letters.iloc[:3000], letters.iloc[3000:]


def model(rows=known, label="category", fit=True, strength=1.0, **weights):
    """The lab's pipeline, with one thing wrong at a time."""
    made = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000, C=strength))
    counts = rows["lang"].map({"rw": 1, "en": 1, "fr": 1, "mixed": 1} | weights)
    return made.fit(rows["text"], rows[label], logisticregression__sample_weight=counts) if fit else made


def equal_parts():
    """As many letters of each language as the smallest has: fair to nobody."""
    return pd.concat([rows.head(200) for _, rows in known.groupby("lang")])


class Always:
    """Names the most common tray, whatever it reads."""

    def predict(self, texts):
        return ["application"] * len(texts)


MIX = {"rw": 1200, "en": 250, "fr": 240, "mixed": 100}
GOOD = MIX | {"aim": "worst", "because": "wait", "meanwhile": "people", "report": "each"}

solution("t1", choice="same", before=True)  # Being wrong costs nothing.
solution("t2", choice="french")
solution("t3", lines=["guessed", "right", "lang", "worst"])
solution("t4", model=model(fr=5))
solution("t4", model=model(fr=7, mixed=2))
solution("t4", model=model(strength=10))  # another way
solution("j", **GOOD)
solution("j", **GOOD | {"fr": 120})
solution("b", rw=1800, en=750, fr=0, mixed=0)
solution("b", rw=1800, en=500, fr=0, mixed=100)

mutant("t1", "after-the-run", choice="base")
mutant("t2", "average-is-everybody", choice="nothing")
mutant("t2", "language-is-hard", choice="hard")
mutant("t2", "read-the-wrong-column", choice="majority")
mutant("t3", "order-matters", lines=["right", "guessed", "lang", "worst"])
mutant("t3", "no-worst", lines=["guessed", "right", "lang", "lang"])
mutant("t3", "average-again", lines=["guessed", "right", "lang", "average"])
mutant("t3", "by-tray", lines=["guessed", "right", "tray", "worst"])
mutant("t3", "smallest-is-not-worst", lines=["guessed", "right", "lang", "rare"])
mutant("t3", "incomplete", lines=["guessed", None, None, None])
mutant("t4", "not-fitted", model=model(fit=False))
mutant("t4", "no-model", model="a model")
mutant("t4", "reads-no-text", model=LogisticRegression().fit([[0.0], [1.0]], ["memo", "tender"]))
mutant("t4", "does-not-answer", model=SimpleNamespace(predict=lambda texts: texts["text"]))
mutant("t4", "wrong-labels", model=model(label="lang"))
mutant("t4", "has-seen-the-exam", model=model(letters, fr=5))
mutant("t4", "has-seen-the-exam", model=model(new, fr=5))
mutant("t4", "english-only", model=model(known[known["lang"] == "en"]))  # the company's
mutant("t4", "takes-from-the-many", model=model(equal_parts()))
mutant("t4", "takes-from-the-many", model=model(rw=0.05, fr=5))
mutant("t4", "french-left-behind", model=model())
here.mutant("t4", "english-fell", model=model(en=0.1, fr=9))
mutant("j", "more-than-can-be-read", **GOOD | {"rw": 1800})
mutant("j", "average-only", **GOOD | {"aim": "average"})
mutant("j", "clean-first", **GOOD | {"aim": "clean"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "tools"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "few"})
mutant("j", "says-one-does-another", **GOOD | {"fr": 0})  # chose all languages, gave one nothing
mutant("j", "says-one-does-another", **GOOD | {"rw": 0, "en": 750})
mutant("j", "says-one-does-another", **GOOD | dict.fromkeys(MIX, 0))
mutant("j", "large-one-falls", **GOOD | {"rw": 600, "en": 750})
mutant("j", "sorted-anyway", **GOOD | {"meanwhile": "model"})
mutant("j", "sent-back", **GOOD | {"meanwhile": "ask"})
mutant("j", "hides-the-worst", **GOOD | {"report": "one"})
mutant("j", "hides-the-worst", **GOOD | {"report": "best"})
mutant("j", "incomplete", **GOOD | {"report": None})
mutant("b", "looks-bad", rw=600, en=250, fr=240, mixed=100)
mutant("b", "nobody-lost", rw=1800, en=750, fr=240, mixed=100)
mutant("b", "lost-and-bad", rw=0, en=750, fr=0, mixed=0)

gaming("t3", lines="guessed right lang worst")
gaming("t3", lines=["worst", "worst", "worst", "worst"])
gaming("t4", model=0.9)
gaming("t4", model=Always())
gaming("t4", model=lambda texts: ["application"] * len(texts))
gaming("j", **GOOD | {"rw": 10**6})
gaming("j", **GOOD | {"rw": "1200"})
gaming("j", **GOOD | {"fr": True})
gaming("b", rw=1800.5, en=750, fr=0, mixed=0)
gaming("b", rw=[1800], en=750, fr=0, mixed=0)
gaming("t2", choice=["french"])
