"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def line(known=4, closed=True, tail=4):
    """A forecast as learners write it, with one thing wrong at a time."""

    def forecast(past, ahead):
        both = pd.concat([past, ahead], ignore_index=True)
        counts = both["requests"].astype(float)
        week = both["week_of"].dt.isocalendar().week.astype(float)
        facts = pd.DataFrame(
            {
                "known": counts.shift(known),
                "recent": counts.shift(4).rolling(8).mean(),
                "last_year": counts.shift(51).rolling(3).mean(),
                "sin": np.sin(2 * np.pi * week / 52),
                "cos": np.cos(2 * np.pi * week / 52),
            }
        )
        if closed:
            facts["closed"] = both["holiday"].astype(float)
        learn = facts.notna().all(axis=1) & counts.notna()
        model = make_pipeline(StandardScaler(), Ridge(alpha=5)).fit(facts[learn], counts[learn])
        return model.predict(facts.tail(tail))

    return forecast


def copied(past, ahead):
    return past["requests"].iloc[-52:-48].to_numpy()


def last_known(past, ahead):
    return [past["requests"].iloc[-1]] * len(ahead)


def noise(past, ahead):
    up_and_down = np.where(ahead["holiday"], 1.0, [0.7, 1.3, 0.7, 1.3])
    return copied(past, ahead) * up_and_down


def forgot(past, ahead):
    copied(past, ahead)


def wrong_name(past, ahead):
    return past["count"].tail(4)


def side_by_side(table):
    return table.pivot(index="week_of", columns="district", values="requests")


def against_usual(table):
    wide = side_by_side(table)
    number = wide.index.isocalendar().week.to_numpy()
    return np.log(wide / wide.groupby(number).transform("median"))


def good_week(table):
    return against_usual(table).mean(axis=1).diff().idxmax()


def by_middle_district(table):
    return against_usual(table).median(axis=1).diff().idxmax()


def three_after_four_before(table):
    strange = against_usual(table).mean(axis=1)
    return (strange.rolling(3).mean().shift(-2) - strange.rolling(4).mean().shift(1)).idxmax()


def busiest(table):
    return table.groupby("week_of")["requests"].sum().idxmax()


def steepest_sum(table):
    return table.groupby("week_of")["requests"].sum().diff().idxmax()


def sum_against_usual(table):
    counts = table.groupby("week_of")["requests"].sum()
    number = counts.index.isocalendar().week.to_numpy()
    return np.log(counts / counts.groupby(number).transform("median")).diff().idxmax()


def steepest_rise(table):
    return np.log(side_by_side(table)).mean(axis=1).diff().idxmax()


def against_a_year_ago(table):
    strange = np.log(side_by_side(table)).mean(axis=1)
    return (strange - strange.shift(52)).diff().idxmax()


def first_week(table):
    return table["week_of"].iloc[20]


def place_in_the_table(table):
    return int(against_usual(table).mean(axis=1).diff().argmax())


def week_forgot(table):
    good_week(table)


def week_stops(table):
    return table["weeks"].max()


GOOD = {"margin": 20, "plan": "margin", "because": "journey", "tell": "range", "change": "told"}

solution("t1", choice="few", before=True)  # Being wrong costs nothing.
solution("t2", ahead=4, facts=["holidays", "rhythm"], found="calendar")
solution("t3", lines=["sort", "by", "four", "drop"])
solution("t4", forecast=line())
solution("t4", forecast=line(known=6))
solution("j", **GOOD)
solution("j", **GOOD | {"margin": 30})
solution("b", change_week=good_week)
solution("b", change_week=by_middle_district)
solution("b", change_week=three_after_four_before)

mutant("t1", "after-the-run", choice="half")
mutant("t2", "far-is-hopeless", ahead=12, facts=[], found="far")
mutant("t2", "learns-it-anyway", ahead=4, facts=[], found="learns")
mutant("t2", "answers-another-question", ahead=1, facts=["holidays"], found="one")
mutant("t3", "incomplete", lines=["sort", "by", None, None])
mutant("t3", "not-in-order", lines=["by", "sort", "four", "drop"])
mutant("t3", "order-matters", lines=["sort", "four", "by", "drop"])
mutant("t3", "order-matters", lines=["sort", "by", "drop", "four"])
mutant("t3", "runs-across-districts", lines=["sort", "by", "across", "drop"])
mutant("t3", "looks-into-the-future", lines=["sort", "by", "future", "drop"])
mutant("t3", "not-known-yet", lines=["sort", "by", "one", "drop"])
mutant("t3", "empty-became-zero", lines=["sort", "by", "four", "zero"])
mutant("t3", "gaps-are-left", lines=["sort", "sort", "by", "four"])
mutant("t4", "no-function", forecast=168)
mutant("t4", "stops", forecast=wrong_name)
mutant("t4", "needs-what-is-not-known", forecast=line(known=1))
mutant("t4", "gives-nothing", forecast=forgot)
mutant("t4", "not-four-numbers", forecast=line(tail=1))
mutant("t4", "copies-last-year", forecast=copied)
mutant("t4", "one-number-for-all", forecast=last_known)
here.mutant("t4", "forgets-closed-days", forecast=line(closed=False))
mutant("t4", "not-better", forecast=noise)
mutant("j", "incomplete", **GOOD | {"tell": None})
mutant("j", "plans-to-the-mean", **GOOD | {"plan": "mean", "margin": 0})
mutant("j", "plans-to-the-peak", **GOOD | {"plan": "peak", "margin": 60})
mutant("j", "right-on-average", **GOOD | {"because": "average"})
mutant("j", "idle-is-worst", **GOOD | {"because": "idle"})
mutant("j", "a-number-alone", **GOOD | {"tell": "number"})
mutant("j", "a-number-alone", **GOOD | {"tell": "nothing"})
mutant("j", "the-model-will-notice", **GOOD | {"change": "model"})
mutant("j", "wait-a-year", **GOOD | {"change": "year"})
mutant("j", "says-one-does-another", **GOOD | {"margin": 0})  # chose a margin, left the slider at 0
mutant("j", "pays-for-the-peak", **GOOD | {"margin": 50})
mutant("b", "no-function", change_week="2024-09-02")
mutant("b", "stops", change_week=week_stops)
mutant("b", "gives-nothing", change_week=week_forgot)
mutant("b", "no-date", change_week=place_in_the_table)
mutant("b", "one-place-shouts", change_week=busiest)
mutant("b", "one-place-shouts", change_week=steepest_sum)
mutant("b", "one-place-shouts", change_week=sum_against_usual)
mutant("b", "rise-after-the-holidays", change_week=steepest_rise)
mutant("b", "rise-after-the-holidays", change_week=against_a_year_ago)
mutant("b", "another-week", change_week=first_week)

gaming("t2", found=["calendar"])
gaming("t3", lines="sort by four drop")
gaming("t3", lines=["drop", "drop", "drop", "drop"])
gaming("t4", forecast=[100, 100, 100, 100])
gaming("t4", forecast=lambda past, ahead: [1e30] * 4)
gaming("t4", forecast=lambda past, ahead: "1234")
gaming("j", **GOOD | {"margin": "20"})
gaming("j", **GOOD | {"margin": 1000})
gaming("b", change_week=pd.Timestamp("2024-09-02"))
gaming("b", change_week=lambda table: pd.Timestamp("2024-09-02"))
gaming("b", change_week=lambda table: "2024-09-02")
