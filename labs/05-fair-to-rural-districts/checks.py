"""What a learner may run: group rates with intervals, live views of the lab, and instant checks."""

import math
from functools import lru_cache

import numpy as np
import pandas as pd

from labs.kit import lab, plots
from labs.kit.checking import check, number, view
from shared import BAR, GROUPS, MEASURES, PLACES, calls_verdict, lines_verdict, report_verdict, tests_verdict

KNOWN = 4000
SHUFFLES = 400
"""Enough to tell 5 of 100 from none, and quick enough for a picture that follows the menus."""


def facts(cases):
    """What the model may look at: neither place nor person."""
    words = pd.get_dummies(cases[["service", "circumstance"]], dtype=float)
    return words.join(cases[["prior_contacts", "days_waiting"]].astype(float))


def scores(known, new):
    """The chance of each new file being urgent, as the records of the known ones teach it."""
    from sklearn.linear_model import LogisticRegression

    seen = facts(known)
    model = LogisticRegression(max_iter=3000).fit(seen, known["recorded_urgent"])
    return model.predict_proba(facts(new).reindex(columns=seen.columns, fill_value=0))[:, 1]


def scored(cases):
    """Files with scores: each half by a model that learnt from the other half."""
    older, newer = cases.iloc[:KNOWN], cases.iloc[KNOWN:]
    return cases.assign(score=np.concatenate([scores(newer, older), scores(older, newer)]))


@lru_cache(maxsize=1)
def pile():
    """All files with their scores, made here so that no cell has to have been run before."""
    return scored(lab.load("urgent-recorded"))


def interval(part, whole):
    """A share with its 95% interval: Wilson's, from "Probable inference", JASA 22 (1927)."""
    if not whole:
        return 0.0, 0.0, 1.0
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return share, max(0.0, middle - half), min(1.0, middle + half)


def measured(flagged, urgent, measure):
    """How many of how many, for one measure in one group."""
    if measure == "missed":
        return int((urgent & ~flagged).sum()), int(urgent.sum())
    if measure == "read":
        return int(flagged.sum()), len(flagged)
    if measure == "vain":
        return int((flagged & ~urgent).sum()), int(flagged.sum())
    return int((flagged == urgent).sum()), len(flagged)


def by_group(group, measure):
    """Per group: name, how many, of how many, share, and both ends of its interval."""
    files = pile()
    flagged, urgent = (files["score"] >= BAR).to_numpy(), files["urgent"].to_numpy(bool)
    found = []
    for name in sorted(files[group].dropna().unique()):
        here = (files[group] == name).to_numpy()
        part, whole = measured(flagged[here], urgent[here], measure)
        found.append((name, part, whole, *interval(part, whole)))
    return found


def said(name):
    """A group in the learner's language."""
    key = str(name).replace(" ", "_").replace("-", "_")
    word = lab.say(key)
    return str(name) if word == key else word


def difference(rows):
    """The largest difference between two groups in points, and its 95% interval.

    From both shares' own intervals, as Newcombe does it: Statistics in Medicine 17 (1998), method 10.
    """
    above, below = max(rows, key=lambda row: row[3]), min(rows, key=lambda row: row[3])
    gap = above[3] - below[3]
    low = gap - math.hypot(above[3] - above[4], below[5] - below[3])
    high = gap + math.hypot(above[5] - above[3], below[3] - below[4])
    return {
        "above": said(above[0]),
        "below": said(below[0]),
        "gap": round(100 * gap),
        "low": round(100 * low),
        "high": round(100 * high),
    }


@lru_cache(maxsize=16)
def chance_of(group, measure):
    """In how many of 100 cases files that are shuffled among the groups show a difference as large as the real one."""
    files = pile()
    flagged, urgent = (files["score"] >= BAR).to_numpy(), files["urgent"].to_numpy(bool)
    counted = {"missed": urgent, "vain": flagged}.get(measure, np.ones(len(files), bool))
    hits = {"missed": ~flagged, "read": flagged, "vain": ~urgent, "right": flagged == urgent}[measure][
        counted
    ]
    names, places = np.unique(files[group].to_numpy(str)[counted], return_inverse=True)
    sizes = np.bincount(places)

    def largest(order):
        shares = np.bincount(order, weights=hits, minlength=len(names)) / sizes
        return shares.max() - shares.min()

    rng, real = np.random.default_rng(0), largest(places)
    return round(100 * np.mean([largest(rng.permutation(places)) >= real - 1e-12 for _ in range(SHUFFLES)]))


def how_sure(group, measure):
    """Two sentences: the difference with its interval, and how often chance alone makes one as large."""
    chance = chance_of(group, measure)
    key = "overlapping" if chance >= 5 else "apart"
    gap = lab.say("difference_says", **difference(by_group(group, measure)))
    return plots.text(gap) + plots.text(lab.say(key, chance=chance))


def table(group, measure):
    """A group's rates as a table: the twin of the picture."""
    rows = [
        [
            said(name),
            f"{lab.count(part)} / {lab.count(whole)}",
            lab.share(share),
            f"{lab.share(low)} – {lab.share(high)}",
        ]
        for name, part, whole, share, low, high in by_group(group, measure)
    ]
    return plots.table(
        [lab.say(group), lab.say(f"of_{measure}"), lab.say(measure), lab.say("interval")], rows
    )


