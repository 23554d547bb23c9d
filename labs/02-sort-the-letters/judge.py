"""What decides the marks: the same settings measured on letters that no learner has, and a model of the judge's own.

`hidden.settings`: (share right, tray average) by "kind size". `hidden.sureness`: (share sorted alone, share of these
right) by bar. `hidden.trays`, `hidden.start`, `hidden.words`: the judge's model, for each word its inverse document
frequency and one weight for each tray (TF-IDF with logistic regression, as scikit-learn computes them).
"""

import math
import re

from labs.kit.checking import judge, not_attempted, not_yet, number, passed
from shared import LEAST_KNOWN

CHOICES = {
    "worst": ("appeal", "invoice", "question", "same"),
    "because": ("lost", "often", "statistics"),
    "answers": ("model", "nobody", "head"),
}
LINES = {
    "split": ("letters", "known"),
    "fit": ("known", "model"),
    "fit-all": ("letters", "model"),
    "guess": ("model", "guess"),
    "guess-known": ("model", "guess"),
    "share": ("guess", "share"),
    "share-known": ("guess", "share"),
}
APPEALS = (
    "Dear Mayor, in May you refused my request for a pension. The decision came after many days. "
    "I ask you to reconsider this decision.",
    "Monsieur, le comité a refusé mon dossier. Cette décision ne tient pas compte de mes preuves. "
    "J'ai écrit dans le délai. Je vous prie de reconsidérer ma demande.",
)


def words_of(text):
    return re.findall(r"[^\W_]+", text[:20000].lower()) if isinstance(text, str) else []


def changed_words(old, new):
    row = list(range(len(new) + 1))
    for i, word in enumerate(old, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def chances(text, hidden):
    """The judge's model: the chance of each tray."""
    counts = {}
    for word in re.findall(r"\b\w\w+\b", text.lower()):
        if word in hidden.words:
            counts[word] = counts.get(word, 0) + 1
    weighed = {word: n * hidden.words[word][0] for word, n in counts.items()}
    length = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
    points = [
        start + sum(value / length * hidden.words[word][1 + n] for word, value in weighed.items())
        for n, start in enumerate(hidden.start)
    ]
    top = max(points)
    powers = [math.exp(point - top) for point in points]
    return {name: power / sum(powers) for name, power in zip(hidden.trays, powers)}


@judge("w")
def order_does_not_count(answers, hidden):
    text = answers.letter if isinstance(answers.letter, str) else ""
    if not words_of(text) and answers.order is None:
        return not_attempted()
    known = len({word for word in re.findall(r"\b\w\w+\b", text.lower()) if word in hidden.words})
    if len(set(words_of(text))) < 8 or known < LEAST_KNOWN:
        return not_yet("too-short", n=known)
    if not isinstance(answers.order, str) or answers.order not in ("same", "other", "unsure"):
        return not_yet("incomplete")
    if answers.order == "other":
        return not_yet("order-counts")
    if answers.order == "unsure":
        return not_yet("reads-like-us")
    found = chances(text[:4000], hidden)
    return passed(tray=max(found, key=found.get))


@judge("t3")
def lines_make_a_fair_test(answers, hidden):
    chosen = answers.lines
    if not isinstance(chosen, list) or not any(chosen):
        return not_attempted()
    if len(chosen) != 4 or not all(isinstance(one, str) and one in LINES for one in chosen):
        return not_yet("incomplete")
    made = {"letters"}
    for one in chosen:
        needs, makes = LINES[one]
        if needs not in made or (one != "split" and one != "fit-all" and "known" not in made):
            return not_yet("order-matters", name=needs if needs not in made else "known")
        made.add(makes)
    if not chosen[-1].startswith("share"):
        return not_yet("no-share")
    if "fit-all" in chosen:
        return not_yet("learnt-the-exam")
    if ("guess-known" in chosen) != ("share-known" in chosen):
        return not_yet("mixed-piles")
    if "guess-known" in chosen:
        return not_yet("tested-on-what-it-learnt")
    return passed(share=hidden.settings["logistic 3000"][0])


@judge("t4")
def setting_reaches_both_aims(answers, hidden):
    if answers.kind in (None, ...) and answers.size in (None, ...):
        return not_attempted()
    size = number(answers.size)
    if not isinstance(answers.kind, str) or answers.kind not in ("bayes", "logistic"):
        return not_yet("not-a-kind", given=str(answers.kind)[:40])
    if size is None or size != int(size) or size < 20:
        return not_yet("not-a-size", given=str(answers.size)[:40])
    if size > 3000:
        return not_yet("learnt-the-exam", size=int(size))
    sizes = [int(name.split()[1]) for name in hidden.settings if name.startswith(answers.kind)]
    nearest = min(sizes, key=lambda one: abs(one - size))
    right, average = hidden.settings[f"{answers.kind} {nearest}"]
    n = {"kind": answers.kind, "size": int(size), "right_share": right, "average": average}
    if right >= 0.66 and average >= 0.57:
        return passed(**n)
    return not_yet("rare-trays-empty" if answers.kind == "bayes" else "too-few-letters", **n)


@judge("j")
def decision_holds_together(answers, hidden):
    said = {name: getattr(answers, name) for name in CHOICES}
    if not any(said.values()):
        return not_attempted()
    bar = number(answers.bar)
    if not all(isinstance(said[name], str) and said[name] in CHOICES[name] for name in CHOICES):
        return not_yet("incomplete")
    if bar is None or not 0 <= bar <= 95:
        return not_yet("incomplete")
    alone, right = hidden.sureness[str(5 * round(bar / 5))]
    n = {
        "bar": int(bar),
        "alone": round(1000 * alone),
        "wrong": round(1000 * alone * (1 - right)),
        "wrong_share": 1 - right,
        "read": round(1000 * (1 - alone)),
    }
    wrong = [
        (said["worst"] == "same", "all-mistakes-equal"),
        (said["worst"] in ("invoice", "question"), "office-first"),
        (said["because"] != "lost", "counts-not-harm"),
        (said["answers"] != "head", "nobody-answers"),
        (n["wrong_share"] > 0.22, "says-harm-sorts-alone"),
        (n["read"] > 540, "more-than-staff-can-read"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


@judge("b")
def letter_is_rerouted(answers, hidden):
    new = words_of(answers.letter)
    if not new:
        return not_attempted()
    n = min(changed_words(words_of(old), new[:200]) for old in APPEALS)
    if n == 0:
        return not_attempted()
    if n > 3:
        return not_yet("too-many-changes", n=n)
    found = chances(answers.letter[:4000], hidden)
    appeal = found.pop("appeal")
    other = max(found, key=found.get)
    facts = {"n": n, "tray": other, "other_share": found[other], "appeal_share": appeal}
    return passed(**facts) if found[other] > appeal else not_yet("still-an-appeal", **facts)
