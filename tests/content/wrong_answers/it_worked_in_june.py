"""Wrong answers to "It worked in June", written by somebody other than the lab's author."""

import numpy as np


def psi(reference, new):
    edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))
    before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)
    now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)
    before, now = before.clip(0.001), now.clip(0.001)
    return float(((now - before) * np.log(now / before)).sum())


def alarm(limit, index=psi, first=26):
    def alarms(cases):
        weeks = {monday: group["score"].to_numpy() for monday, group in cases.groupby("week_of")}
        mondays = sorted(weeks)
        reference = np.concatenate([weeks[one] for one in mondays[:26]])
        return [one for one in mondays[first:] if index(reference, weeks[one]) >= limit]

    return alarms


def still_in_rows(cases):
    changed = cases.copy()
    changed["urgent"] = cases["urgent"].sample(frac=1, random_state=1)  # pandas puts each value back
    return changed


def nobody(cases):
    return cases.assign(urgent=False)


def turned(cases):
    return cases.assign(urgent=~cases["urgent"].astype(bool))


GOOD = {
    "week": 99,
    "june": "correct",
    "sign": "outcomes",
    "meanwhile": "people",
    "who": "rule",
    "owed": "again",
}

mutant("t3", "no-index", lines=["edges", "before", "now", "index", "clip"])
mutant("t3", "order-matters", lines=["edges", "before", "clip", "now", "index"])
mutant("t3", "moving-edges", lines=["edges", "own", "before", "now", "index"])
mutant("t4", "never-sounds", alarms=alarm(25), limit=25)  # per cent
mutant("t4", "code-stops", alarms=alarm(0.25, index=lambda reference, new: None), limit=0.25)
mutant("t4", "alarm-forgets", alarms=lambda cases: alarm(0.25)(cases)[:3], limit=0.25)
mutant("t4", "wrong-shape", alarms=lambda cases: [30, 31, 32], limit=0.25)
mutant("t4", "wrong-shape", alarms=lambda cases: len(alarm(0.25)(cases)), limit=0.25)
mutant("t4", "cries-wolf", alarms=alarm(0.25, index=lambda reference, new: 1.0), limit=0.25)
mutant("c", "not-a-chance", recalibrate=lambda score: score - 0.04)
mutant("c", "one-chance-for-all", recalibrate=lambda score: score.round(1))
mutant("c", "promises-too-little", recalibrate=lambda score: score**2)
mutant("c", "order-changed", recalibrate=lambda score: np.minimum(score, 0.22))  # all the highest are alike
mutant("b", "still-ranks", october=still_in_rows)
mutant("b", "counting-shows-it", october=nobody)
mutant("b", "counting-shows-it", october=turned)
mutant("b", "no-table", october=lambda cases: cases.rename(columns={"score": "points"}))
mutant("j", "before-one-could-know", **GOOD | {"week": 98})
mutant("j", "too-late", **GOOD | {"week": 102})

# A second reader's answers, written from what learners see alone.


def no_log(reference, new):
    edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))
    before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)
    now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)
    return float((now - before).sum())


def in_counts(reference, new):
    edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))
    before = np.bincount(np.searchsorted(edges, reference), minlength=10).clip(1)
    now = np.bincount(np.searchsorted(edges, new), minlength=10).clip(1)
    return float(((now - before) * np.log(now / before)).sum())


def first_rows(cases):
    return cases.head(100)


def mirrored(cases):
    return cases.assign(score=1 - cases["score"])


mutant("t3", "differences-cancel", lines=["edges", "before", "now", "clip", "cancel"])
mutant("t3", "counts-are-not-shares", lines=["edges", "before", "counts", "clip", "index"])
mutant("t4", "never-sounds", alarms=alarm(0.25, index=no_log), limit=0.25)
mutant("t4", "cries-wolf", alarms=alarm(0.25, index=in_counts), limit=0.25)
mutant("t4", "cries-wolf", alarms=alarm(0.05), limit=0.05)
mutant("t4", "never-sounds", alarms=alarm(1.0), limit=1.0)
mutant("t4", "wrong-shape", alarms=lambda cases: True, limit=0.25)
mutant("t4", "wrong-shape", alarms=lambda cases: print("alarm"), limit=0.25)
mutant("t4", "code-stops", alarms=alarm("0.25"), limit="0.25")
mutant("c", "wrong-shape", recalibrate=lambda score: 0.11)
mutant("c", "still-promises-too-much", recalibrate=lambda score: score)
mutant("c", "not-a-chance", recalibrate=lambda score: score * 73)  # 11 for 15 in per cent
mutant("c", "order-changed", recalibrate=lambda score: 1 - score)
mutant("c", "wrong-shape", recalibrate=lambda score: score.mean())
mutant("c", "not-a-chance", recalibrate=lambda score: score * 15 / 11)  # upside down
mutant("b", "too-few-cases", october=first_rows)
mutant("b", "changed-the-model", october=mirrored)
mutant("b", "still-ranks", october=lambda cases: cases)
mutant("b", "no-table", october=lambda cases: cases["urgent"].sample(frac=1))
mutant("j", "drift-means-broken", **GOOD | {"week": 75, "june": "off"})
mutant("j", "index-sees-everything", **GOOD | {"sign": "index", "who": "feeling"})
mutant("j", "forgets-those-below", **GOOD | {"owed": "nothing"})