def picture(group, measure):
    """Each group's share as a dot, its interval as a line."""
    rows = by_group(group, measure)[::-1]
    spoken = ", ".join(
        lab.say("dot", name=said(r[0]), share=r[3], low_share=r[4], high_share=r[5]) for r in rows
    )
    title = lab.say("picture_title", measure=lab.say(measure))
    alt = lab.say("picture_alt", groups=spoken)
    with plots.figure(title, alt, height=0.5 + 0.3 * len(rows)) as figure:
        axes = figure.axes[0]
        for place, row in enumerate(rows):
            axes.plot([100 * row[4], 100 * row[5]], [place, place], color=plots.CALM, linewidth=3, alpha=0.6)
            axes.plot([100 * row[3]], [place], "o", color=plots.WARN)
        axes.set_yticks(range(len(rows)), [said(row[0]) for row in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlim(0, 100)
        axes.set_xlabel(lab.say("in_100"))
    return figure


def intervals(group):
    """Whom the model misses in each group, with intervals."""
    return picture(group, "missed") + table(group, "missed") + how_sure(group, "missed")


def missed_by_place():
    """One sentence: whom the model misses in country and town."""
    rows = {row[0]: row for row in by_group("urban_rural", "missed")}
    rural, urban = rows["rural"], rows["urban"]
    return plots.text(
        lab.say("missed_says", rural=rural[1], of_rural=rural[2], rural_share=rural[3],
                urban=urban[1], of_urban=urban[2], urban_share=urban[3])
    )  # fmt: skip


@check("t3")
def lines_count_the_missed(answers):
    return lines_verdict(answers.lines, of_the_country)


def of_the_country():
    """Figures of the country: files not read first, urgent people missed, recorded as urgent, urgent."""
    files = pile()
    rural, flagged = (files["urban_rural"] == "rural").to_numpy(), (files["score"] >= BAR).to_numpy()
    urgent, recorded = files["urgent"].to_numpy(bool), files["recorded_urgent"].to_numpy(bool)
    return {
        "not_read": float((~flagged)[rural].mean()),
        "missed": float((~flagged)[rural & urgent].mean()),
        "known": int((rural & recorded).sum()),
        "people": int((rural & urgent).sum()),
    }


def called(place, visits):
    """What calling back reaches: shares missed in country and town, and the share of files read or called."""
    files = pile()
    rural, urgent = (files["urban_rural"] == "rural").to_numpy(), files["urgent"].to_numpy(bool)
    here = {"rural": rural, "urban": ~rural, "all": np.ones(len(files), bool)}[place]
    calls = (
        here
        & (files["circumstance"] == "none noted").to_numpy()
        & (files["prior_contacts"] >= visits).to_numpy()
    )
    seen = (files["score"] >= BAR).to_numpy() | calls
    return {
        "place": place,
        "visits": visits,
        "calls": int(calls.sum()),
        "rural_share": float(1 - seen[rural & urgent].mean()),
        "urban_share": float(1 - seen[~rural & urgent].mean()),
        "read_share": float(seen.mean()),
    }


def call_back(place, visits):
    """What a rule of task t4 reaches, as a table."""
    visits = number(visits)
    place = place if isinstance(place, str) and place in PLACES else None
    if place is None or visits is None or visits != int(visits) or not 0 <= visits <= 20:
        return plots.text(lab.say("write_first"))
    n = called(place, int(visits))
    rows = [
        [lab.say("missed_rural"), lab.share(n["rural_share"]), lab.say("at_most", n=lab.share(0.30))],
        [lab.say("missed_urban"), lab.share(n["urban_share"]), ""],
        [lab.say("handled"), lab.share(n["read_share"]), lab.say("at_most", n=lab.share(0.30))],
        [lab.say("calls"), lab.count(n["calls"]), ""],
    ]
    return plots.table(["", "", lab.say("aim")], rows)


@check("t4")
def calls_reach_the_aim(answers):
    return calls_verdict(answers.place, answers.visits, called, 0.30, 0.30)


@view("j")
def gap_now(answers):
    group = answers.group if answers.group in GROUPS else GROUPS[0]
    measure = answers.measure if answers.measure in MEASURES else MEASURES[0]
    return table(group, measure), picture(group, measure), how_sure(group, measure)


@check("j")
def report_holds_together(answers):
    return report_verdict(answers)


def shares_of(rural, urban):
    """What reading so many of 100 files in each place does: shares read first, and shares of urgent people missed."""
    files = pile()
    n = {}
    for name, per_100 in (("rural", rural), ("urban", urban)):
        here = files[files["urban_rural"] == name].sort_values("score", ascending=False, kind="stable")
        first = round(len(here) * per_100 / 100)
        urgent = here["urgent"].to_numpy(bool)
        n[f"{name}_read_share"] = first / len(here)
        n[f"{name}_missed_share"] = float(urgent[first:].sum() / urgent.sum())
    return n


@view("b")
def tests_now(answers):
    n = shares_of(number(answers.rural) or 8, number(answers.urban) or 11)
    read = abs(n["rural_read_share"] - n["urban_read_share"])
    gap = n["rural_missed_share"] - n["urban_missed_share"]
    tick = {True: "✓", False: "–"}
    rows = [
        [lab.say("read"), lab.share(n["rural_read_share"]), lab.share(n["urban_read_share"]),
         lab.say("points", n=round(100 * read)), f"{tick[read < 0.015]} {lab.say('at_most', n=1)}"],
        [lab.say("missed"), lab.share(n["rural_missed_share"]), lab.share(n["urban_missed_share"]),
         lab.say("points", n=round(100 * gap)), f"{tick[gap >= 0.12]} {lab.say('at_least', n=12)}"],
    ]  # fmt: skip
    head = ["", said("rural"), said("urban"), lab.say("difference"), lab.say("wanted")]
    return (plots.table(head, rows),)


@check("b")
def one_test_passes_another_fails(answers):
    return tests_verdict(answers.rural, answers.urban, shares_of, 0.12)
