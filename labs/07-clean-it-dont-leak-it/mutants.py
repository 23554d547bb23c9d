"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

import math

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from labs.datasets.loader import load

WORDS, NUMBERS = ["kind", "channel", "urban_rural", "lang"], ["missing_papers", "queue_length"]
DAYS = "days_to_close"
register = load("processing-times")
known = register[register["received_on"] < "2025-05-01"]


def model(words=WORDS, numbers=NUMBERS, unknown="ignore", filler="median", rows=known, fit=True):
    """A pipeline as learners write it, with one thing wrong at a time."""
    parts = [(OneHotEncoder(handle_unknown=unknown), list(words))]
    parts.append(
        (SimpleImputer(strategy=filler), list(numbers)) if filler else ("passthrough", list(numbers))
    )
    made = make_pipeline(make_column_transformer(*parts), LinearRegression())
    return made.fit(rows, rows[DAYS]) if fit else made


def good_fee(text):
    try:
        return float(text.replace("O", "0").replace("l", "1"))
    except ValueError:
        return float("nan")


def fee_by_letters(text):
    digits = {"O": "0", "l": "1"}
    repaired = "".join(digits.get(one, one) for one in text)
    return int(repaired) if repaired.isdigit() else math.nan


def half_repaired(text):
    try:
        return float(text.replace("O", "0"))
    except ValueError:
        return float("nan")


def only_zeros(text):
    return float(text.replace("O", "0"))


def coerced(text):
    return float(text) if text.isdigit() else float("nan")


def forgot_return(text):
    float(text.replace("O", "0").replace("l", "1")) if text.isalnum() and text[0] in "lO0123456789" else 0


def kept_as_text(text):
    return text.replace("O", "0").replace("l", "1")


def dropped_letters(text):
    digits = "".join(one for one in text if one.isdigit())
    return float(digits or 0)


def known_fees(text):
    fees = {1000: "1000", 1500: "1500", 30000: "30000", 60000: "60000", 10000: "10000"}
    repaired = text.replace("O", "0").replace("l", "1")
    return next((float(value) for value, fee in fees.items() if fee == repaired), 0.0)


def unreadable_is_zero(text):
    value = good_fee(text)
    return 0.0 if math.isnan(value) else value


def stops_at_words(text):
    return float(text.replace("O", "0").replace("l", "1"))


def same_sort(table):
    return table.groupby(["district", "kind", "channel", "lang"])[DAYS].transform("mean")


def difficult(table):
    return (table[DAYS] > 20).astype(float)


def difficult_as_list(table):
    return [1 if days > 20 else 0 for days in table[DAYS]]


def the_answer(table):
    return table[DAYS]


def in_logarithms(table):
    return np.log(table[DAYS])


def in_weeks(table):
    return table[DAYS] / 7


def the_queue(table):
    return table["queue_length"]


def mean_by_district(table):
    return table.groupby("district")[DAYS].transform("mean")


def one_line_a_group(table):
    return table.groupby("kind")[DAYS].mean()


def in_words(table):
    return np.where(table[DAYS] > 20, "slow", "quick")


def whole_table(table):
    return table


def patricks(table):
    return table["reminders_sent"] * 2


def wrong_name(table):
    return table["days"] > 20


def plant_forgot(table):
    table["difficult"] = table[DAYS] > 20


class Remembers:
    """Works at the counter too: it has kept the days of the first call. That is cheating, not a leak."""

    def __init__(self):
        self.kept = None

    def __call__(self, table):
        if self.kept is None or not table[DAYS].isna().all():
            self.kept = (table[DAYS] > 20).astype(float).to_numpy()
        return self.kept


GOOD = {
    "columns": [*WORDS, *NUMBERS],
    "figure": "monday",
    "reminders": "separate",
    "decides": "person",
    "because": "people",
}

solution("t1", choice="same", before=True)  # Being wrong costs nothing.
solution("t2", choice="grows")
solution("t3", lines=["split", "fill-known", "use", "learn", "score"])
solution("t4", clean_fee=good_fee)
solution("t4", clean_fee=fee_by_letters)
solution("t5", model=model())
solution("t5", model=model(words=["kind"]))
solution("t5", model=model(filler="mean"))
here.solution("t5", model=model(rows=known.dropna()))  # fewer files of those that are known
solution("j", **GOOD)
solution("j", **GOOD | {"columns": ["kind", "missing_papers", "queue_length"]})
solution("b", plant=same_sort)
solution("b", plant=difficult)
solution("b", plant=difficult_as_list)

