"""Wrong answers to "How many days?", written by somebody other than the lab's author."""

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from labs.datasets.loader import load

WORDS, NUMBERS = ["kind", "channel", "urban_rural", "lang"], ["missing_papers", "queue_length"]
DAYS = "days_to_close"
year = load("processing-times")
known = year[year["received_on"] < "2025-05-01"]


def quantile(part, words=WORDS, numbers=NUMBERS, rows=known, **more):
    columns = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), list(words)),
        ("passthrough", list(numbers)),
    )
    settings = {"loss": "quantile", "quantile": part, "max_iter": 60, "random_state": 0} | more
    return make_pipeline(columns, HistGradientBoostingRegressor(**settings)).fit(rows, rows[DAYS])


def closed_on(table):
    return table["received_on"] + pd.to_timedelta(table[DAYS], unit="D")


def the_recent(table, today):
    return table[(closed_on(table) <= today) & (table["received_on"] >= today - pd.Timedelta(days=60))]


def closed_long_ago(table, today):
    return table[closed_on(table) <= today - pd.Timedelta(days=60)]


def plain_sixty(table, today):
    return table[(closed_on(table) <= today) & (table["received_on"] <= today - 60)]


def no_brackets(table, today):
    return table[closed_on(table) <= today & table["received_on"] <= today]


def one_day_only(table, today):
    today = pd.Timestamp("2025-06-15")
    return table[(closed_on(table) <= today) & (table["received_on"] <= today - pd.Timedelta(days=60))]


def one_column(table, today):
    return one_day_only(table, today)[DAYS]


def slow_files(table, today):
    return table[(closed_on(table) <= today) & (table[DAYS] >= 60)]


def printed(table, today):
    print(len(table))


GOOD = {"part": 0.9, "receipt": "nine", "because": "journey", "july": "watch", "answers": "head"}

mutant("t3", "no-error", lines=["shuffle", "sort", "cut", "learn"])
mutant("t3", "learns-from-the-future", lines=["learn-all", "sort", "cut", "error-sign"])
mutant("t4", "too-short", promise=quantile(0.8))
mutant("t4", "too-long", promise=quantile(0.97))
mutant("t4", "too-short", promise=quantile(0.9, loss="gamma"))
mutant("t4", "no-model", promise=HistGradientBoostingRegressor(loss="quantile", quantile=0.9))
mutant("t4", "learnt-from-the-exam", promise=quantile(0.9, rows=year))
mutant("t5", "only-the-quick", may_learn=the_recent)
mutant("t5", "too-few-rows", may_learn=closed_long_ago)
mutant("t5", "stops", may_learn=plain_sixty)
mutant("t5", "stops", may_learn=no_brackets)
gaming("t5", may_learn=one_day_only)  # which edge it misses depends on the days that are asked
mutant("t5", "no-rows", may_learn=one_column)
mutant("t5", "too-few-rows", may_learn=slow_files)
mutant("t5", "gives-nothing", may_learn=printed)
mutant("j", "says-one-does-another", **GOOD | {"part": 0.8})
mutant("b", "hardly-a-lie", first=1, last=27, held=3)
mutant("b", "too-few-files", first=20, last=10, held=4)
mutant("b", "has-learnt-the-change", first=26, last=40, held=8)

# A second reader's answers, written from what learners see alone.


def only_mask(table, today):
    return table["received_on"] <= today - pd.Timedelta(days=60)


def sixty_after(table, today):
    return table[(closed_on(table) <= today) & (table["received_on"] + pd.Timedelta(days=60) >= today)]


def either(table, today):
    return table[(closed_on(table) <= today) | (table["received_on"] <= today - pd.Timedelta(days=60))]


def the_open(table, today):
    return table[(closed_on(table) > today) & (table["received_on"] <= today - pd.Timedelta(days=60))]


def first_lines(table, today):
    right = (closed_on(table) <= today) & (table["received_on"] <= today - pd.Timedelta(days=60))
    return table[right].head()


def how_many(table, today):
    return int(((closed_on(table) <= today) & (table["received_on"] <= today - pd.Timedelta(days=60))).sum())


mutant("t3", "shuffled-again", lines=["shuffle", "cut", "learn", "error"])
mutant("t3", "plus-and-minus-cancel", lines=["sort", "cut", "learn", "error-sign"])
mutant("t3", "marked-its-own-homework", lines=["sort", "cut", "learn", "error-known"])
mutant("t3", "order-matters", lines=["sort", "learn", "cut", "error"])
mutant("t4", "promises-the-middle", promise=quantile(0.5))
mutant("t4", "wrong-end", promise=quantile(0.1))  # the wrong end
mutant("t4", "promises-the-middle", promise=quantile(0.9, loss="absolute_error"))
mutant("t4", "no-model", promise=27)
mutant("t4", "no-model", promise="nine days")
mutant("t5", "days-from-the-future", may_learn=only_mask)
mutant("t5", "only-the-quick", may_learn=sixty_after)
mutant("t5", "days-from-the-future", may_learn=either)
mutant("t5", "days-from-the-future", may_learn=the_open)
mutant("t5", "too-few-rows", may_learn=first_lines)
mutant("t5", "no-rows", may_learn=how_many)
mutant("j", "receipt-of-the-mean", **GOOD | {"receipt": "mean"})
mutant("j", "more-old-files", **GOOD | {"answers": "citizen", "july": "older"})
mutant("j", "says-one-does-another", **GOOD | {"part": 0.5})
untouched("b", first=1, last=20, held=4)
mutant("b", "has-learnt-the-change", first=30, last=50, held=4)
