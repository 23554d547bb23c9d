"""Drafts of labs in the browser: what is taken, what is refused, who may, and what learners keep of a withdrawn lab."""

from __future__ import annotations

import hashlib
import io
import re
import tomllib
import zipfile

import pytest

from graders.agent import draft_work
from graders.agent.draft_checks import DraftChecks
from graders.agent.engine_launchers import engine_starter
from graders.contract.work_contract import Limits
from hub.campus.answer_cells import cell_text
from hub.campus.lab_folder import LabFacts, read_facts, starter_files, uploaded_files, with_facts
from hub.campus.problem_codes import Problem
from hub.isomo_settings import CHECKOUT
from hub.store.lab_drafts import DraftResult, findings_of
from labs.authoring.lab_build import built_files
from labs.datasets.learners_data import ready_data
from tests.support.pretended_campus import API, ROOT, Campus, build_lab, form_key, work, zipped
from tests.support.small_stores import COURSE, LAB, TRAINER

AMINA = "amina.k"
DRAFTS = f"{ROOT}/courses/{COURSE}/drafts"
DRAFT_API = f"{API}/courses/{COURSE}/drafts/waiting"


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def begin(campus):
    browser = campus.browser(TRAINER)
    key = form_key(browser.get(DRAFTS).text)
    sent = browser.post(
        DRAFTS, data={"key": key, "lab": "waiting", "title": "Who waits?"}, files={"files": ("", b"")}
    )
    assert sent.status_code == 303, sent.text
    return browser, key


def linked() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo("files/link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no zip", "bad-draft-zip"),
        (zipped({"../lab.toml": b""}), "bad-draft-zip"),
        (zipped({"/etc/lab.toml": b"", "lab.py": b""}), "bad-draft-zip"),
        (linked(), "bad-draft-zip"),
        (zipped({"lab.toml": b"", "run.sh": b""}), "not-a-lab-file"),
        (zipped({"lab.toml": b"\xff\xfe"}), "draft-file-no-text"),
        (zipped({"files/a": b"0" * 3_000_000}), "draft-too-large"),
        (zipped({f"files/{number}": b"" for number in range(201)}), "draft-too-large"),
    ],
)
def test_a_hostile_or_unfit_zip_is_refused_by_what_is_wrong_with_it(content, code):
    with pytest.raises(Problem) as refused:
        uploaded_files([("lab.zip", content)])
    assert refused.value.code == code


def test_a_zip_of_a_folder_loses_its_one_top_folder_and_what_systems_add():
    files, is_folder = uploaded_files(
        [("a.zip", zipped({"20-a/lab.toml": b"x", "__MACOSX/._a": b"", "20-a/lab.py": b""}))]
    )
    assert (sorted(files), is_folder) == (["lab.py", "lab.toml"], True)


def test_title_minutes_and_languages_are_written_into_lab_toml():
    made = with_facts(starter_files("waiting", "First"), LabFacts('Who "waits"?', 25, ("fr",)))
    assert read_facts(made) == LabFacts('Who "waits"?', 25, ("en", "fr"))
    assert '# # Who "waits"?' in made["lab.py"].decode()
    assert "task" in tomllib.loads(made["lab.toml"].decode())


def test_a_refused_upload_leaves_the_draft_as_it_was(campus):
    begin(campus)
    before = campus.store.lab_drafts.get(COURSE, "waiting").files_bundle
    answer = campus.program(TRAINER).put(DRAFT_API, content=zipped({"run.sh": b""}))
    assert (answer.status_code, answer.json()["error"]) == (422, "not-a-lab-file")
    assert campus.store.lab_drafts.get(COURSE, "waiting").files_bundle == before


def test_a_file_that_somebody_else_changed_is_not_overwritten(campus):
    browser, key = begin(campus)
    sent = {"key": key, "name": "lab.py", "text": "x = 1", "before": "another"}
    assert browser.post(f"{DRAFTS}/waiting/file", data=sent).status_code == 409


