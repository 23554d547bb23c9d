"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

import numpy as np
import pandas as pd


def psi(reference, new):
    edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))
    before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)
    now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)
    before, now = before.clip(0.001), now.clip(0.001)
    return float(((now - before) * np.log(now / before)).sum())


def alarm(limit, back=None):
    """An alarm against the first half year, or against the `back` weeks before."""

    def alarms(cases):
        weeks = {monday: group["score"].to_numpy() for monday, group in cases.groupby("week_of")}
        mondays = sorted(weeks)
        found = []
        for n in range(26, len(mondays)):
            old = mondays[:26] if back is None else mondays[n - back : n]
            if psi(np.concatenate([weeks[one] for one in old]), weeks[mondays[n]]) >= limit:
                found.append(mondays[n])
        return found

    return alarms


def mean_alarm(cases):
    """Another good way: how far the mean score has moved."""
    mean = cases.groupby("week_of")["score"].mean()
    return list(mean.index[26:][mean.iloc[26:] > mean.iloc[:26].mean() + 4 * mean.iloc[:26].std()])


def truth_alarm(cases):
    mean = cases.groupby("week_of")["urgent"].mean()
    return list(mean.index[mean > 0.1])


def shuffled(cases):
    changed = cases.copy()
    changed["urgent"] = cases["urgent"].sample(frac=1, random_state=1).to_numpy()
    return changed


def turned(cases):
    """The least likely cases are the urgent ones now."""
    changed = cases.sort_values("score").copy()
    changed["urgent"] = [n < cases["urgent"].sum() for n in range(len(cases))]
    return changed


def others(cases):
    return shuffled(cases.sort_values("score").tail(500))


def more(cases):
    changed = cases.copy()
    changed["urgent"] = np.arange(len(cases)) % 2 == 0
    return changed


def new_scores(cases):
    changed = cases.copy()
    changed["score"] = cases["score"].sample(frac=1, random_state=1).to_numpy()
    return changed


def logistic(score):
    return 1 / (1 + np.exp(-(0.94 * np.log(score / (1 - score)) - 0.48)))


GOOD = {
    "week": 99,
    "june": "correct",
    "sign": "outcomes",
    "meanwhile": "people",
    "who": "rule",
    "owed": "again",
}

solution("t1", choice="both", before=True)  # Being wrong costs nothing.
solution("t2", choice="promise")
solution("t3", lines=["edges", "before", "now", "clip", "index"])
solution("t3", lines=["edges", "now", "before", "clip", "index"])
solution("t4", alarms=alarm(0.25), limit=0.25)
solution("t4", alarms=alarm(0.20), limit=0.20)
solution("t4", alarms=mean_alarm, limit=4)
solution("c", recalibrate=lambda score: 0.75 * score)
solution("c", recalibrate=logistic)
solution("j", **GOOD)
solution("j", **GOOD | {"week": 101})
solution("b", october=shuffled)
solution("b", october=turned)

mutant("t1", "after-the-run", choice="june")
mutant("t2", "drift-means-broken", choice="broken")
mutant("t2", "more-found-is-better", choice="better")
mutant("t2", "index-is-the-fault", choice="index")
mutant("t3", "order-matters", lines=["before", "edges", "now", "clip", "index"])
mutant("t3", "moving-edges", lines=["own", "before", "now", "clip", "index"])
mutant("t3", "counts-are-not-shares", lines=["edges", "before", "counts", "clip", "index"])
mutant("t3", "differences-cancel", lines=["edges", "before", "now", "clip", "cancel"])
mutant("t3", "empty-parts", lines=["edges", "before", "now", "before", "index"])
mutant("t3", "no-index", lines=["edges", "before", "now", "clip", "counts"])
mutant("t3", "incomplete", lines=["edges", "before", None, None, None])
mutant("t4", "cries-wolf", alarms=alarm(0.03), limit=0.03)
mutant("t4", "sounds-too-late", alarms=lambda cases: alarm(0.25)(cases)[8:], limit=0.25)
mutant("t4", "never-sounds", alarms=alarm(5), limit=5)
mutant("t4", "alarm-forgets", alarms=alarm(0.19, back=8), limit=0.19)  # compares with the last two months
mutant("t4", "truth-comes-later", alarms=truth_alarm, limit=0.1)
mutant("t4", "wrong-shape", alarms=lambda cases: cases["score"].tolist()[:50], limit=0.25)
mutant("t4", "code-stops", alarms=lambda cases: cases["points"], limit=0.25)
mutant("c", "still-promises-too-much", recalibrate=lambda score: score)
mutant("c", "promises-too-little", recalibrate=lambda score: score / 2)
mutant("c", "one-chance-for-all", recalibrate=lambda score: np.full(len(score), 0.11))
mutant("c", "order-changed", recalibrate=lambda score: 0.75 * score[::-1])
mutant("c", "right-only-on-average", recalibrate=lambda score: 0.08 + 0.2 * score)
mutant("c", "not-a-chance", recalibrate=lambda score: 75 * score)  # per cent
mutant("c", "wrong-shape", recalibrate=lambda score: 0.11)
mutant("c", "code-stops", recalibrate=lambda score: score / None)
mutant("j", "drift-means-broken", **GOOD | {"june": "off"})
mutant("j", "promise-left-broken", **GOOD | {"june": "wait"})
mutant("j", "index-sees-everything", **GOOD | {"sign": "index"})
mutant("j", "waits-for-shouting", **GOOD | {"sign": "complaints"})
mutant("j", "nobody-reads-meanwhile", **GOOD | {"meanwhile": "last"})
mutant("j", "nobody-reads-meanwhile", **GOOD | {"meanwhile": "stop"})
mutant("j", "no-rule-in-advance", **GOOD | {"who": "company"})
mutant("j", "forgets-those-below", **GOOD | {"owed": "figures"})
mutant("j", "switched-off-a-good-model", **GOOD | {"week": 78})  # as soon as the index passed 0.25
mutant("j", "before-one-could-know", **GOOD | {"week": 93})
mutant("j", "too-late", **GOOD | {"week": 104})
mutant("j", "incomplete", **GOOD | {"owed": None})
mutant("b", "index-sees-it", october=others)
mutant("b", "counting-shows-it", october=more)
mutant("b", "still-ranks", october=lambda cases: cases)
mutant("b", "changed-the-model", october=new_scores)
mutant("b", "too-few-cases", october=lambda cases: shuffled(cases).head(100))
mutant("b", "no-table", october=lambda cases: cases["urgent"])
mutant("b", "code-stops", october=lambda cases: 1 / 0)

gaming("t3", lines=["index"] * 5)
gaming("t3", lines=["edges", "before", "now", "clip", "__import__('os')"])
gaming("t4", alarms=lambda cases: list(cases["week_of"].unique()), limit=0.25)  # always on
gaming("t4", alarms=lambda cases: [pd.Timestamp("2025-06-16")], limit=0.25)  # hard-coded
gaming("t4", alarms={"outcome": "passed"}, limit=0.25)
gaming("c", recalibrate=lambda score: np.full(len(score), np.nan))
gaming("c", recalibrate="0.75")
gaming("c", recalibrate=lambda score: (score > 0.5).astype(float))
gaming("j", **GOOD | {"week": "99"})
gaming("j", **GOOD | {"week": 1e9})
gaming("j", **GOOD | {"owed": ["again"]})
gaming("b", october=lambda cases: pd.DataFrame({name: [0.0] * 400 for name in cases}))
gaming("b", october=lambda cases: pd.concat([cases.head(1)] * 400))
gaming("t2", choice=["promise", "broken"])
