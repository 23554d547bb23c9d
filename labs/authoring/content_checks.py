"""Content CI: what a lab has to keep beyond being built. Needs what learners have (pandas, scikit-learn, a kernel)."""

from __future__ import annotations

import json
import os
import random
import resource
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labs.authoring import judged_tests, lab_mutants, prose_findings, shared_source
from labs.authoring.finding_report import N_, Finding, LabError, Report, english_finding
from labs.authoring.lab_build import TEXTS, built_files
from labs.authoring.lab_mutants import Case
from labs.authoring.lab_sentences import LANGUAGES, lab_catalogue, lab_sentences, languages_of
from labs.authoring.lab_spec import FREE, Lab, line_of, load_lab
from labs.authoring.notebook_runs import Ran, run_blank, run_solved
from labs.datasets.learners_data import ready_data
from labs.kit import checking
from labs.kit.kept_answers import AnswerBook
from labs.kit.lab_progress import lab_checks
from labs.kit.lab_texts import Lesson
from labs.kit.task_attempts import attempt_task

CPU_SECONDS = 60.0
KERNEL_MB = 512


@dataclass
class Outcome:
    """Outcome of checking a lab."""

    lab: str
    report: Report
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """0 if nothing is wrong."""
        return 1 if self.report.problems else 0

    def text(self) -> str:
        """For the author: problems first, then figures."""
        said = [str(problem) for problem in sorted(self.report.problems)]
        said += [f"  {name}: {value}" for name, value in self.figures.items()]
        return f"{self.lab}: {'NOT YET' if self.status else 'good'}\n" + "\n".join(said) + "\n"


def check_lab(folder: Path, *, running: bool = True) -> Outcome:
    """Check everything about a lab; `running` as well by running its notebook twice."""
    outcome = Outcome(folder.name, Report(folder))
    try:
        _version, files = built_files(folder)
    except LabError as error:
        outcome.report.problems += error.problems
        return outcome
    if not os.environ.get("ISOMO_DATA"):
        ready_data()
    lab = load_lab(folder)
    same_code(lab, files, outcome.report)
    check_traceability(lab, outcome.report)
    prose_findings.check_readability(lab, outcome.report)
    cases = lab_mutants.read_mutants(folder)
    check_coverage(lab, cases, outcome.report)
    cases_hold(lab, files, cases, outcome.report)
    outcome.figures |= lab_figures(lab, files, cases)
    if running:
        check_runs(lab, files, cases, outcome)
    return outcome


def check_traceability(lab: Lab, report: Report) -> None:
    """Check that each objective names its competency, policy, law and tasks; see docs/traceability.md."""
    objectives = lab.facts.get("objective", [])
    for objective in objectives:
        for part in ("competency", "policy"):
            if not objective.get(part):
                line = line_of(lab, str(objective.get("text", "")))
                report.add(
                    "lab.toml",
                    line,
                    english_finding("This objective names no `{part}`: see docs/traceability.md.", part=part),
                )
    if not any(objective.get("law") for objective in objectives):
        report.add("lab.toml", 0, english_finding("No objective names the `law` that the lab rests on."))
    shown = {name for objective in objectives for name in objective.get("tasks", [])}
    for task in lab.tasks.values():
        if task.points and task.id not in shown:
            report.add(
                "lab.toml",
                line_of(lab, f"[task.{task.id}]"),
                english_finding("No objective is shown by task {task}.", task=task.id),
            )


def same_code(lab: Lab, files: dict[str, bytes], report: Report) -> None:
    """Languages differ in unlocked text only."""
    told = {language: _cells(files[f"release/{language}/{lab.slug}.ipynb"]) for language in languages_of(lab)}
    for language in languages_of(lab)[1:]:
        if told[language] != told["en"]:
            report.add(
                f"locale/{language}.po",
                0,
                english_finding("A code cell or a grade id differs from the English notebook."),
            )


def _cells(notebook: bytes) -> list[Any]:
    return [
        (cell["id"], cell["metadata"].get("nbgrader"), cell["source"] if cell["cell_type"] == "code" else "")
        for cell in json.loads(notebook)["cells"]
    ]


def check_coverage(lab: Lab, cases: list[Case], report: Report) -> None:
    """Every task has a good answer, every misconception its mutant, every graded task an attempt to cheat somewhere."""
    drawn = {(case.task, case.key) for case in cases if case.kind == "mutant"}
    solved = {case.task for case in cases if case.kind == "solution"}
    for task in lab.tasks.values():
        if task.is_manual or task.kind == "recall":
            continue
        if task.id not in solved:
            report.add("mutants.py", 0, english_finding("Task {task} has no solution(…).", task=task.id))
        for key in sorted(set(task.hints) - {key for name, key in drawn if name == task.id}):
            report.add(
                "mutants.py",
                0,
                english_finding("No mutant of task {task} draws {key}.", task=task.id, key=repr(key)),
            )
    if not any(case.kind == "gaming" for case in cases):
        report.add("mutants.py", 0, english_finding("There is no gaming(…): try to pass without the idea."))


