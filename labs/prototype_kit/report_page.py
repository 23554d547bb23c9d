"""The page of an evaluation: tables, slices with intervals, plots. One HTML file that needs nothing else."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import (
    N_,
    bench_sentence,
    sentences_in,
    share_text,
    terminal_language,
)
from labs.prototype_kit.application.project_settings import Settings
from labs.prototype_kit.model_measures import HIGHER_IS_BETTER, MAIN

PAGES = Path(__file__).parent / "pages"
WORDS = {
    "baseline": N_("without any model"),
    "rule": N_("the simple rule"),
    "model": N_("the model"),
    "cost_per_100": N_("cost per 100 cases"),
    "caught": N_("caught"),
    "right_when_flagged": N_("right when flagged"),
    "flagged": N_("flagged"),
    "ranking": N_("ranking (AUC)"),
    "brier": N_("Brier score"),
    "accuracy": N_("right answers"),
    "mean_f1": N_("mean F1"),
    "mean_error": N_("mean error"),
    "middle_error": N_("median error"),
    "relative_error": N_("relative error"),
}
SLICE_MEASURE = {"yes-no": "caught", "choice": "accuracy", "number": "mean_error"}


def write_report(folder: Path, settings: Settings, record: dict[str, Any]) -> Path:
    """Write `report.html` into the project's folder in the language of the terminal."""
    from jinja2 import Environment, FileSystemLoader

    language = terminal_language()
    found = record["measures"]
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)
    text = pages.get_template("report.html").render(
        _=sentences_in(language).gettext,
        language=language,
        title=settings.titled(language),
        record=record,
        found=found,
        change=record["change"],
        synthetic=is_synthetic(folder),
        better=beats_rule(record),
        words={name: bench_sentence(words, language) for name, words in WORDS.items()},
        slice_measure=SLICE_MEASURE[record["kind"]],
        percent=lambda share: share_text(share, language),
        plots=plots_of(record, language),
    )
    path = folder / "report.html"
    path.write_text(text, "utf-8")
    return path


def is_synthetic(folder: Path) -> bool:
    """Return whether the project's data was invented."""
    try:
        return bool(json.loads((folder / "data" / "data.json").read_text("utf-8")).get("synthetic"))
    except (OSError, json.JSONDecodeError):
        return False


def beats_rule(record: dict[str, Any]) -> bool:
    """Return whether the model is better than the simple rule and than nothing, on later cases."""
    name, table = MAIN[record["kind"]], record["measures"]["by"]["time"]
    sign = 1 if HIGHER_IS_BETTER[name] else -1
    return all(sign * table["model"][name] > sign * table[other][name] for other in ("rule", "baseline"))


def plots_of(record: dict[str, Any], language: str) -> list[dict[str, str]]:
    """Return the plots as PNG in base64, each with its sentence."""
    from matplotlib.figure import Figure

    found, plots = record["measures"], []
    if "calibration" in found:
        figure = Figure(figsize=(5, 3.4), layout="constrained")
        axes = figure.add_subplot()
        said = [row["said"] for row in found["calibration"]]
        axes.plot([0, 1], [0, 1], color="#9aa5b1", lw=1)
        axes.plot(said, [row["happened"] for row in found["calibration"]], "o-", color="#1f5fa8")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        text = bench_sentence(
            N_("What the model said (across) and how often it happened (up): on the line is honest."),
            language,
        )
        plots.append({"alt": text, "data": _png(figure)})
    if "costs" in found:
        figure = Figure(figsize=(5, 3.4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(found["costs"]["bars"], found["costs"]["costs"], color="#1f5fa8")
        axes.axvline(found["decision"]["bar"], color="#9b1c1c", lw=1)
        axes.axvspan(*found["decision"]["band"], color="#9b1c1c", alpha=0.12)
        text = bench_sentence(
            N_(
                "The cost of 100 cases (up) for each bar (across); the line is the bar, the band goes to a person."
            ),
            language,
        )
        plots.append({"alt": text, "data": _png(figure)})
    for name, rows in found["slices"].items():
        plots.append(_slice_plot(name, rows, language))
    return plots


def _slice_plot(name: str, rows: list[dict[str, Any]], language: str) -> dict[str, str]:
    from matplotlib.figure import Figure

    shown = [row for row in rows if not row["few"]][:40]
    figure = Figure(figsize=(5, 0.8 + 0.22 * max(1, len(shown))), layout="constrained")
    axes = figure.add_subplot()
    for at, row in enumerate(shown):
        colour = "#9b1c1c" if row["worse"] else "#1f5fa8"
        axes.plot([row["low"], row["high"]], [at, at], color=colour)
        axes.plot([row["measure"]], [at], "o", color=colour, ms=4)
    axes.set_yticks(range(len(shown)), [row["value"] for row in shown], fontsize=8)
    axes.invert_yaxis()
    return {
        "alt": bench_sentence(N_("By {name}, with 95% intervals."), language, name=name),
        "data": _png(figure),
    }


def _png(figure: Any) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return base64.b64encode(buffer.getvalue()).decode()
