"""What is wrong with a lab is said with file and line, all of it at once, and nothing is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.authoring import lab_mutants, lab_sentences
from labs.authoring.content_checks import check_lab
from labs.authoring.finding_report import LabError
from labs.authoring.lab_build import built_files
from tests.support.small_lab import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path)


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


BROKEN = '''"""Stops."""
from labs.kit.checking import check


@check("v")
def bar_is_high(answers):
    return {}["bar"]
'''
UNSAID = '''"""Says what nobody wrote."""
from labs.kit.checking import check, not_yet


@check("v")
def bar_is_high(answers):
    return not_yet("higher")
'''
WRONG = {
    "a sentence's key is missing": ("lab.toml", 'mixed = "No, A."\n', "", "lab.toml", "has no sentence for 'mixed'"),
    "a hint's rung is missing": ("lab.toml", 'worked = "c"\n', "", "lab.toml:21", "have no rung 'worked'"),
    "an objective without a task": ("lab.toml", 'tasks = ["v", "f", "q", "bad"]', "tasks = []", "lab.toml:7", "has no task"),
    "a task in no piece": ("lab.toml", 'minutes = 10\ntasks = ["v", "f", "q", "bad"]', 'minutes = 10\ntasks = ["v"]', "lab.toml", "has to be in one [[piece]]"),
    "a kind that there is not": ("lab.toml", 'kind = "read"', 'kind = "quiz"', "lab.toml:43", "has kind 'quiz'"),
    "no TOML": ("lab.toml", "[task.v]", "[task.v", "lab.toml:14", "This is not TOML"),
    "a task without a cell": ("lab.py", 'lab.ask("q")', "1", "", ""),
    "a cell for no task": ("lab.py", '{"task": "q", "check": true}', '{"task": "zz", "check": true}', "lab.py:23", "There is no [task.zz]"),
    "a cell whose data is no JSON": ("lab.py", '{"task": "q", "check": true}', "{task}", "lab.py:22", "has to be JSON"),
    "a task without a judge": ("judge.py", '@judge("bad")', '@judge("other")', "judge.py", 'has no @judge("bad")'),
    "a picture without words": ("lab.py", "# %% {\"task\": \"q\"", "# %% [markdown]\n# ![](x.png)\n\n# %% {\"task\": \"q\"", "lab.py:23", "no text alternative"),
    "a number in quotation marks": ("lab.toml", "points = 2", 'points = "two"', "lab.toml:16", "`points` is 'two'. Write a number"),
    "minutes that are no number": ("lab.toml", "minutes = 45", "minutes = true", "lab.toml:5", "`minutes` is True. Write a number"),
    "a task that is asked and does not exist": ("lab.py", 'lab.ask("q")', 'lab.ask("zz")', "lab.py:23", 'lab.ask("zz"): there is no [task.zz]'),
    "a dataset that does not exist": ("lab.py", 'lab.ask("q")', 'lab.load("lettres")\nlab.ask("q")', "lab.py:23", "There is no dataset 'lettres'"),
    "a dataset in the list that does not exist": ("lab.toml", "minutes = 45", 'minutes = 45\ndatasets = ["lettres"]', "lab.toml:6", "There is no dataset 'lettres'"),
    "a number that is taken": ("lab.toml", "minutes = 45", "minutes = 45\nnumber = 1", "lab.toml:6", "the lab what-is-ai has this number already"),
    "a lab to build on that does not exist": ("lab.toml", "minutes = 45", 'minutes = 45\nbuilds_on = ["nowhere"]', "lab.toml:6", "there is no other lab of that name"),
    "a lab that is named and does not exist": ("lab.toml", 'ask = "Give a bar"', 'ask = "As in lab {lab:nowhere}"', "lab.toml:17", "The text names the lab 'nowhere'"),
    "a track that there is not": ("lab.toml", 'track = "technical"', 'track = "wizards"', "lab.toml:4", "There is no track 'wizards'"),
    "more words than minutes": ("lab.toml", "minutes = 45", "minutes = 3", "lab.toml", "and it says 3"),
    "a mark of a cell that is none": ("lab.py", '# %% {"task": "f"}', '# %%% {"task": "f"}', "lab.py:15", "A cell begins with"),
    "two cells of one name": ("lab.py", '{"task": "f"}', '{"task": "f", "id": "start"}', "lab.py:16", "A second cell 'start'"),
    "data of a cell that nobody reads": ("lab.py", '{"task": "f"}', '{"task": "f", "colour": 1}', "lab.py:15", 'There is no "colour" here'),
    "a check of no task": ("lab.py", '{"task": "f", "check": true}', '{"check": true}', "lab.py:20", "This cell needs"),
    "a task that no cell checks": ("lab.py", '{"task": "f", "check": true}', '{"task": "f"}', "lab.py", "Task f has no cell with"),
    "a sentence without hints": ("lab.toml", 'mixed = "No, A."', 'mixed = "No, A."\nother = "No."', "lab.toml:51", "has no hints in [task.q.hints.other]"),
    "a fact that is missing": ("lab.toml", 'track = "technical"\n', "", "lab.toml", "`track` is missing"),
    "a lab to build on that comes later": ("lab.toml", "minutes = 45", 'minutes = 45\nnumber = 1\nbuilds_on = ["your-own-list"]', "lab.toml:7", "which comes later in the path"),
    "languages without English": ("lab.toml", "minutes = 45", 'minutes = 45\nlanguages = ["fr"]', "lab.toml:6", "`languages` is a list with en"),
    "a part of a type that there is not": ("lab.toml", 'ask = "Give a bar"', 'ask = "Give a bar"\npart = [{ name = "x", type = "dance" }]', "lab.toml", "has a part of type 'dance'"),
    "a text without a box and a cell": ("lab.toml", 'kind = "read"', 'kind = "text"', "lab.py:", "is a text: it needs lab.ask"),
    "code that Python cannot read": ("judge.py", "@judge(", "@@judge(", "judge.py:", "Python cannot read this"),
    "a name that the builder uses": ("judge.py", "def bar_is_high", "def check", "judge.py:", "is a name of"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, found in WRONG.items() if found[4]])
def test_it_is_said_where(folder: Path, name: str) -> None:
    file, old, new, where, what = WRONG[name]
    change(folder, file, old, new)
    with pytest.raises(LabError) as raised:
        built_files(folder)
    lines = [line for line in str(raised.value).splitlines() if what in line]
    assert lines, str(raised.value)
    assert f"{folder.name}/{where}" in lines[0]


def test_all_problems_are_said_at_once(folder: Path) -> None:
    change(folder, "lab.toml", 'mixed = "No, A."\n', "")
    change(folder, "lab.toml", 'worked = "c"\n', "")
    with pytest.raises(LabError) as raised:
        built_files(folder)
    assert len(str(raised.value).splitlines()) == 2


def test_a_lab_that_is_no_draft_needs_all_its_french(folder: Path) -> None:
    change(folder, "lab.toml", "draft = true\n", "")
    with pytest.raises(LabError, match="Not translated to fr: 'Count letters'"):
        built_files(folder)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Il en trouve {trouves}.", "Other {facts} than in English"),
        ("Il trouve.", "Other {facts} than in English"),
    ],
)
def test_a_translation_that_loses_a_fact_is_named(folder: Path, text: str, what: str) -> None:
    from labs.authoring.lab_spec import load_lab

    lab_sentences.update_catalogue(load_lab(folder), "fr")
    change(
        folder,
        "locale/fr.po",
        'msgid "It finds {found} of them."\nmsgstr ""',
        f'msgid "It finds {{found}} of them."\nmsgstr "{text}"',
    )
    lab_sentences.lab_catalogue.cache_clear()
    with pytest.raises(LabError) as raised:
        built_files(folder)
    assert what in str(raised.value)


def test_an_unreviewed_translation_is_not_shown(folder: Path) -> None:
    from labs.authoring.lab_spec import load_lab

    lab_sentences.update_catalogue(load_lab(folder), "fr")
    change(
        folder, "locale/fr.po", 'msgid "Count letters"\nmsgstr ""', 'msgid "Count letters"\nmsgstr "Compter"'
    )
    change(folder, "locale/fr.po", "#: lab.toml:3", "#: lab.toml:3\n#, fuzzy")
    lab_sentences.lab_catalogue.cache_clear()
    assert lab_sentences.lab_translator(load_lab(folder), "fr")("Count letters") == "Count letters"


def test_a_mutant_that_draws_another_hint_is_named_with_its_line(folder: Path) -> None:
    (folder / "mutants.py").write_text('mutant("q", "mixed", choice="a")\n')
    said = check_lab(folder, running=False).text()
    assert "mutants.py:1: The check of q draws 'passed' (passed), not 'mixed'." in said


def test_cheating_that_passes_is_named(folder: Path) -> None:
    (folder / "mutants.py").write_text('gaming("q", choice="a")\n')
    assert (
        "mutants.py:1: Cheating at q is answered by the check with passed."
        in check_lab(folder, running=False).text()
    )


def test_a_misconception_without_a_mutant_is_named(folder: Path) -> None:
    (folder / "mutants.py").write_text('solution("q", choice="a")\ngaming("q", choice="b")\n')
    assert "No mutant of task q draws 'mixed'." in check_lab(folder, running=False).text()


def test_the_same_source_gives_the_same_bytes(folder: Path) -> None:
    assert built_files(folder) == built_files(folder)


def test_what_learners_get_holds_no_solution_judge_or_hidden_row(folder: Path) -> None:
    released = b"".join(
        content for name, content in built_files(folder)[1].items() if not name.startswith("source/")
    )
    for secret in (b"bar = 0.5", b"length = len", b"bar_is_high", b"SECRETWORD", b"HIDDEN TESTS"):
        assert secret not in released


def test_a_case_that_was_read_off_the_learners_data_is_known_as_one(tmp_path: Path) -> None:
    (tmp_path / "mutants.py").write_text('solution("v", bar=1)\n\nhere.mutant("v", "low", bar=0.5)\n')
    cases = lab_mutants.read_mutants(tmp_path)
    assert [(case.kind, case.key, case.line, case.here) for case in cases] == [
        ("solution", "passed", 1, False),
        ("mutant", "low", 3, True),
    ]


CHECKED = {
    "a check that stops": ("checks.py", '"""Nothing."""', BROKEN, "mutants.py:2", "stops with KeyError: 'bar' (checks.py, in bar_is_high:"),
    "a verdict without a sentence": ("checks.py", '"""Nothing."""', UNSAID, "mutants.py:2", "says 'higher', and there is no such sentence"),
    "a task without a check": ("checks.py", "", "", "mutants.py:2", 'has no @check("v")'),
    "a judge that stops": ("judge.py", "bar_is_high(answers, hidden):", "bar_is_high(answers, hidden):\n    hidden.nothing", "mutants.py:2", "judge of v stops with AttributeError"),
    "an objective of no competency": ("lab.toml", "", "", "lab.toml:7", "names no `competency`"),
    "a lab that rests on no law": ("lab.toml", "", "", "lab.toml", "names the `law`"),
    "a task that shows nothing": ("lab.toml", 'tasks = ["v", "f", "q", "bad"]\n[[piece]]', 'tasks = ["v"]\n[[piece]]', "lab.toml:26", "No objective is shown by task f"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKED)
def test_checking_says_what_a_learner_is_not_shown(folder: Path, name: str) -> None:
    file, old, new, where, what = CHECKED[name]
    if old:
        change(folder, file, old, new)
    (folder / "mutants.py").write_text('\nsolution("v", bar=0.5)\n')
    lines = [line for line in check_lab(folder, running=False).text().splitlines() if what in line]
    assert lines, check_lab(folder, running=False).text()
    assert f"{folder.name}/{where}" in lines[0]


@pytest.mark.parametrize("name", ["lab.py", "lab.toml"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(LabError) as raised:
        built_files(folder)
    assert f"{folder.name}/{name}: This file is missing" in str(raised.value)


def test_an_empty_notebook_is_told_of_as_tasks_without_cells(folder: Path) -> None:
    (folder / "lab.py").write_text("")
    with pytest.raises(LabError, match="Task q has no cell with"):
        built_files(folder)


def test_what_an_objective_and_the_cases_lack_is_named(folder: Path) -> None:
    (folder / "mutants.py").write_text("")
    said = check_lab(folder, running=False).text()
    for what in (
        "lab.toml:7: This objective names no `competency`",
        "lab.toml: No objective names the `law`",
        "mutants.py: Task q has no solution(…).",
        "mutants.py: No mutant of task q draws 'mixed'.",
        "mutants.py: There is no gaming(…)",
    ):
        assert what in said
