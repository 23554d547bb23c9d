"""What the checks and the judge have in common."""

import numpy as np

from labs.kit.checking import not_attempted, not_yet, number, passed

REFERENCE_WEEKS, PARTS = 26, 10
JUNE_WEEK, OCTOBER_WEEK = 75, 93


def ranking(score, urgent):
    """The chance that an urgent case has a higher score than one that is not (AUC), ties counted half."""
    score, urgent = np.asarray(score, float), np.asarray(urgent, bool)
    if urgent.all() or not urgent.any():
        return 0.5
    _, place, many = np.unique(score, return_inverse=True, return_counts=True)
    order = (np.cumsum(many) - (many - 1) / 2)[place]
    ill = int(urgent.sum())
    return float((order[urgent].sum() - ill * (ill + 1) / 2) / (ill * (len(score) - ill)))


# The lines of task t3, run as they stand: they are ours, the learner chooses their order.
LINES = {
    "clip": "before, now = before.clip(0.001), now.clip(0.001)",
    "own": "edges = np.quantile(new, np.linspace(0.1, 0.9, 9))",
    "now": "now = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)",
    "cancel": "index = (now - before).sum()",
    "edges": "edges = np.quantile(reference, np.linspace(0.1, 0.9, 9))",
    "counts": "now = np.bincount(np.searchsorted(edges, new), minlength=10)",
    "before": "before = np.bincount(np.searchsorted(edges, reference), minlength=10) / len(reference)",
    "index": "index = ((now - before) * np.log(now / before)).sum()",
}


def ordered(chosen, reference, new):
    """What chosen lines do with old and new scores."""
    space = {"np": np, "reference": reference, "new": new}
    try:
        with np.errstate(all="ignore"):
            exec("\n".join(LINES[one] for one in chosen), space)
    except NameError as error:
        return not_yet("order-matters", name=error.name)
    if "index" not in space or chosen[-1] not in ("index", "cancel"):
        return not_yet("no-index")
    if chosen[-1] == "cancel":
        return not_yet("differences-cancel")
    if "own" in chosen:
        return not_yet("moving-edges")
    if "counts" in chosen and "now" not in chosen:
        return not_yet("counts-are-not-shares", index=round(float(space["index"]), 1))
    if "clip" not in chosen or chosen.index("clip") < chosen.index("now"):
        return not_yet("empty-parts")
    return passed(index=round(float(space["index"]), 2))


def weeks_given(found, mondays):
    """Places of the weeks in which an alarm sounds, None where that is no list of Mondays."""
    place = {str(monday)[:10]: n for n, monday in enumerate(mondays)}
    if isinstance(found, (str, dict)) or not hasattr(found, "__iter__"):
        return None
    days = [str(one)[:10] for one in found]
    return sorted({place[day] for day in days}) if all(day in place for day in days) else None


def alarm_verdict(n):
    """Whether an alarm keeps the rule."""
    if n["rate"] > 1.0:
        return not_yet("cries-wolf", **n)
    if n["wait"] > 4:
        return not_yet("sounds-too-late" if n["wait"] < 99 else "never-sounds", **n)
    if n["kept_share"] < 0.5:
        return not_yet("alarm-forgets", **n)
    return passed(**n)


def corrected(chance, score, urgent, mean=1.5, most=6):
    """What corrected chances are worth against what came true."""
    try:
        chance = np.asarray(chance, float)
    except (TypeError, ValueError):
        return not_yet("wrong-shape")
    if chance.shape != np.shape(score) or not np.isfinite(chance).all():
        return not_yet("wrong-shape")
    score, urgent = np.asarray(score, float), np.asarray(urgent, bool)
    n = {"promised": round(100 * float(chance.mean()), 1), "came": round(100 * float(urgent.mean()), 1)}
    if chance.min() < 0 or chance.max() > 1:
        n |= {"low": round(float(chance.min()), 2), "high": round(float(chance.max()), 2)}
        return not_yet("not-a-chance", **n)
    before, after = ranking(score, urgent), ranking(chance, urgent)
    n |= {"before": round(before, 2), "after": round(after, 2)}
    top = score >= np.quantile(score, 0.9)
    n |= {
        "top_promised": round(100 * float(chance[top].mean())),
        "top_came": round(100 * float(urgent[top].mean())),
    }
    kinds = len(set(chance.round(6)))
    if kinds < 20:
        return not_yet("one-chance-for-all", kinds=kinds, **n)
    if after < before - 0.01:
        return not_yet("order-changed", **n)
    if abs(n["promised"] - n["came"]) > mean:
        return not_yet("still-promises-too-much" if n["promised"] > n["came"] else "promises-too-little", **n)
    if abs(n["top_promised"] - n["top_came"]) > most:
        return not_yet("right-only-on-average", **n)
    return passed(**n)


