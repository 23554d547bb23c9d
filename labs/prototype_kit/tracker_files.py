"""Each run as MLflow keeps it in files, so that `mlflow ui` shows and compares a project's runs.

MLflow itself is not installed here (decision 14); its layout of one folder for each run is plain text. The folder is
`mlruns/`: the experiment is the project, and parameters, measures, tags and the report belong to each run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

FOLDER = "mlruns"
FINISHED, LOCAL_SOURCE = 3, 4
"""MLflow's numbers for a run that ended well, and for one that a local program made."""


def write_tracked_run(project: Path, record: dict[str, Any], report: Path | None = None) -> Path:
    """Write one run's folder and return it; the same run is written to the same place."""
    experiment = str(int(hashlib.sha256(project.name.encode()).hexdigest()[:14], 16))
    place = project / FOLDER / experiment
    place.mkdir(parents=True, exist_ok=True)
    _write_plain(
        place / "meta.yaml",
        {
            "artifact_location": _address(place),
            "experiment_id": experiment,
            "lifecycle_stage": "active",
            "name": project.name,
        },
    )
    name = f"{project.name}/{record['run']}/{record['at']}"
    run = place / hashlib.sha256(name.encode()).hexdigest()[:32]
    end = int(dt.datetime.fromisoformat(record["at"]).timestamp() * 1000)
    for folder in ("params", "metrics", "tags", "artifacts"):
        (run / folder).mkdir(parents=True, exist_ok=True)
    _write_plain(run / "meta.yaml", _meta(experiment, run, record, end))
    for key, value in record["parameters"].items():
        (run / "params" / key).write_text(str(value), "utf-8")
    for key, number in _numbers(record).items():
        (run / "metrics" / key).write_text(f"{end} {number!r} 0\n", "utf-8")
    for key, value in _tags(record).items():
        (run / "tags" / key).write_text(value, "utf-8")
    if report is not None and report.is_file():
        shutil.copyfile(report, run / "artifacts" / report.name)
    return run


def _meta(experiment: str, run: Path, record: dict[str, Any], end: int) -> dict[str, Any]:
    return {
        "artifact_uri": _address(run / "artifacts"),
        "end_time": end,
        "entry_point_name": "",
        "experiment_id": experiment,
        "lifecycle_stage": "active",
        "run_id": run.name,
        "run_name": f"run {record['run']}",
        "run_uuid": run.name,
        "source_name": "",
        "source_type": LOCAL_SOURCE,
        "source_version": "",
        "start_time": end - int(record["seconds"] * 1000),
        "status": FINISHED,
        "tags": [],
        "user_id": record.get("by", ""),
    }


def _address(place: Path) -> str:
    return place.resolve().as_uri()


def _numbers(record: dict[str, Any]) -> dict[str, float]:
    """Return the measures as names of MLflow, such as `time.model.cost_per_100`."""
    found = {
        f"{by}.{who}.{name}": float(value)
        for by, compared in record["measures"]["by"].items()
        for who, measures in compared.items()
        for name, value in measures.items()
    }
    return found | {
        f"decision.{name}": float(value)
        for name, value in record["measures"]["decision"].items()
        if isinstance(value, int | float)
    }


def _tags(record: dict[str, Any]) -> dict[str, str]:
    return {
        "mlflow.runName": f"run {record['run']}",
        "mlflow.source.git.commit": record["commit"],
        "data_sha256": record["data_sha256"],
        "contract_sha256": record["contract_sha256"],
        "model_sha256": record["model_sha256"],
    }


def _write_plain(path: Path, values: dict[str, Any]) -> None:
    """Write YAML of plain values; JSON's strings and numbers are YAML's too."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