def drafted(campus) -> dict[str, bytes]:
    return campus.store.lab_drafts.files(campus.store.lab_drafts.get(COURSE, "waiting"))


def send(browser, key, name, act, **more):
    return browser.post(f"{DRAFTS}/waiting/file", data={"key": key, "name": name, "act": act, **more})


def test_a_removed_file_is_put_back_as_it_was(campus):
    browser, key = begin(campus)
    campus.store.lab_drafts.claim("test", 60)
    before = drafted(campus)
    send(browser, key, "mutants.py", "remove")
    campus.store.lab_drafts.ask_check(COURSE, "waiting")
    job = campus.store.lab_drafts.claim("test", 60)
    assert sorted(job.files) == sorted(set(before) - {"mutants.py"})
    campus.store.lab_drafts.record(job, DraftResult([]))
    page = browser.get(f"{DRAFTS}/waiting").text
    assert "Removed files" in page
    assert 'aria-label="Put mutants.py back"' in page
    assert b"mutants.py" not in browser.get(f"{DRAFTS}/waiting/folder.zip").content
    assert send(browser, key, "mutants.py", "put-back").status_code == 303
    assert drafted(campus) == before
    assert campus.store.lab_drafts.get(COURSE, "waiting").state == "edited"
    assert "Removed files" not in browser.get(f"{DRAFTS}/waiting").text


def test_a_file_put_back_over_a_newer_one_removes_that_in_turn(campus):
    browser, key = begin(campus)
    first = drafted(campus)["mutants.py"]
    send(browser, key, "mutants.py", "remove")
    empty = hashlib.sha256(b"").hexdigest()
    assert send(browser, key, "mutants.py", "save", text="# second", before=empty).status_code == 303
    send(browser, key, "mutants.py", "put-back")
    assert drafted(campus)["mutants.py"] == first
    send(browser, key, "mutants.py", "put-back")
    assert drafted(campus)["mutants.py"] == b"# second"


def test_a_zip_in_the_place_of_the_folder_leaves_its_missing_files_to_be_put_back(campus):
    browser, key = begin(campus)
    before = drafted(campus)
    campus.program(TRAINER).put(DRAFT_API, content=zipped({"lab.toml": before["lab.toml"]}))
    removed = campus.store.lab_drafts.removed_files(campus.store.lab_drafts.get(COURSE, "waiting"))
    assert removed == {name: data for name, data in before.items() if name != "lab.toml"}
    assert send(browser, key, "lab.py", "put-back").status_code == 303


def test_a_draft_keeps_the_newest_twenty_removed_files(campus):
    browser, key = begin(campus)
    many = {**drafted(campus), **{f"files/{n:02}": b"%d" % n for n in range(22)}}
    campus.program(TRAINER).put(DRAFT_API, content=zipped(many))
    for n in range(22):
        send(browser, key, f"files/{n:02}", "remove")
    gone = send(browser, key, "files/01", "put-back")
    assert gone.status_code == 404
    assert "only the newest ones are kept" in gone.text
    assert send(browser, key, "files/02", "put-back").status_code == 303
    assert drafted(campus)["files/02"] == b"2"


def test_only_trainers_of_the_course_see_a_draft(campus):
    begin(campus)
    assert campus.program(AMINA).get(DRAFT_API).status_code == 403
    assert campus.browser(AMINA).get(f"{DRAFTS}/waiting").status_code == 403


def test_a_draft_that_no_grader_took_says_so_and_what_to_do(campus):
    browser, _key = begin(campus)
    waiting = "The draft waits for a grader. If this takes more than a few minutes, no grader runs"
    assert waiting in browser.get(f"{DRAFTS}/waiting").text
    campus.store.lab_drafts.claim("test", 60)
    page = browser.get(f"{DRAFTS}/waiting").text
    assert waiting not in page
    assert "The draft is being checked in the grader&#39;s sandbox." in page


