"""Findings of a lab's checks are data: worded in the reader's language, and never a format of the sandbox's choosing."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import polib
import pytest

from graders.agent import draft_work
from hub.campus.finding_words import LOCALE, worded_finding
from hub.store.lab_drafts import DraftFinding, DraftResult
from labs.authoring import finding_report
from labs.authoring.draft_check import check_draft
from labs.authoring.finding_report import Finding, LabError
from labs.authoring.lab_build import built_files
from tests.support.pretended_campus import ROOT, Campus
from tests.support.small_lab import write
from tests.support.small_stores import COURSE, TRAINER
from tests.unit.test_authoring_problems import WRONG, change
from tests.unit.test_lab_drafts import begin

AUTHORING = Path(finding_report.__file__).parent


def keys() -> set[str]:
    """Return every key that the checks use."""
    found = {draft_work.STOPS, draft_work.EARNS_LESS, draft_work.BLANK_EARNS}
    for path in AUTHORING.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if (
                marked
                and node.func.id in ("english_finding", "N_")
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(node.args[0].value)
    return found


def french() -> dict[str, str]:
    entries = polib.pofile(str(LOCALE / "fr" / "LC_MESSAGES" / "findings.po"))
    return {entry.msgid: entry.msgstr for entry in entries}


def names(text: str) -> set[str]:
    return {name for _, name, *_ in string.Formatter().parse(text) if name}


def test_every_finding_is_in_the_french_catalogue_and_no_other():
    assert set(french()) == keys()
    assert [key for key, text in french().items() if names(key) != names(text) or text == key] == []


@pytest.mark.parametrize("name", [name for name, found in WRONG.items() if found[4]])
def test_what_is_wrong_with_a_lab_is_data_that_a_french_reader_can_read(tmp_path, name):
    folder = write(tmp_path)
    file, old, new, _where, what = WRONG[name]
    change(folder, file, old, new)
    with pytest.raises(LabError) as raised:
        built_files(folder)
    said = [one.message for one in raised.value.problems if what in one.message]
    assert said
    for one in said:
        assert isinstance(one, Finding)
        shown = worded_finding(DraftFinding(file, 1, str(one), one.key, one.facts), "fr")
        assert (shown.language, shown.sentence) == ("fr", french()[one.key].format(**one.facts))


def test_a_check_in_the_sandbox_reports_its_findings_as_plain_data(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOMO_DATA", str(tmp_path))  # The check of a draft sets it for its process.
    folder = write(tmp_path)
    change(folder, "lab.toml", "points = 2", 'points = "two"')
    (found,) = check_draft(folder)["findings"]
    key = "`{key}` is {value}. Write a number, without quotation marks."
    assert found == [
        "lab.toml", 16, "`points` is 'two'. Write a number, without quotation marks.", key,
        {"key": "points", "value": "'two'"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "found",
    [
        DraftFinding("lab.py", 1, "Plain.", "{a.__class__}", {"a": "x"}),
        DraftFinding("lab.py", 1, "Plain.", draft_work.BLANK_EARNS, {}),
        DraftFinding("lab.py", 1, "Plain."),
    ],
)
def test_a_finding_that_no_catalogue_has_is_shown_in_english(found):
    shown = worded_finding(found, "fr")
    assert (shown.sentence, shown.language) == ("Plain.", "en")


def test_a_trainer_who_reads_french_reads_the_findings_in_french(tmp_path):
    campus = Campus(tmp_path)
    campus.store.people.set_language(TRAINER, "fr")
    browser, _key = begin(campus)
    drafts = campus.store.lab_drafts
    facts = {"points": "1", "task": "t1"}
    wrong = DraftFinding("judge.py", 0, "The blank lab earns 1 for t1.", draft_work.BLANK_EARNS, facts)
    assert drafts.record(drafts.claim("test", 60), DraftResult([wrong]))
    page = browser.get(f"{ROOT}/courses/{COURSE}/drafts/waiting").text
    assert '<span lang="fr">L’atelier vierge obtient 1 pour t1.</span>' in page
