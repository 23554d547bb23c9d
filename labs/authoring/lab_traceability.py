"""`./isomo lab trace`: what each lab teaches, which tasks show it, and what law and policy it rests on, as one page."""

from __future__ import annotations

from pathlib import Path

from labs.authoring.lab_numbers import lab_numbers
from labs.authoring.lab_spec import KINDS, Lab, lab_folders, load_lab

PAGE = Path(__file__).resolve().parents[2] / "docs" / "traceability.md"
HEAD = """# What a certificate means

For each lab: what people can do after it, the tasks that show it and how they are graded, the competency it belongs to,
the law and the policy area it rests on. Made from the labs themselves by `./isomo lab trace`; do not edit it by hand.

Competencies are those of UNESCO and the Broadband Commission (2022), policy areas those of the National AI Policy
(2023). A task marked *person* is read by a trainer with a rubric; the others are judged on data that no learner has.
"""
COLUMNS = "| People can | Tasks | Competency | Law | Policy area |\n| --- | --- | --- | --- | --- |\n"


def traceability_page(labs: list[Lab]) -> str:
    """Return the page for these labs."""
    return HEAD + "".join(_section(lab) for lab in sorted(labs, key=lambda lab: lab.number))


def _section(lab: Lab) -> str:
    points = sum(task.points for task in lab.tasks.values())
    facts = f"{lab.facts['minutes']} minutes, {points:g} points, track: {lab.facts['track']}."
    if lab.builds_on:
        before = ", ".join(str(number) for number in sorted(lab_numbers()[slug] for slug in lab.builds_on))
        facts += f" Builds on lab {before}."
    rows = "".join(_row(lab, objective) for objective in lab.facts.get("objective", []))
    return f"\n## Lab {lab.number}: {lab.facts['title']}\n\n{facts}\n\n{COLUMNS}{rows}"


def _row(lab: Lab, objective: dict[str, object]) -> str:
    tasks = ", ".join(_task(lab, str(name)) for name in list(objective.get("tasks", [])))  # type: ignore[call-overload]
    cells = [objective["text"], tasks, *(objective.get(key, "") for key in ("competency", "law", "policy"))]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n"


def _task(lab: Lab, name: str) -> str:
    task = lab.tasks[name]
    kind = KINDS[task.kind].partition(":")[0]
    return f"{name} ({'person' if task.is_manual else kind}, {task.points:g})"


def write_page() -> Path:
    """Write the page; returns its path."""
    PAGE.write_text(traceability_page([load_lab(folder) for folder in lab_folders()]), "utf-8")
    return PAGE
