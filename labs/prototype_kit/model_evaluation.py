"""`isomo prototype evaluate`: train, measure by time and by group, record, and store the model.

Nothing is measured on rows that the model has learned from. The bar, the band and the interval come from the same
out-of-sample scores; the last fifth of the time is kept apart for drift.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from labs.prototype_kit import model_measures
from labs.prototype_kit.application import model_drift
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.data_contract import (
    feature_kinds,
    feature_names,
    read_contract,
    write_contract,
)
from labs.prototype_kit.application.model_file import file_hash, read_facts, save_model
from labs.prototype_kit.application.project_settings import Settings, read_settings
from labs.prototype_kit.application.slice_drift import slice_references
from labs.prototype_kit.data_deletion import must_be_kept_still
from labs.prototype_kit.data_intake import note_access
from labs.prototype_kit.model_building import scores_of, weight_names
from labs.prototype_kit.shared_edits import SeenFiles, hold_folder
from labs.prototype_kit.tracker_files import write_tracked_run
from labs.prototype_kit.training_data import TrainingData, project_code, read_training_data

FOLDS = 4
LATER = 0.2
COVERAGE = 0.8
WORKED_FROM = ("contract.toml", "prototype.toml", "model_code.py")
Build = Callable[[], Any]
Fold = tuple[np.ndarray, np.ndarray]


def evaluate(folder: Path) -> dict[str, Any]:
    """Measure the project in `folder`, store its model and its report; return the run's record."""
    from labs.prototype_kit.report_page import write_report
    from labs.prototype_kit.run_records import latest_run, sentence_of_change, write_run

    began = time.monotonic()
    seen = SeenFiles(folder, WORKED_FROM, ("data/data.csv",))
    settings, code = read_settings(folder), project_code(folder)
    must_be_kept_still(folder)
    if (folder / "data" / "data.csv").is_file():
        note_access(folder, "trained on", "data.csv")
    contract = read_contract(folder / "contract.toml")
    data = read_training_data(contract, folder / "data" / "data.csv", settings.kind)

    def build() -> Any:
        return code.build_model(data.contract)

    # More threads than one only wait for each other on small tables.
    with threadpool_limits(1):
        found = measure_model(settings, data, build, np.asarray(code.simple_rule(data.rows), dtype=object))
        model = build().fit(data.table, data.target)
    facts = _facts(settings, data, model, found)
    with hold_folder(folder):
        seen.must_be_same()
        write_contract(data.contract, folder / "contract.toml")
        facts["contract_sha256"] = file_hash(folder / "contract.toml")
        facts["data_sha256"] = file_hash(folder / "data" / "data.csv")
        before = latest_run(folder)
        facts = save_model(model, facts, folder / "model")
        parameters = dict(getattr(code, "PARAMETERS", {}))
        record = write_run(folder, parameters, facts, found, time.monotonic() - began)
    record["change"] = sentence_of_change(before, record)
    write_tracked_run(folder, record, write_report(folder, settings, record))
    return record


def measure_model(settings: Settings, data: TrainingData, build: Build, rule: np.ndarray) -> dict[str, Any]:
    """Return all measures as plain data."""
    by_time, seen = _out_of_sample(settings.kind, data, build, list(time_folds(data.time)))
    target = _truth(settings.kind, data.target)
    decision = _decision(settings, target[seen], by_time[seen], data)
    found: dict[str, Any] = {"rows": len(data), "all_rows": data.all_rows, "decision": decision, "by": {}}
    found["by"]["time"] = _compared(settings, data, rule, by_time, seen, decision)
    if data.group is not None and len(set(data.group)) >= 2:
        scores, there = _out_of_sample(settings.kind, data, build, list(group_folds(data.group)))
        found["by"]["group"] = _compared(settings, data, rule, scores, there, decision)
    found["slices"] = {
        name: _slice(settings, data, values, by_time, seen, decision) for name, values in data.slices.items()
    }
    if settings.kind == "yes-no":
        found["calibration"] = model_measures.calibration_groups(target[seen], by_time[seen])
        found["calibration_error"] = model_measures.calibration_error(found["calibration"])
        bars, costs = model_measures.cost_curve(
            target[seen], by_time[seen], settings.cost_missed, settings.cost_false_alarm
        )
        found["costs"] = {"bars": bars.round(4).tolist(), "costs": costs.round(3).tolist()}
    found["drift"] = _later(settings, data, build, decision)
    return found


