"""What decides the marks: the same settings measured on letters that no learner has, and the learners' model.

`hidden.settings`: (share right, tray average) by "kind size". `hidden.sureness`: (share sorted alone, share of these
right) by bar. `hidden.trays`, `hidden.start`, `hidden.words`: that model, for each word its inverse document
frequency and one weight for each tray (TF-IDF with logistic regression, as scikit-learn computes them).
"""

import math
import re

from labs.kit.checking import judge
from shared import decision_verdict, letter_verdict, lines_verdict, rerouted_verdict, setting_verdict


def chances(text, hidden):
    """The learners' model: the chance of each tray."""
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
    def known_words(text):
        return len({word for word in re.findall(r"\b\w\w+\b", text.lower()) if word in hidden.words})

    def tray_of(text):
        by_tray = chances(text, hidden)
        return max(by_tray, key=by_tray.get)

    return letter_verdict(answers.letter, answers.order, known_words, tray_of)


@judge("t3")
def lines_make_a_fair_test(answers, hidden):
    return lines_verdict(answers.lines, lambda: hidden.settings["logistic 3000"][0])


@judge("t4")
def setting_reaches_both_aims(answers, hidden):
    def quality(kind, size):
        sizes = [int(name.split()[1]) for name in hidden.settings if name.startswith(kind)]
        nearest = min(sizes, key=lambda one: abs(one - size))
        right, average = hidden.settings[f"{kind} {nearest}"]
        return {"kind": kind, "size": size, "right_share": right, "average": average}

    return setting_verdict(answers.kind, answers.size, quality, 0.66, 0.57)


@judge("j")
def decision_holds_together(answers, hidden):
    def at_bar(bar):
        alone, right = hidden.sureness[str(5 * round(bar / 5))]
        return {
            "bar": int(bar),
            "alone": round(1000 * alone),
            "wrong": round(1000 * alone * (1 - right)),
            "wrong_share": 1 - right,
            "read": round(1000 * (1 - alone)),
        }

    return decision_verdict(answers, at_bar, 0.22, 540)


@judge("b")
def letter_is_rerouted(answers, hidden):
    return rerouted_verdict(answers.letter, lambda text: chances(text, hidden), str, 0.0)
