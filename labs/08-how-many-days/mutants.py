"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from labs.datasets.loader import load

WORDS, NUMBERS = ["kind", "channel", "urban_rural", "lang"], ["missing_papers", "queue_length"]
DAYS = "days_to_close"
year = load("processing-times")
known = year[year["received_on"] < "2025-05-01"]


def promise(words=WORDS, numbers=NUMBERS, fit=True, **settings):
    """A pipeline as learners write it."""
    columns = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), list(words)),
        ("passthrough", list(numbers)),
    )
    made = make_pipeline(columns, HistGradientBoostingRegressor(max_iter=60, random_state=0, **settings))
    return made.fit(known, known[DAYS]) if fit else made


def quantile(part, **more):
    return promise(loss="quantile", quantile=part, **more)


def closed_on(table):
    return table["received_on"] + pd.to_timedelta(table[DAYS], unit="D")


def good_rows(table, today):
    return table[(closed_on(table) <= today) & (table["received_on"] <= today - pd.Timedelta(days=60))]


def good_mask(table, today):
    return (closed_on(table) <= today) & ((today - table["received_on"]).dt.days >= 60)


def received_before(table, today):
    return table[table["received_on"] < today]


def old_but_open(table, today):
    return table[table["received_on"] <= today - pd.Timedelta(days=60)]


def closed_only(table, today):
    return table[closed_on(table) <= today]


def sharp_edges(table, today):
    return table[(closed_on(table) < today) & (table["received_on"] < today - pd.Timedelta(days=60))]


def wrong_way_round(table, today):
    return table[(closed_on(table) > today) & (table["received_on"] <= today)]


def plain_numbers(table, today):
    return table[table["received_on"] + table[DAYS] <= today]


def forgot(table, today):
    good_rows(table, today)


def count(table, today):
    return len(good_rows(table, today))


GOOD = {"part": 0.9, "receipt": "nine", "because": "journey", "july": "watch", "answers": "head"}
LIE = {"first": 1, "last": 32, "held": 5}

solution("t1", choice="same", before=True)  # Being wrong costs nothing.
solution("t2", split=26, where="july")
solution("t3", lines=["sort", "cut", "learn", "error"])
solution("t4", promise=quantile(0.9))
solution("t4", promise=quantile(0.92))
solution("t5", may_learn=good_rows)
solution("t5", may_learn=lambda table, today: good_rows(table, today).reset_index(drop=True))
solution("t5", may_learn=good_mask)
solution("j", **GOOD)
solution("j", **GOOD | {"part": 0.85})
solution("b", **LIE)
solution("b", first=1, last=34, held=8)
solution("b", first=1, last=31, held=4)

mutant("t1", "after-the-run", choice="double")
mutant("t2", "always-wrong", split=12, where="always")
mutant("t2", "too-few", split=12, where="few")
mutant("t2", "only-old", split=12, where="old")
mutant("t3", "incomplete", lines=["sort", "cut", None, None])
mutant("t3", "cut-before-order", lines=["cut", "sort", "learn", "error"])
mutant("t3", "order-matters", lines=["sort", "cut", "error", "learn"])
mutant("t3", "no-error", lines=["sort", "cut", "learn", "learn"])
mutant("t3", "shuffled-again", lines=["shuffle", "cut", "learn", "error"])
mutant("t3", "learns-from-the-future", lines=["sort", "cut-back", "learn", "error"])
mutant("t3", "learns-from-the-future", lines=["sort", "cut", "learn-all", "error"])
mutant("t3", "marked-its-own-homework", lines=["sort", "cut", "learn", "error-known"])
mutant("t3", "plus-and-minus-cancel", lines=["sort", "cut", "learn", "error-sign"])
spring = year[year["received_on"] < "2025-07-01"]
mutant("t4", "learnt-from-the-exam", promise=quantile(0.9).fit(spring, spring[DAYS]))
mutant("t4", "no-model", promise=promise(fit=False))
mutant("t4", "no-model", promise=9)
mutant("t4", "leak-inside", promise=quantile(0.9, numbers=[*NUMBERS, "reminders_sent"]))
mutant(
    "t4",
    "one-date-for-all",
    promise=DummyRegressor(strategy="quantile", quantile=0.9).fit(known, known[DAYS]),
)
mutant("t4", "wrong-end", promise=quantile(0.1))
mutant("t4", "promises-the-middle", promise=promise(loss="absolute_error"))
mutant("t4", "promises-the-middle", promise=quantile(0.5))
mutant("t4", "too-short", promise=promise(loss="squared_error"))
mutant("t4", "too-short", promise=quantile(0.75))
mutant("t4", "too-long", promise=quantile(0.99))
mutant("t5", "stops", may_learn=plain_numbers)
mutant("t5", "gives-nothing", may_learn=forgot)
mutant("t5", "no-rows", may_learn=count)
mutant("t5", "days-from-the-future", may_learn=received_before)
mutant("t5", "days-from-the-future", may_learn=old_but_open)
mutant("t5", "days-from-the-future", may_learn=wrong_way_round)
mutant("t5", "only-the-quick", may_learn=closed_only)
mutant("t5", "too-few-rows", may_learn=sharp_edges)
mutant("j", "incomplete", **GOOD | {"july": None})
mutant("j", "receipt-of-the-middle", **GOOD | {"receipt": "middle", "part": 0.5})
mutant("j", "receipt-of-the-mean", **GOOD | {"receipt": "mean"})
mutant("j", "no-date", **GOOD | {"receipt": "none"})
mutant("j", "looks-good-on-paper", **GOOD | {"because": "ranking"})
mutant("j", "exact-numbers", **GOOD | {"because": "exact"})
mutant("j", "tested-once-for-ever", **GOOD | {"july": "nothing"})
mutant("j", "more-old-files", **GOOD | {"july": "older"})
mutant("j", "nobody-answers", **GOOD | {"answers": "model"})
mutant("j", "nobody-answers", **GOOD | {"answers": "citizen"})
mutant(
    "j", "says-one-does-another", **GOOD | {"part": 0.5}
)  # chose nine of ten, left the slider at the middle
mutant("b", "too-few-files", first=25, last=29, held=3)
mutant("b", "nothing-has-changed", first=1, last=24, held=6)
mutant("b", "has-learnt-the-change", first=1, last=46, held=6)
mutant("b", "hardly-a-lie", first=1, last=30, held=9)

gaming("t2", where=["july"])
gaming("t3", lines="sort cut learn error")
gaming("t3", lines=["error", "error", "error", "error"])
gaming("t4", promise="0.9")
gaming("t4", promise=DummyRegressor(strategy="mean").fit(known, known[DAYS]))
gaming("t5", may_learn=lambda table, today: table)
gaming("t5", may_learn=lambda table, today: table.head(0))
gaming("t5", may_learn=np.array([1, 2, 3]))
gaming("j", **GOOD | {"part": "0.9"})
gaming("j", **GOOD | {"part": 0.99})
gaming("b", first=1, last=500, held=4)
gaming("b", first="1", last="32", held="5")