def time_folds(days: np.ndarray) -> Iterator[Fold]:
    """Yield (learn from, measure on): always an earlier period and the one after it, cut between two days."""
    cuts = [int(np.searchsorted(days, days[len(days) * n // (FOLDS + 1)])) for n in range(1, FOLDS + 1)]
    ends = [*cuts[1:], len(days)]
    for begin, end in zip(cuts, ends, strict=True):
        if 0 < begin < end:
            yield np.arange(begin), np.arange(begin, end)


def group_folds(groups: np.ndarray) -> Iterator[Fold]:
    """Yield (learn from, measure on) so that no group is on both sides."""
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(min(FOLDS, len(set(groups)))).split(groups, groups=groups)


def _out_of_sample(
    kind: str, data: TrainingData, build: Build, folds: list[Fold]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's score from a model that has not seen it, and which rows have one."""
    classes = sorted(set(data.target)) if kind == "choice" else []
    shape = (len(data), len(classes)) if classes else (len(data),)
    scores, seen = np.zeros(shape), np.zeros(len(data), bool)
    for learn, test in folds:
        if kind != "number" and len(set(data.target[learn])) < 2:
            continue
        model = build().fit(data.table[learn], data.target[learn])
        found = scores_of(model, kind, data.table[test])
        if classes:
            columns = np.asarray([classes.index(each) for each in model.classes_])
            scores[np.ix_(test, columns)] = found
        else:
            scores[test] = found
        seen[test] = True
    return scores, seen


def _truth(kind: str, target: np.ndarray) -> np.ndarray:
    return target == "yes" if kind == "yes-no" else target


def _decision(
    settings: Settings, truth: np.ndarray, scores: np.ndarray, data: TrainingData
) -> dict[str, Any]:
    """Return bar, band or interval from scores of unseen cases, with what happens inside and outside of it."""
    if settings.kind == "yes-no":
        bar = model_measures.best_bar(truth, scores, settings.cost_missed, settings.cost_false_alarm)
        low, high = model_measures.abstain_band(scores, bar, settings.most_to_person)
        unsure, wrong = (scores >= low) & (scores <= high), (scores >= bar) != truth
        found: dict[str, Any] = {"bar": bar, "band": [low, high]}
    elif settings.kind == "choice":
        classes = np.asarray(sorted(set(data.target)), object)
        sure, wrong = scores.max(axis=1), classes[scores.argmax(axis=1)] != truth
        bar = model_measures.answer_bar(~wrong, sure, settings.accuracy_wanted, settings.most_to_person)
        found, unsure = {"bar": bar, "band": [0.0, bar]}, sure < bar
    else:
        off = np.abs(truth - scores)
        half = float(np.quantile(off, COVERAGE))
        found = {"bar": 0.0, "band": [0.0, 0.0], "half_width": half}
        unsure, wrong = np.zeros(len(off), bool), off > half
    return found | {
        "to_person": float(unsure.mean()),
        "wrong_if_unsure": float(wrong[unsure].mean()) if unsure.any() else 0.0,
        "wrong_if_answered": float(wrong[~unsure].mean()) if (~unsure).any() else 0.0,
    }


def _measures(
    settings: Settings, truth: np.ndarray, scores: np.ndarray, bar: float, classes: list[str]
) -> dict[str, float]:
    if settings.kind == "yes-no":
        return model_measures.yes_no_measures(
            truth, scores, bar, settings.cost_missed, settings.cost_false_alarm
        )
    if settings.kind == "choice":
        return model_measures.choice_measures(truth, scores, classes)
    return model_measures.number_measures(truth, scores)


def _compared(
    settings: Settings,
    data: TrainingData,
    rule: np.ndarray,
    scores: np.ndarray,
    seen: np.ndarray,
    decision: dict[str, Any],
) -> dict[str, dict[str, float]]:
    """Return the same measures for no model at all, the office's simple rule, and the model."""
    truth = _truth(settings.kind, data.target)[seen]
    classes = sorted(set(data.target)) if settings.kind == "choice" else []
    if settings.kind == "choice":
        most = max(classes, key=lambda each: (data.target == each).sum())
        plain = np.tile([float(each == most) for each in classes], (len(truth), 1))
        ruled = np.asarray([[float(each == said) for each in classes] for said in rule[seen]])
        return {
            name: _measures(settings, truth, each, 0.0, classes)
            for name, each in (("baseline", plain), ("rule", ruled), ("model", scores[seen]))
        }
    ruled = rule[seen].astype(float)
    if settings.kind == "number":
        middle = np.full(len(truth), float(np.median(data.target)))
        return {
            name: _measures(settings, truth, each, 0.0, [])
            for name, each in (("baseline", middle), ("rule", ruled), ("model", scores[seen]))
        }
    # Without a model, everyone or nobody is flagged, whichever costs less.
    missed, false = settings.cost_missed, settings.cost_false_alarm
    everyone = float(truth.mean() * missed > (1 - truth.mean()) * false)
    return {
        "baseline": _measures(settings, truth, np.full(len(truth), everyone), 0.5, []),
        "rule": _measures(settings, truth, ruled, 0.5, []),
        "model": _measures(settings, truth, scores[seen], decision["bar"], []),
    }


def _slice(
    settings: Settings,
    data: TrainingData,
    values: np.ndarray,
    scores: np.ndarray,
    seen: np.ndarray,
    decision: dict[str, Any],
) -> list[dict[str, Any]]:
    truth = _truth(settings.kind, data.target)[seen]
    if settings.kind == "yes-no":
        return model_measures.slice_rows("yes-no", values[seen], scores[seen] >= decision["bar"], truth)
    everyone = np.ones(len(truth), bool)
    if settings.kind == "choice":
        said = np.asarray(sorted(set(data.target)), object)[scores[seen].argmax(axis=1)]
        return model_measures.slice_rows("choice", values[seen], said == truth, everyone)
    return model_measures.slice_rows("number", values[seen], np.abs(truth - scores[seen]), everyone)


def _later(settings: Settings, data: TrainingData, build: Build, decision: dict[str, Any]) -> dict[str, Any]:
    """Compare the last fifth of the time with what came before: the features, and how well an earlier model does."""
    cut = int(np.searchsorted(data.time, data.time[int(len(data) * (1 - LATER))]))
    earlier, later = data.table[:cut], data.table[cut:]
    features = {}
    for n, (name, kind) in enumerate(
        zip(feature_names(data.contract), feature_kinds(data.contract), strict=True)
    ):
        reference = model_drift.reference_for(kind, earlier[:, n].tolist())
        features[name] = round(model_drift.stability_index(reference, later[:, n].tolist()), 4)
    truth = _truth(settings.kind, data.target)
    found: dict[str, Any] = {"rows": len(later), "features": features}
    if settings.kind == "number" or len(set(data.target[:cut])) > 1:
        model = build().fit(earlier, data.target[:cut])
        scores, classes = (
            scores_of(model, settings.kind, later),
            [str(c) for c in getattr(model, "classes_", ())],
        )
        found["model"] = _measures(settings, truth[cut:], scores, decision["bar"], classes)
    if settings.kind == "yes-no":
        found["share_before"], found["share_later"] = float(truth[:cut].mean()), float(truth[cut:].mean())
    return found


def _facts(settings: Settings, data: TrainingData, model: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Return what the application needs besides the model, as plain data."""
    columns = {
        name: (kind, data.table[:, n].tolist())
        for n, (name, kind) in enumerate(
            zip(feature_names(data.contract), feature_kinds(data.contract), strict=True)
        )
    }
    decision = found["decision"]
    facts = {
        "kind": settings.kind,
        "bar": decision["bar"],
        "band": decision["band"],
        "features": feature_names(data.contract),
        "weight_names": weight_names(model, data.contract),
        "rows": len(data),
        "references": {
            name: model_drift.reference_for(kind, cells) for name, (kind, cells) in columns.items()
        },
        "slice_references": slice_references(data.slices, columns),
    }
    if settings.kind == "choice":
        facts["classes"] = sorted(set(data.target))
    if settings.kind == "number":
        facts |= {"half_width": decision["half_width"], "coverage": COVERAGE}
        facts |= {"lowest": float(data.target.min()), "highest": float(data.target.max())}
    return facts


def trained_facts(folder: Path) -> dict[str, Any] | None:
    """Return the facts of the project's trained model, None if there is none yet."""
    try:
        return read_facts(folder / "model")
    except PrototypeError:
        return None