def cases_hold(lab: Lab, files: dict[str, bytes], cases: list[Case], report: Report) -> None:
    """Each case draws its verdict, from the learner's check and from the judge alike."""
    judge = Judge(lab)
    with tempfile.TemporaryDirectory() as place:
        lay_out(files, Path(place))
        lesson = Lesson.read(Path(place), lab.slug, "en")
        module = lab_checks(Path(place), lab.slug)
        for case in cases:
            book = AnswerBook(Path(place) / "answers", lab.slug, "en")
            made = attempt_task(lesson, module, case.task, _given(book, case), book)
            if made.outcome == checking.COULD_NOT_CHECK:
                report.add("mutants.py", case.line, _why_not(module, case, book))
            else:
                _holds(case, "check", made.outcome, made.key, report)
            try:
                verdict = judge.verdict(case)
            except Exception as error:
                report.add(
                    "mutants.py",
                    case.line,
                    _stopped("judge", case.task, error),
                )
                continue
            _holds(case, "judge", verdict.outcome, verdict.key, report)


def _why_not(module: Any, case: Case, book: AnswerBook) -> Finding:
    """Return what stopped a check that learners are told could not be made; authors see it, learners do not."""
    check = checking.marked_functions(module, "check").get(case.task) if module else None
    if check is None:
        return english_finding('Task {task} has no @check("{task}") in checks.py.', task=case.task)
    try:
        found = check(checking.answers_of(case.answers, book.all))
    except Exception as error:
        return _stopped("check", case.task, error)
    return english_finding(
        "The check of {task} says {key}, and there is no such sentence in [task.{task}.says].",
        task=case.task,
        key=repr(found.key),
    )


def _stopped(who: str, task: str, error: Exception) -> Finding:
    """Return which function stopped with an error, and the author's own line that it came through last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if Path(frame.filename).name in ("checks.py", shared_source.FILE, *shared_source.USERS)
    ]
    last = (own or frames)[-1]
    return english_finding(
        "The {who} of {task} stops with {error} ({file}, in {function}: {line}).",
        who=who,
        task=task,
        error=f"{type(error).__name__}: {error}",
        file=Path(last.filename).name,
        function=last.name,
        line=last.line,
    )


def _given(book: AnswerBook, case: Case) -> dict[str, Any]:
    from labs.kit.kept_answers import plain_value

    given = {name: plain_value(value) for name, value in case.answers.items()}
    book.keep(case.task, given)
    return case.answers


def _holds(case: Case, who: str, outcome: str, key: str, report: Report) -> None:
    where = ("mutants.py", case.line)
    if case.kind == "solution" and outcome != "passed":
        report.add(
            *where,
            english_finding(
                "A solution of {task} does not pass the {who}: {outcome}, {key}.",
                task=case.task,
                who=who,
                outcome=outcome,
                key=key,
            ),
        )
    elif case.kind == "gaming" and outcome not in ("not-yet", "not-attempted"):
        report.add(
            *where,
            english_finding(
                "Cheating at {task} is answered by the {who} with {outcome}.",
                task=case.task,
                who=who,
                outcome=outcome,
            ),
        )
    elif case.kind == "untouched" and outcome != case.key:
        report.add(
            *where,
            english_finding(
                "An untouched {task} is answered by the {who} with {outcome}.",
                task=case.task,
                who=who,
                outcome=outcome,
            ),
        )
    elif case.kind == "mutant" and (outcome, key) != ("not-yet", case.key):
        report.add(
            *where,
            english_finding(
                "The {who} of {task} draws {key} ({outcome}), not {wanted}.",
                who=who,
                task=case.task,
                key=repr(key),
                outcome=outcome,
                wanted=repr(case.key),
            ),
        )


class Judge:
    """Runs the judges of a lab here, without a notebook; what is probed goes through JSON as it does in grading."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._hidden = SimpleNamespace(**judged_tests.hidden_data(lab))
        judge, probe = (shared_source.lab_module(lab.folder / f"{name}.py") for name in ("judge", "probe"))
        self._judges = checking.marked_functions(judge, "judge") if judge else {}
        self._draws = checking.marked_functions(judge, "draw") if judge else {}
        self._probes = checking.marked_functions(probe, "probe") if probe else {}

    def verdict(self, case: Case) -> Any:
        """Return what the judge says of a case."""
        own = {name: checking.plain_data(value) for name, value in case.answers.items()}
        if case.task in self._probes:
            own |= self._probed(case)
        kept = own.pop("kept", None)
        own = json.loads(json.dumps({"problem": None, "probed": None, **own}))
        answers = checking.answers_of({**own, "kept": kept}, {case.task: own})
        if case.task in self._judges:
            return self._judges[case.task](answers, self._hidden)
        task = self._lab.tasks[case.task]
        parts = [{"name": part.name, "options": part.options} for part in task.parts]
        plain = checking.predict_verdict if task.kind == "predict" else checking.choice_verdict
        return plain(parts, answers)

    def _probed(self, case: Case) -> dict[str, Any]:
        inputs = kept = None
        if case.task in self._draws:
            inputs, kept = self._draws[case.task](self._hidden, random.Random(1))  # noqa: S311 - not a secret
            inputs = json.loads(json.dumps(inputs))
        try:
            probed = checking.plain_data(self._probes[case.task](dict(case.answers), inputs))
        except Exception as error:
            return {"problem": f"{type(error).__name__}: {error}"[:200], "kept": kept}
        return {"probed": probed, "kept": kept}


