"""`isomo prototype new`: a project that runs to its end on synthetic data."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError
from labs.prototype_kit.application.data_contract import Contract, toml_table, write_contract
from labs.prototype_kit.application.model_file import file_hash
from labs.prototype_kit.application.project_settings import read_settings
from labs.prototype_kit.data_intake import note_access, person_here, stored_value
from labs.prototype_kit.impact_note import write_impact
from labs.prototype_kit.project_history import commit_files
from labs.prototype_kit.synthetic_cases import CASES, answer_labels

TEMPLATES = Path(__file__).parent / "templates"
REVIEW_DAYS, EXPIRY_DAYS = 90, 180


def start_project(name: str, template: str, place: Path) -> Path:
    """Make the project's folder with data, contract, code, tests, notebook and git. Return its path."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", name):
        raise PrototypeError(
            N_(
                "“{name}” cannot be a prototype's name. Use 2 to 40 small letters, digits and -, a letter first."
            ),
            name=name,
        )
    folder = place / name
    if folder.exists():
        raise PrototypeError(
            N_("There is already something called {folder}. Choose another name."), folder=folder
        )
    contract, rows = CASES[template]()
    aside = place / f".{name}.new"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _fill(aside, name, template, contract, rows)
        aside.replace(folder)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise PrototypeError(
            N_("The project could not be written: {reason}. Nothing was left behind."), reason=error.strerror
        ) from None
    commit_files(folder, "Begin from the template " + template)
    return folder


def _fill(folder: Path, name: str, template: str, contract: Contract, rows: list[dict[str, Any]]) -> None:
    shutil.copytree(TEMPLATES / "common", folder)
    (folder / "gitignore").rename(folder / ".gitignore")
    shutil.copy(TEMPLATES / template / "model_code.py", folder)
    text = (TEMPLATES / template / "prototype.toml").read_text("utf-8")
    labels = "\n".join(toml_table(f"[labels.{key}]", words) for key, words in answer_labels().items())
    text = text.replace("{name}", name).replace("{labels}", labels)
    today = dt.datetime.now(dt.UTC).date()
    people = {
        "team": [person_here()],
        "approver": "",
        "reviewers": [person_here()],
        "users": [person_here()],
        "groups": [],
    }
    dates = {
        "review_on": str(today + dt.timedelta(days=REVIEW_DAYS)),
        "expires_on": str(today + dt.timedelta(days=EXPIRY_DAYS)),
    }
    text += "\n" + toml_table("[people]", people) + "\n" + toml_table("[dates]", dates)
    (folder / "prototype.toml").write_text(text, "utf-8")
    settings = read_settings(folder)
    readme = (folder / "README.md").read_text("utf-8")
    readme = readme.replace("{name}", settings.titled("en")).replace("{purpose}", settings.purpose["en"])
    (folder / "README.md").write_text(readme, "utf-8")
    write_contract(contract, folder / "contract.toml")
    _write_data(folder, contract, rows)
    write_impact(folder)
    _write_notebook(folder)


def _write_data(folder: Path, contract: Contract, rows: list[dict[str, Any]]) -> None:
    place = folder / "data"
    place.mkdir()
    names = [column.name for column in contract.columns]
    with (place / "data.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(names)
        out.writerows([_cell(row[name]) for name in names] for row in rows)
    facts = {
        "rows": len(rows),
        "refused": 0,
        "synthetic": True,
        "sha256": file_hash(place / "data.csv"),
        "answers": {},
    }
    (place / "data.json").write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    note_access(folder, "began with", "synthetic data")


def _cell(value: Any) -> str:
    """Return a value of a dataset as `data.csv` holds it."""
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are not equal to themselves
        return ""
    if hasattr(value, "date"):
        return str(value.date())
    return stored_value(value.item() if hasattr(value, "item") else value)


def _write_notebook(folder: Path) -> None:
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = [
        new_markdown_cell("# Look before you train\nEach cell runs on its own; the same steps are typed as `isomo prototype …`."),
        new_code_cell("from pathlib import Path\n\nimport pandas as pd\n\nproject = Path.cwd()\ncases = pd.read_csv(project / 'data' / 'data.csv')\ncases.head()"),
        new_markdown_cell("## The contract\nIs every column what you think it is? Correct `contract.toml`, then run this again."),
        new_code_cell("from labs.prototype_kit.application.data_contract import read_contract\n\npd.DataFrame([{'name': c.name, 'type': c.type, 'role': c.role} for c in read_contract(project / 'contract.toml').columns])"),
        new_markdown_cell("## Train and measure\nBy time, by group, against the simple rule."),
        new_code_cell("from labs.prototype_kit.model_evaluation import evaluate\n\nrun = evaluate(project)\nprint(run['change'])\npd.DataFrame(run['measures']['by']['time']).T"),
        new_markdown_cell("## Who is served worse?\nRead the rows marked `worse`: each needs a sentence in `impact.toml`."),
        new_code_cell("pd.concat([pd.DataFrame(rows).assign(slice=name) for name, rows in run['measures']['slices'].items()])"),
    ]  # fmt: skip
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    book = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    nbformat.write(book, folder / "notebook.ipynb")