QUESTIONS = {
    "june": ("off", "correct", "wait"),
    "sign": ("index", "outcomes", "complaints"),
    "meanwhile": ("last", "people", "stop"),
    "who": ("company", "feeling", "rule"),
    "owed": ("nothing", "figures", "again"),
}
COLUMNS = ("score", "prior_contacts", "words_n", "circumstance_ticked", "urgent")


def index_of(reference, new):
    """The population stability index of `new` scores against `reference`, over the reference's own ten parts.

    After Siddiqi, "Credit Risk Scorecards" (2006); a part nobody is in counts as one in a thousand.
    """
    edges = np.quantile(reference, np.linspace(0, 1, PARTS + 1)[1:-1])
    before = np.bincount(np.searchsorted(edges, reference), minlength=PARTS) / len(reference)
    now = np.bincount(np.searchsorted(edges, new), minlength=PARTS) / len(new)
    before, now = before.clip(0.001), now.clip(0.001)
    return float(((now - before) * np.log(now / before)).sum())


def sounded(histories):
    """What alarms say about the rule: each history is (weeks, place of the change or None, places of alarms)."""
    false = quiet = 0
    waits, kept = [], []
    for count, change, alarms in histories:
        end = count if change is None else change
        false += sum(REFERENCE_WEEKS <= place < end for place in alarms)
        quiet += end - REFERENCE_WEEKS
        if change is not None:
            after = [place for place in alarms if place >= change]
            waits.append(after[0] - change + 1 if after else 99)
            later = range(change + 4, count)
            kept.append(sum(place in after for place in later) / len(later))
    return {"false": false, "years": round(quiet / 52, 1), "rate": false / quiet * 52,
            "wait": max(waits), "kept_share": min(kept)}  # fmt: skip


def decided(answers, first, last):
    """Whether the week fits what was known, and the answers fit each other."""
    said = {name: getattr(answers, name) for name in QUESTIONS}
    week = number(answers.week)
    if not any(said.values()):
        return not_attempted()
    if (
        not all(isinstance(said[name], str) and said[name] in QUESTIONS[name] for name in said)
        or week is None
    ):
        return not_yet("incomplete")
    if not 9 <= week <= 104 or week != int(week):
        return not_yet("incomplete")
    n = {"week": int(week)}
    wrong = [
        (said["june"] == "off", "drift-means-broken"),
        (said["june"] == "wait", "promise-left-broken"),
        (said["sign"] == "index", "index-sees-everything"),
        (said["sign"] == "complaints", "waits-for-shouting"),
        (said["meanwhile"] != "people", "nobody-reads-meanwhile"),
        (said["who"] != "rule", "no-rule-in-advance"),
        (said["owed"] != "again", "forgets-those-below"),
        (JUNE_WEEK <= week < OCTOBER_WEEK, "switched-off-a-good-model"),
        (week < first, "before-one-could-know"),
        (week > last, "too-late"),
    ]
    found = next((key for is_so, key in wrong if is_so), None)
    return not_yet(found, **n) if found else passed(**n)


def unseen(given, made):
    """Whether the index misses a change that the ranking does not survive. Both are columns by name."""
    lengths = {len(made[name]) for name in COLUMNS}
    if len(lengths) != 1:
        return not_yet("no-table")
    count = lengths.pop()
    if count < 300:
        return not_yet("too-few-cases", count=count)
    signs = COLUMNS[1:4]
    known = {tuple(float(given[name][n]) for name in signs): set() for n in range(len(given["score"]))}
    for n, score in enumerate(given["score"]):
        known[tuple(float(given[name][n]) for name in signs)].add(round(float(score), 4))
    for n in range(count):
        who = tuple(float(made[name][n]) for name in signs)
        if round(float(made["score"][n]), 4) not in known.get(who, ()) or float(made["urgent"][n]) not in (
            0.0,
            1.0,
        ):
            return not_yet("changed-the-model")
    before = sum(float(one) for one in given["urgent"]) / len(given["urgent"])
    now = sum(float(one) for one in made["urgent"]) / count
    n = {"index": round(index_of(np.array(given["score"], float), np.array(made["score"], float)), 2),
         "ranking": round(ranking(made["score"], made["urgent"]), 2),
         "before": round(100 * before, 1), "now": round(100 * now, 1)}  # fmt: skip
    if n["index"] >= 0.10:
        return not_yet("index-sees-it", **n)
    if abs(now - before) > 0.1 * before:
        return not_yet("counting-shows-it", **n)
    if n["ranking"] >= 0.60:
        return not_yet("still-ranks", **n)
    return passed(**n)
