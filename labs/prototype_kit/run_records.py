"""Runs, each one JSON file in `runs/`: parameters, data hash, code commit, measures; and what changed since the last."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, bench_sentence
from labs.prototype_kit.model_measures import HIGHER_IS_BETTER, MAIN
from labs.prototype_kit.project_history import code_commit

MEASURES = {
    "cost_per_100": N_("the cost of 100 cases"),
    "accuracy": N_("the share of right answers"),
    "mean_error": N_("the mean error"),
}
TOLERANCE = 1e-9


def write_run(
    folder: Path, parameters: dict[str, Any], facts: dict[str, Any], found: dict[str, Any], seconds: float
) -> dict[str, Any]:
    """Write the record of one run and return it."""
    place = folder / "runs"
    place.mkdir(exist_ok=True)
    number = max((int(path.stem) for path in place.glob("*.json") if path.stem.isdigit()), default=0) + 1
    record = {
        "run": number,
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "parameters": parameters,
        "kind": facts["kind"],
        "data_sha256": facts["data_sha256"],
        "contract_sha256": facts["contract_sha256"],
        "model_sha256": facts["model_sha256"],
        "sklearn": facts["sklearn"],
        "commit": code_commit(folder),
        "seconds": round(seconds, 1),
        "measures": found,
    }
    (place / f"{number:04}.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return record


def recorded_runs(folder: Path) -> list[dict[str, Any]]:
    """Return all runs, the first one first."""
    paths = sorted(path for path in (folder / "runs").glob("*.json") if path.stem.isdigit())
    return [json.loads(path.read_text("utf-8")) for path in paths]


def latest_run(folder: Path) -> dict[str, Any] | None:
    """Return the last run, None if there is none."""
    found = recorded_runs(folder)
    return found[-1] if found else None


def main_measure(record: dict[str, Any]) -> float:
    """Return the one measure that decides, of the model on later cases."""
    return float(record["measures"]["by"]["time"]["model"][MAIN[record["kind"]]])


def sentence_of_change(before: dict[str, Any] | None, now: dict[str, Any], language: str = "") -> str:
    """Return in one sentence what changed since the last run."""
    name = MAIN[now["kind"]]
    value = main_measure(now)
    what = bench_sentence(MEASURES[name], language)
    if before is None or before["kind"] != now["kind"]:
        return bench_sentence(N_("First run: {what} is {value:.3g}."), language, what=what, value=value)
    was = main_measure(before)
    causes = _causes(before, now, language)
    why = ", ".join(causes) or bench_sentence(N_("nothing else changed"), language)
    if abs(value - was) <= TOLERANCE:
        text = N_("Since run {run}, {what} stayed at {value:.3g} ({why}).")
    elif (value > was) == HIGHER_IS_BETTER[name]:
        text = N_("Since run {run}, {what} went from {was:.3g} to {value:.3g}, which is better ({why}).")
    else:
        text = N_("Since run {run}, {what} went from {was:.3g} to {value:.3g}, which is worse ({why}).")
    return bench_sentence(text, language, run=before["run"], what=what, was=was, value=value, why=why)


def _causes(before: dict[str, Any], now: dict[str, Any], language: str) -> list[str]:
    causes = []
    if before["data_sha256"] != now["data_sha256"]:
        causes.append(bench_sentence(N_("other data"), language))
    if before["contract_sha256"] != now["contract_sha256"]:
        causes.append(bench_sentence(N_("another contract"), language))
    old, new = before["parameters"], now["parameters"]
    causes += [
        f"{key}: {old.get(key)} → {new.get(key)}"
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]
    if before["commit"] != now["commit"] and not causes:
        causes.append(bench_sentence(N_("other code"), language))
    return causes