mutant("t1", "after-the-run", choice="below")
mutant("t2", "reminders-cause-days", choice="cause")
mutant("t2", "more-files-will-heal-it", choice="more")
mutant("t2", "test-was-seen", choice="unseen")
mutant("t3", "incomplete", lines=["split", "fill-known", None, None, None])
mutant("t3", "order-matters", lines=["fill-known", "split", "use", "learn", "score"])
mutant("t3", "order-matters", lines=["split", "fill-known", "learn", "use", "score"])
mutant("t3", "no-score", lines=["split", "fill-known", "use", "score", "learn"][:3] + ["learn", "learn"])
mutant("t3", "filled-from-everything", lines=["fill-all", "split", "use", "learn", "score"])
mutant("t3", "learnt-from-the-exam", lines=["split", "fill-new", "use", "learn", "score"])
mutant("t3", "learnt-from-the-exam", lines=["split", "fill-known", "use", "learn-new", "score"])
mutant("t3", "marked-its-own-homework", lines=["split", "fill-known", "use", "learn", "score-known"])
mutant("t4", "gives-nothing-back", clean_fee=forgot_return)
mutant("t4", "still-text", clean_fee=kept_as_text)
mutant("t4", "stops-at-a-letter", clean_fee=float)
mutant("t4", "stops-at-a-letter", clean_fee=only_zeros)
mutant("t4", "thrown-away", clean_fee=coerced)  # what errors="coerce" does
mutant("t4", "thrown-away", clean_fee=half_repaired)
mutant("t4", "digits-changed", clean_fee=dropped_letters)
mutant("t4", "digits-changed", clean_fee=known_fees)
mutant("t4", "stops-at-the-unreadable", clean_fee=stops_at_words)
mutant("t4", "unknown-became-a-number", clean_fee=unreadable_is_zero)
mutant("t5", "not-fitted", model=model(fit=False))
mutant("t5", "does-not-answer", model=[1, 2, 3])
mutant("t5", "does-not-answer", model=model(numbers=["missing_papers", "age"], rows=known.assign(age=1.0)))
mutant("t5", "leak-inside", model=model(numbers=[*NUMBERS, "reminders_sent"]))
mutant("t5", "stops-at-a-gap", model=model(filler=None, rows=known.dropna()))
mutant("t5", "stops-at-a-new-word", model=model(unknown="error"))
mutant("t5", "does-not-answer", model=LinearRegression().fit(known[["queue_length"]].fillna(0), known[DAYS]))
spring = register[register["received_on"] < "2025-07-01"]
mutant("t5", "learnt-from-the-exam", model=model(rows=spring))
mutant("t5", "learnt-from-the-exam", model=model(rows=spring[spring["received_on"] >= "2025-05-01"]))
mutant("t5", "too-weak", model=model(words=["channel", "lang"]))
mutant("j", "incomplete", **GOOD | {"because": None})
mutant("j", "incomplete", **GOOD | {"columns": []})
mutant("j", "highest-figure", **GOOD | {"figure": "paper"})
mutant("j", "marked-its-own-homework", **GOOD | {"figure": "known"})
mutant("j", "keeps-the-leak", **GOOD | {"reminders": "keep"})
mutant("j", "throws-away-the-record", **GOOD | {"reminders": "delete"})
mutant("j", "asks-the-numbers", **GOOD | {"decides": "numbers"})
mutant("j", "asks-the-supplier", **GOOD | {"decides": "supplier"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "budget"})
mutant("j", "reason-does-not-hold", **GOOD | {"because": "simple"})
mutant("j", "says-one-does-another", **GOOD | {"columns": [*GOOD["columns"], "reminders_sent"]})
mutant("j", "says-one-does-another", **GOOD | {"columns": [*GOOD["columns"], "closed_in"]})
mutant("j", "too-little-ticked", **GOOD | {"columns": ["channel", "lang"]})
mutant("b", "gives-nothing", plant=plant_forgot)
mutant("b", "not-one-number-a-row", plant=one_line_a_group)
mutant("b", "not-one-number-a-row", plant=in_words)
mutant("b", "not-one-number-a-row", plant=whole_table)
mutant("b", "plant-stops", plant=wrong_name)
mutant("b", "old-leak", plant=patricks)
mutant("b", "copy-of-the-answer", plant=the_answer)
mutant("b", "copy-of-the-answer", plant=in_logarithms)
mutant("b", "copy-of-the-answer", plant=in_weeks)
mutant("b", "no-leak", plant=the_queue)
mutant("b", "no-leak", plant=mean_by_district)
mutant("b", "works-at-the-counter", plant=Remembers())

gaming("t2", choice=["grows"])
gaming("t3", lines="split fill-known use learn score")
gaming("t3", lines=["score", "score", "score", "score", "score"])
gaming("t4", clean_fee=1000.0)
gaming("t4", clean_fee=lambda text: 1000.0)
gaming("t4", clean_fee=lambda text: True)
gaming("t5", model=0.25)
gaming("t5", model="passed")
gaming("j", **GOOD | {"columns": "kind missing_papers queue_length"})
gaming("j", **GOOD | {"columns": [["kind"]]})
gaming("b", plant=lambda table: [0.0] * len(table))
gaming("b", plant=lambda table: range(len(table)))
gaming("b", plant="passed")