def test_findings_lead_to_the_editor_at_their_line(campus):
    browser, _key = begin(campus)
    drafts = campus.store.lab_drafts
    job = drafts.claim("test", 60)
    drafts.record(job, DraftResult([draft_work.DraftFinding("lab.py", 3, "There is no dataset 'nothing'.")]))
    page = browser.get(f"{DRAFTS}/waiting").text
    assert "file?name=lab.py&amp;line=3" in page
    assert "There is no dataset" in browser.get(f"{DRAFTS}/waiting/file?name=lab.py&line=3").text
    assert campus.program(TRAINER).put(f"{DRAFT_API}/release", json={}).json()["error"] == "draft-not-checked"


def test_a_withdrawn_lab_leaves_the_lists_and_work_stays(campus):
    amina, bosco, trainer = campus.program(AMINA), campus.program("bosco.n"), campus.program(TRAINER)
    lab = f"{API}/courses/{COURSE}/labs/{LAB}"
    assert amina.post(f"{lab}/attempts", content=work()).status_code == 201
    assert (
        trainer.put(f"{lab}/name", json={"title": {"en": "Renamed"}, "minutes": 9}).json()["title"]["en"]
        == "Renamed"
    )
    assert trainer.put(f"{lab}/withdrawal").json()["withdrawn"]
    assert bosco.get(f"{API}/courses/{COURSE}/labs").json() == []
    (mine,) = amina.get(f"{API}/courses/{COURSE}/labs").json()
    assert (mine["title"], mine["state"], len(mine["attempts"])) == ("Renamed", "closed", 1)
    assert bosco.post(f"{lab}/attempts", content=work()).json()["error"] == "lab-withdrawn"
    assert not trainer.delete(f"{lab}/withdrawal").json()["withdrawn"]
    assert len(bosco.get(f"{API}/courses/{COURSE}/labs").json()) == 1


@pytest.mark.parametrize(
    ("language", "track", "before"),
    [("en", "for everyone", "builds on: 3 · Bars"), ("fr", "pour tous", "s’appuie sur : 3 · Bars (fr)")],
)
def test_a_trainer_reads_for_whom_a_lab_of_the_library_is_and_what_it_builds_on(
    campus, language, track, before
):
    campus.store.people.set_language(TRAINER, language)
    build_lab(campus.settings.state, title="3 · Bars", number=3)
    build_lab(campus.settings.state, "lines", title="4 · Lines", number=4, builds_on=["bars"])
    page = campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}").text
    said = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert track in said
    assert before in said


def test_the_rubric_that_a_lab_is_written_with_is_what_its_marker_reads():
    """A release keeps the files that the check built; the marking desk reads the rubric out of them."""
    folder = CHECKOUT / "labs" / "14-what-is-ai"
    rubrics = {
        name: task["rubric"].strip()
        for name, task in tomllib.loads((folder / "lab.toml").read_text("utf-8"))["task"].items()
        if "rubric" in task
    }
    source = {
        name.removeprefix("source/"): data
        for name, data in built_files(folder)[1].items()
        if name.startswith("source/")
    }
    read = {name: cell_text(source, "what-is-ai", name).text.strip() for name in rubrics}
    assert rubrics
    assert read == rubrics


@pytest.mark.engine
@pytest.mark.full
def test_the_starter_is_checked_in_the_sandbox_previewed_and_released(tmp_path):
    ready_data()
    campus = Campus(tmp_path, evaluate=True)
    browser, key = begin(campus)
    checks = DraftChecks(campus.store.lab_drafts, engine_starter(campus.settings), "test", Limits())
    try:
        assert checks.check_next()
    finally:
        checks.stop()
    draft = campus.store.lab_drafts.get(COURSE, "waiting")
    assert (draft.state, findings_of(draft)) == ("good", [])
    assert "Who waits?" in browser.get(f"{DRAFTS}/waiting/preview").text
    assert browser.post(f"{DRAFTS}/waiting/release", data={"key": key}).status_code == 303
    assert campus.store.courses.lab(COURSE, "waiting").named("en") == "Who waits?"