def lay_out(files: dict[str, bytes], place: Path, language: str = "en") -> None:
    """Lay out what a learner has next to the notebook, and the notebook."""
    start = f"release/{language}/"
    for name, content in files.items():
        if name.startswith(start):
            path = place / name.removeprefix(start)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def lab_figures(lab: Lab, files: dict[str, bytes], cases: list[Case]) -> dict[str, object]:
    """Return what a closing note shows of a lab."""
    said = list(dict.fromkeys(text for text, _, _ in lab_sentences(lab)))
    counted = {kind: sum(case.kind == kind for case in cases) for kind in ("solution", "mutant", "gaming")}
    known = {
        language: f"{sum(text in lab_catalogue(lab.folder, language) for text in said)} of {len(said)}"
        for language in LANGUAGES[1:]
    }
    size = len(files[f"release/en/{lab.slug}.ipynb"]) + len(files[f"release/en/{TEXTS}"])
    return {
        "tasks": len(lab.tasks),
        "points": sum(task.points for task in lab.tasks.values()),
        "cases": ", ".join(f"{number} {kind}" for kind, number in counted.items()),
        "hints": sum(len(task.hints) for task in lab.tasks.values()) * 3,
        "misconceptions": sum(len(set(task.says) - FREE) for task in lab.tasks.values()),
        "sentences": ", ".join(f"{language} {count}" for language, count in known.items()),
        "minutes": f"{prose_findings.reading_minutes(lab):.0f} by words and tasks, {lab.facts['minutes']} stated",
        "first load": f"{size / 1000:.0f} kB",
    }


def check_runs(lab: Lab, files: dict[str, bytes], cases: list[Case], outcome: Outcome) -> None:
    """Run the blank and the solved notebook as learner and as grader."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    blank = run_blank(lab, files)
    solved = run_solved(lab, files, lab_mutants.best_answers(cases))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 2
    _judge_run(lab, blank, solved, outcome.report)
    memory = max(blank.memory, solved.memory) or after.ru_maxrss / 1024
    if cpu > CPU_SECONDS or memory > KERNEL_MB:
        outcome.report.add(
            "lab.py",
            0,
            english_finding(
                "Running it takes {cpu} s of processor time, {memory} MiB.",
                cpu=f"{cpu:.0f}",
                memory=f"{memory:.0f}",
            ),
        )
    outcome.figures |= {
        "processor seconds": f"{cpu:.1f}",
        "kernel": f"{memory:.0f} MiB",
        "two runs took": f"{time.monotonic() - began:.0f} s",
        "solution": f"{solved.total:g} of {solved.most:g}",
        "blank": f"{blank.total:g}",
    }


def _judge_run(lab: Lab, blank: Ran, solved: Ran, report: Report) -> None:
    for ran, sentence in (
        (blank, N_("The blank notebook stops at {where}: {error}.")),
        (solved, N_("The solved notebook stops at {where}: {error}.")),
    ):
        for where, error in ran.errors.items():
            report.add(
                "lab.py",
                0,
                english_finding(sentence, where=where, error=error),
            )
    for task, points in solved.marks.items():
        if points != lab.tasks[task].points:
            report.add(
                "judge.py",
                0,
                english_finding(
                    "The solution earns {points} of {most} for {task}.",
                    points=f"{points:g}",
                    most=f"{lab.tasks[task].points:g}",
                    task=task,
                ),
            )
    for task, points in blank.marks.items():
        if points:
            report.add(
                "judge.py",
                0,
                english_finding("The blank lab earns {points} for {task}.", points=f"{points:g}", task=task),
            )
