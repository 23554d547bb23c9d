"""Wrong answers to "Next month's queue", written by somebody other than the lab's author."""

import datetime as dt

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def line(known=4, year=52, fill=None, tail=4):
    def forecast(past, ahead):
        both = pd.concat([past, ahead], ignore_index=True)
        counts = both["requests"].astype(float)
        week = both["week_of"].dt.isocalendar().week.astype(float)
        facts = pd.DataFrame(
            {
                "known": counts.shift(known),
                "recent": counts.shift(4).rolling(8).mean(),
                "last_year": counts.shift(year - 1).rolling(3).mean(),
                "sin": np.sin(2 * np.pi * week / 52),
                "cos": np.cos(2 * np.pi * week / 52),
                "closed": both["holiday"].astype(float),
            }
        )
        if fill is not None:
            facts = facts.fillna(fill)
        learn = facts.notna().all(axis=1) & counts.notna()
        model = make_pipeline(StandardScaler(), Ridge(alpha=5)).fit(facts[learn], counts[learn])
        return model.predict(facts.tail(tail))

    return forecast


def mean_of_all(past, ahead):
    return np.full(4, past["requests"].mean())


def a_tenth_more(past, ahead):
    return 1.1 * past["requests"].iloc[-52:-48].to_numpy()


def asks_the_future(past, ahead):
    return ahead["requests"].to_numpy()


def printed(past, ahead):
    print(past["requests"].tail(4))


def in_words(past, ahead):
    return ["many", "many", "few", "few"]


def nothing(past, ahead):
    return np.array([0, 10, 0, 10])


def monday_as_text(table):
    return str(table["week_of"].iloc[30])[:10]


def a_date(table):
    return dt.date(2024, 9, 2)


def the_whole_row(table):
    return table.groupby("week_of")["requests"].sum()


def quietest(table):
    return table.groupby("week_of")["requests"].sum().idxmin()


def long_ago(table):
    return pd.Timestamp("1999-01-04")


GOOD = {"margin": 20, "plan": "margin", "because": "journey", "tell": "range", "change": "told"}

mutant("t3", "gaps-are-left", lines=["sort", "by", "four", "four"])
mutant("t3", "order-matters", lines=["sort", "drop", "by", "four"])
mutant("t4", "not-better", forecast=line(known=1, fill=0))
mutant("t4", "one-number-for-all", forecast=mean_of_all)
mutant("t4", "not-better", forecast=a_tenth_more)
mutant("t4", "needs-what-is-not-known", forecast=asks_the_future)
mutant("t4", "gives-nothing", forecast=printed)
mutant("t4", "not-four-numbers", forecast=in_words)
mutant("t4", "not-four-numbers", forecast=line(tail=5))
mutant("t4", "not-better", forecast=nothing)
mutant("j", "says-one-does-another", **GOOD | {"margin": 15})
mutant("j", "pays-for-the-peak", **GOOD | {"margin": 35})
mutant("b", "no-date", change_week=monday_as_text)
mutant("b", "no-date", change_week=a_date)
mutant("b", "no-date", change_week=the_whole_row)
mutant("b", "rise-after-the-holidays", change_week=quietest)
mutant("b", "no-date", change_week=long_ago)

# A second reader's answers, written from what learners see alone.


def same_each_month(past, ahead):
    return past["requests"].tail(4).to_numpy()


def a_sum(past, ahead):
    return past["requests"].tail(4).sum()


def with_the_past(past, ahead):
    return pd.concat([past, ahead])["requests"]


def as_a_table(past, ahead):
    return ahead.assign(requests=past["requests"].iloc[-52:-48].to_numpy())


def by_the_holidays(past, ahead):
    return np.where(ahead["holiday"], 0, past["requests"].mean())


def wrong_units(past, ahead):
    return line()(past, ahead) / 100


def largest_step(table):
    return table["requests"].diff().idxmax()


def week_number(table):
    return 36


def one_district(table):
    one = table[table["district"] == table["district"].iloc[0]].set_index("week_of")["requests"]
    return one.diff().idxmax()


def last_week(table):
    return table["week_of"].max()


mutant("t3", "not-in-order", lines=["by", "four", "drop", "sort"])
mutant("t3", "runs-across-districts", lines=["sort", "across", "drop", "by"])
mutant("t4", "forgets-closed-days", forecast=same_each_month)
mutant("t4", "not-four-numbers", forecast=a_sum)
mutant("t4", "not-four-numbers", forecast=with_the_past)
mutant("t4", "not-four-numbers", forecast=as_a_table)
mutant("t4", "forgets-closed-days", forecast=by_the_holidays)
mutant("t4", "not-better", forecast=wrong_units)
mutant("t4", "needs-what-is-not-known", forecast=line(known=-4))
mutant("t4", "no-function", forecast=12)
mutant("j", "pays-for-the-peak", **GOOD | {"margin": 60})
mutant("j", "plans-to-the-mean", **GOOD | {"plan": "mean"})
mutant("j", "idle-is-worst", **GOOD | {"because": "idle", "change": "year"})
mutant("b", "no-date", change_week=largest_step)
mutant("b", "no-date", change_week=week_number)
gaming("b", change_week=one_district)  # what it takes for the change depends on the registers drawn
mutant("b", "another-week", change_week=last_week)
mutant("b", "no-function", change_week="2024-09-02")

# A third reader's answers, typed as a beginner would.


def gaps_left(past, ahead):
    return past["requests"].shift(____)


def wrong_column(past, ahead):
    return pd.concat([past, ahead])["closed"].tail(4)


def one_argument(past):
    return past.tail(4)


def same_four(past, ahead):
    return [100, 100, 100, 100]


def unusual(table):
    wide = table.pivot(index="week_of", columns="district", values="requests")
    return wide / wide.groupby(wide.index.isocalendar().week.to_numpy()).transform("median")


def the_step_itself(table):
    return np.log(unusual(table)).mean(axis=1).diff().max()


def steepest_fall(table):
    return np.log(unusual(table)).mean(axis=1).diff().idxmin()


def each_district(table):
    return np.log(unusual(table)).diff().idxmax()


def written_out(table):
    return np.log(unusual(table)).mean(axis=1).diff().idxmax().strftime("%Y-%m-%d")


def no_return(table):
    np.log(unusual(table)).mean(axis=1).diff().idxmax()


mutant("t4", "stops", forecast=gaps_left)
mutant("t4", "stops", forecast=wrong_column)
mutant("t4", "stops", forecast=one_argument)
mutant("t4", "one-number-for-all", forecast=same_four)
mutant("t4", "no-function", forecast=[100, 120, 90, 100])
mutant("t4", "not-four-numbers", forecast=line(tail=1))
mutant("b", "no-date", change_week=the_step_itself)
mutant("b", "another-week", change_week=steepest_fall)
mutant("b", "no-date", change_week=each_district)
mutant("b", "no-date", change_week=written_out)
mutant("b", "gives-nothing", change_week=no_return)
mutant("b", "no-function", change_week=pd.Timestamp("2024-09-02"))
