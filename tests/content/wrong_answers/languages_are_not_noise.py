"""Wrong answers to "Languages are not noise", written by somebody other than the lab's author."""

from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from labs.datasets.loader import load

letters = load("letters")
known = letters.iloc[:3000]


def model(rows=known, **weights):
    made = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    counts = rows["lang"].map({"rw": 1, "en": 1, "fr": 1, "mixed": 1} | weights)
    return made.fit(rows["text"], rows["category"], logisticregression__sample_weight=counts)


GOOD = {"rw": 1200, "en": 250, "fr": 240, "mixed": 100}
GOOD |= {"aim": "worst", "because": "wait", "meanwhile": "people", "report": "each"}

mutant("t3", "order-matters", lines=["guessed", "right", "worst", "lang"])
mutant("t3", "no-worst", lines=["guessed", "right", "tray", "lang"])
mutant("t3", "incomplete", lines=["guessed", "right", "worst", None])
mutant("t4", "french-left-behind", model=model(known[known["lang"] == "rw"]))
mutant("t4", "english-only", model=model(known[known["lang"] == "fr"]))
mutant("t4", "english-only", model=DummyClassifier().fit(known["text"], known["category"]))
mutant("t4", "takes-from-the-many", model=model(rw=0.02))
mutant("t4", "french-left-behind", model=model(fr=0.2))
mutant("t4", "no-model", model=TfidfVectorizer().fit(known["text"]))
mutant("t4", "no-model", model=LogisticRegression)
mutant("j", "says-one-does-another", **GOOD | {"mixed": 0})
mutant("j", "average-only", **GOOD | {"aim": "average", "fr": 0})
mutant("j", "more-than-can-be-read", **GOOD | {"en": 750})
mutant("b", "lost-and-bad", rw=600, en=0, fr=240, mixed=0)
mutant("b", "lost-and-bad", rw=0, en=0, fr=240, mixed=0)

# A second reader's answers, written from what learners see alone.
mutant("t3", "average-again", lines=["guessed", "right", "lang", "average"])
mutant("t3", "order-matters", lines=["right", "guessed", "lang", "worst"])
mutant("t3", "smallest-is-not-worst", lines=["guessed", "right", "lang", "rare"])
mutant("t4", "no-model", model="model")
mutant("t4", "not-fitted", model=make_pipeline(TfidfVectorizer(), LogisticRegression()))
mutant("t4", "french-left-behind", model=model(fr=0))
here.solution("t4", model=model(fr=1000))
mutant("t4", "french-left-behind", model=model(en=100))
mutant("t4", "has-seen-the-exam", model=model(letters))
mutant("j", "says-one-does-another", **GOOD | {"rw": 0, "en": 750})
mutant("j", "clean-first", **GOOD | {"because": "few", "aim": "clean"})
mutant("j", "sent-back", **GOOD | {"meanwhile": "ask"})
mutant("j", "hides-the-worst", **GOOD | {"report": "best"})
mutant("j", "says-one-does-another", **GOOD | {"fr": 0})
untouched("b", rw=0, en=0, fr=0, mixed=0)
mutant("b", "nobody-lost", rw=1800, en=750, fr=240, mixed=100)
mutant("b", "lost-and-bad", rw=0, en=750, fr=0, mixed=0)

# A third reader's answers.
mutant("t4", "no-model", model=model(fr=5).predict(known["text"]))
mutant(
    "t4",
    "reads-no-text",
    model=LogisticRegression().fit(TfidfVectorizer().fit_transform(known["text"]), known["category"]),
)
