"""The effects that each dataset must show at every seed, and their measurement.

A band is what a lab teaches with ("at a threshold of 0.5 this model finds nobody"). The figures are those of
the curriculum, the tolerances ours: wide enough for another draw of the same data, too narrow for another
lesson.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from labs.datasets import build
from labs.datasets.effects import (
    base_rates,
    counter_visits,
    desk_mails,
    letter_sorting,
    letters_private,
    processing_times,
    rule_questions,
    same_citizen,
    urgent_cases,
    urgent_recorded,
    weekly_counts,
    weekly_drift,
)
from labs.datasets.registry import Dataset

Measure = Callable[[pd.DataFrame, pd.DataFrame], dict[str, float]]


@dataclass(frozen=True)
class Band:
    """The range that a figure should be in: `low` to `high`, both allowed."""

    name: str
    low: float
    high: float
    aim: str


@dataclass(frozen=True)
class Line:
    """One figure of one dataset as measured at several seeds."""

    dataset: str
    band: Band
    values: list[float] = field(default_factory=list)

    def holds(self) -> bool:
        """Return whether every seed's figure is inside the band."""
        return all(self.band.low <= value <= self.band.high for value in self.values)


BANDS: dict[str, tuple[Measure, tuple[Band, ...]]] = {
    "counter-visits": (
        counter_visits.measure,
        (
            Band("long visits", 0.45, 0.55, "about half"),
            Band("right by empty_boxes", 0.76, 0.87, "about .81"),
            Band("right by papers", 0.5, 0.64, "little better than chance"),
            Band("right by hour", 0.44, 0.6, "nothing"),
        ),
    ),
    "service-requests": (
        base_rates.measure,
        (
            Band("majority baseline", 0.33, 0.37, "about .35"),
            Band("land first over all", 1, 1, "yes"),
            Band("land first online", 0, 0, "no"),
            Band("visited against ordinary", 1.4, 1.8, "more than 1"),
            Band("silent against ordinary", 0.1, 0.25, "far below 1"),
        ),
    ),
    "desk-mails": (
        desk_mails.measure,
        (
            Band("false mails", 0.115, 0.125, ".12"),
            Band("found by two of four signs", 0.93, 1, "more than .90"),
            Band("honest mails stopped by two of four signs", 0.005, 0.025, "less than .03"),
            Band("found by mistakes in spelling", 0.24, 0.26, "a quarter"),
            Band("honest mails that are urgent", 0.29, 0.31, "three in ten"),
        ),
    ),
    "letters": (
        letter_sorting.measure,
        (
            Band("accuracy", 0.66, 0.73, "about .69"),
            Band("macro-F1", 0.57, 0.69, ".63"),
            Band("naive Bayes accuracy", 0.46, 0.56, ".53"),
            Band("naive Bayes macro-F1", 0.24, 0.36, ".29"),
            Band("trained on en, tested on rw", 0.19, 0.31, ".26"),
            Band("surest half: accuracy", 0.8, 0.91, ".80 or better"),
        ),
    ),
    "letters-private": (
        letters_private.measure,
        (
            Band("IDs by a run of digits", 0.2, 0.32, "about a quarter"),
            Band("IDs by a careful rule", 0.98, 1, "at least .98"),
            Band("names by rules", 0.6, 0.8, ".6 to .8"),
        ),
    ),
    "urgent-recorded": (
        urgent_recorded.measure,
        (
            Band("urgent share", 0.045, 0.055, "about 5%"),
            Band("missed, rural", 0.38, 0.46, ".42"),
            Band("missed, urban", 0.17, 0.25, ".21"),
        ),
    ),
    "urgent-cases": (
        urgent_cases.measure,
        (
            Band("urgent share", 0.045, 0.055, "about 5%"),
            Band("AUC", 0.76, 0.81, "about .78"),
            Band("recall at .5", 0.0, 0.0, "0"),
            Band("recall at .05", 0.58, 0.67, ".62"),
            Band("flagged at .05", 0.155, 0.20, "18%"),
        ),
    ),
    "population-by-district": (
        base_rates.measure_population,
        (
            Band("districts", 30, 30, "30"),
            Band("inhabitants", 13_246_394, 13_246_394, "13,246,394 in the census of 2022"),
        ),
    ),
    "processing-times": (
        processing_times.measure,
        (
            Band("R² at intake", 0.2, 0.32, ".25"),
            Band("R² with the leak", 0.58, 0.72, ".66"),
            Band("MAE of the median", 7.8, 8.9, "8.4"),
            Band("MAE of boosting", 6.2, 7.3, "6.7"),
            Band("MAE after July", 11.2, 13.2, "12.1"),
        ),
    ),
    "rule-questions": (
        rule_questions.measure,
        (
            Band("first found by words", 0.45, 0.62, "about .55"),
            Band("first found by letters", 0.70, 0.85, "about .77"),
            Band("right at .5 by letters", 0.66, 0.82, "more than .65"),
            Band("wrong at .5 by letters", 0.07, 0.17, "less than .18"),
            Band("without a rule", 0.24, 0.26, "a quarter"),
        ),
    ),
    "service-rules": (
        rule_questions.measure_rules,
        (Band("rules", 96, 96, "96"), Band("languages of a rule", 3, 3, "3")),
    ),
    "same-citizen": (
        same_citizen.measure,
        (
            Band("precision", 0.9, 1, "at least .90"),
            Band("recall", 0.8, 1, "at least .80"),
            Band("recall by number alone", 0.5, 0.75, "not enough"),
        ),
    ),
    "weekly-counts": (
        weekly_counts.measure,
        (Band("better than a year ago", 0.13, 0.27, ".15 to .25"),),
    ),
    "weekly-desk": (
        weekly_drift.measure,
        (
            Band("weeks to the alarm", 1, 4, "within 4"),
            Band("false alarms a year", 0, 1, "at most 1"),
            Band("index moved by the silent change", 0, 0.12, "about 0"),
        ),
    ),
}


def measure(datasets: dict[str, Dataset], seeds: list[str]) -> list[Line]:
    """Every declared figure of these datasets at each seed: the learner's part against the hidden one."""
    lines = []
    for name, dataset in datasets.items():
        if name not in BANDS:
            continue
        measured, wanted = BANDS[name]
        figures = [
            measured(build.table(dataset, "learner", seed), build.table(dataset, "grader", seed))
            for seed in seeds
        ]
        lines += [Line(name, band, [found[band.name] for found in figures]) for band in wanted]
    return lines


def as_markdown(lines: list[Line]) -> str:
    """The band table, one line per figure."""
    seeds = len(lines[0].values) if lines else 0
    columns = ["dataset", "figure", "aim", "band", *(f"seed {n}" for n in range(1, seeds + 1)), "holds"]
    rows = [columns, ["---"] * len(columns)]
    for line in lines:
        band = line.band
        values = [f"{value:.3g}" for value in line.values]
        allowed = f"{band.low:g} to {band.high:g}"
        rows.append([line.dataset, band.name, band.aim, allowed, *values, "yes" if line.holds() else "NO"])
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)
