"""Marks of a course: what counts, who is still missing, and what final means."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook

from hub.campus.own_work import write_own_work
from hub.ops.verbs import marks as marks_verb
from hub.store import GradedRecord
from hub.store.counted_points import LabPoints
from hub.store.lab_statistics import hardest_task, points_histogram, task_statistics
from hub.store.marks_table import changed_since
from hub.verb_errors import IsomoError
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, build_lab, form_key, work
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in, release

AMINA, BOSCO = "amina.k", "bosco.n"
MARKS, DESK = (f"{ROOT}/courses/{COURSE}/{name}" for name in ("marks", "desk"))
LAB_PAGE = f"{ROOT}/courses/{COURSE}/labs/{LAB}"


def task(grade_id="add_test", score=1.0, outcome="not-yet", message="", most=2.0):
    return {
        "grade_id": grade_id,
        "outcome": outcome,
        "score": score,
        "max_score": most,
        "message": message,
        "flags": [],
    }


def grade(store, *tasks):
    job = store.claim_ungraded("test", 60)
    assert store.record_grading(
        job, GradedRecord(list(tasks) or [task()], notebook=b"{}", feedback_html=b"<p></p>", engine="test")
    )


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


@pytest.fixture
def store(campus):
    return campus.store


def points(store, learner=AMINA):
    (row,) = [row for row in store.marks.table(COURSE).rows if row.learner.username == learner]
    return row.points[LAB]


def test_the_newest_checked_attempt_counts_and_a_newer_one_is_said_to_wait(store):
    hand_in(store)
    grade(store)
    assert (points(store).score, points(store).most, points(store).waits) == (1.0, 2.0, False)
    hand_in(store, content=b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    assert (points(store).score, points(store).waits) == (1.0, True)
    grade(store, task(score=2.0, outcome="passed"))
    assert (points(store).score, points(store).state) == (2.0, "passed")


def test_a_regrade_counts_instead_of_the_result_before(store):
    hand_in(store)
    grade(store, task(score=2.0))
    store.gradings.ask_again(COURSE, LAB, TRAINER)
    grade(store, task(score=0.5))
    assert points(store).score == 0.5


def test_a_persons_newest_mark_counts_over_the_engines_score(store):
    attempt, _ = hand_in(store)
    grade(store, task(), task("why", None))
    assert (points(store).to_mark, points(store).state) == (1, "to-be-marked")
    for score in (0.5, 1.5):
        store.results.mark(attempt.id, "why", score, "", TRAINER)
    assert (points(store).score, points(store).to_mark, points(store).state) == (2.5, 0, "marked")
    store.results.mark(attempt.id, "why", None, "", TRAINER)
    assert points(store).to_mark == 1


def test_what_could_not_be_checked_costs_no_marks(store):
    hand_in(store)
    grade(store, task(score=2.0), task("broken", 0.0, "could-not-check"))
    assert (points(store).score, points(store).most, points(store).to_mark) == (2.0, 2.0, 0)


def test_the_marks_table_says_what_the_attempts_page_says(store):
    """One truth: the sums of the database are those of the result that is read task by task."""
    attempt, _ = hand_in(store)
    grade(store, task(score=0.75), task("why", None), task("x", 0.0, "could-not-check"))
    store.results.mark(attempt.id, "why", 1.25, "", TRAINER)
    result = store.results.result_for(attempt.id)
    assert (points(store).score, points(store).most) == (result.score, result.max_score)


def test_final_marks_show_what_changed_after_the_sign_off(store):
    attempt, _ = hand_in(store)
    grade(store)
    signed = store.marks.sign_off(COURSE, TRAINER)
    assert changed_since(signed, store.marks.table(COURSE)) == []
    store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    (changed,) = changed_since(store.marks.signoff(COURSE), store.marks.table(COURSE))
    assert (changed.learner, changed.lab, changed.before, changed.now) == (AMINA, LAB, 1.0, 2.0)
    assert store.marks.withdraw(COURSE, TRAINER)
    assert store.marks.signoff(COURSE) is None
    assert not store.marks.withdraw(COURSE, TRAINER)


def send(browser, page, address, **form):
    return browser.post(address, data={"key": form_key(browser.get(page).text), **form})


def test_a_trainer_filters_and_sorts_the_marks(campus):
    hand_in(campus.store, BOSCO)
    grade(campus.store)
    claudine = campus.browser(TRAINER)
    assert claudine.get(MARKS).text.index("Amina.K") < claudine.get(MARKS).text.index("Bosco.N")
    best = claudine.get(MARKS, params={"sort": "-total"}).text
    assert best.index("Bosco.N") < best.index("Amina.K")
    missing = claudine.get(MARKS, params={"state": "missing", "lab": LAB}).text
    assert "Amina.K" in missing
    assert "Bosco.N" not in missing
    assert "No learner fits." in claudine.get(MARKS, params={"q": "<nobody>", "page": "99"}).text


def test_marks_are_signed_off_on_the_page_as_they_were_looked_at(campus):
    attempt, _ = hand_in(campus.store)
    grade(campus.store)
    claudine = campus.browser(TRAINER)
    digest = claudine.get(f"{API}/courses/{COURSE}/marks").json()["digest"]
    campus.store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    late = send(claudine, MARKS, f"{MARKS}/final", digest=digest)
    assert (late.status_code, campus.store.marks.signoff(COURSE)) == (409, None)
    digest = claudine.get(f"{API}/courses/{COURSE}/marks").json()["digest"]
    send(claudine, MARKS, f"{MARKS}/final", digest=digest)
    assert "These marks are final.</strong> Signed off by Claudine U. on" in claudine.get(MARKS).text
    send(claudine, MARKS, f"{MARKS}/not-final")
    assert "These marks are final." not in claudine.get(MARKS).text


def test_programs_sign_marks_off_and_take_it_back(campus):
    program = campus.program(TRAINER)
    digest = program.get(f"{API}/courses/{COURSE}/marks").json()["digest"]
    assert program.put(f"{API}/courses/{COURSE}/marks/final", json={"digest": "0"}).status_code == 409
    assert program.put(f"{API}/courses/{COURSE}/marks/final", json={"digest": digest}).status_code == 200
    assert program.get(f"{API}/courses/{COURSE}/marks").json()["final"] is True
    assert program.delete(f"{API}/courses/{COURSE}/marks/final").json() == {"final": False}


@pytest.mark.parametrize("path", ["marks", "marks/file.csv", "marks/file.xlsx", "desk", "library/bars"])
def test_marks_and_desk_are_the_trainers_alone(campus, path):
    build_lab(campus.settings.state)
    assert campus.browser(AMINA).get(f"{ROOT}/courses/{COURSE}/{path}").status_code == 403
    assert campus.browser(TRAINER).get(f"{ROOT}/courses/{COURSE}/{path}").status_code == 200


def test_marks_are_saved_as_csv_and_for_excel_in_the_readers_language(campus):
    hand_in(campus.store)
    grade(campus.store)
    campus.store.people.set_language(TRAINER, "fr")
    claudine = campus.browser(TRAINER)
    rows = list(csv.reader(io.StringIO(claudine.get(f"{MARKS}/file.csv").text.removeprefix("\ufeff"))))
    assert rows[0][:2] == ["Nom d’utilisateur", "Nom"]
    assert rows[2:] == [
        [AMINA, "Amina.K", "minict", "Class A", "1.0", "1.0", "0", "0", "0"],
        [BOSCO, "Bosco.N", "minict", "Class A", "", "0", "0", "0", "0"],
    ]
    book = load_workbook(io.BytesIO(claudine.get(f"{MARKS}/file.xlsx").content)).active
    assert [cell.value for cell in book[3]][:5] == [AMINA, "Amina.K", "minict", "Class A", 1]
    assert claudine.get(f"{MARKS}/file.pdf").status_code == 404


@pytest.fixture
def at_home(campus, monkeypatch):
    monkeypatch.setattr(marks_verb.this_installation, "current_settings", lambda: campus.settings)


@pytest.mark.usefixtures("at_home")
def test_the_command_line_writes_the_same_table(campus, tmp_path, capsys):
    hand_in(campus.store)
    grade(campus.store)
    assert marks_verb.command(["export", COURSE]) == 0
    said = capsys.readouterr().out
    assert said == campus.browser(TRAINER).get(f"{MARKS}/file.csv").text.removeprefix("\ufeff")
    assert marks_verb.command(["export", COURSE, str(tmp_path / "marks.xlsx")]) == 0
    assert load_workbook(tmp_path / "marks.xlsx").active["A3"].value == AMINA
    assert "the marks of 2 learners" in capsys.readouterr().out


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "nothing"], "There is no course nothing."),
        (["export", COURSE, "marks.doc"], "has no ending"),
        (["export", COURSE, "/nowhere/marks.csv"], "could not be written"),
    ],
)
def test_an_export_that_cannot_be_says_what_to_do(words, sentence):
    with pytest.raises(IsomoError, match=sentence):
        marks_verb.command(words)


def test_a_learner_with_an_extension_hands_in_after_the_others(campus):
    campus.store.courses.close(COURSE, LAB)
    program = campus.program(TRAINER)
    address = f"{API}/courses/{COURSE}/labs/{LAB}/extensions"
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert program.put(f"{address}/{AMINA}", json={"closes_at": later}).status_code == 200
    assert list(program.get(address).json()) == [AMINA]
    assert campus.program(AMINA).post(attempts_url(), content=work()).status_code == 201
    assert campus.program(BOSCO).post(attempts_url(), content=work()).status_code == 409
    assert program.delete(f"{address}/{AMINA}").json()["closes_at"] is None
    assert program.get(address).json() == {}


@pytest.mark.parametrize(
    ("learner", "closes_at", "status"),
    [
        (AMINA, "2020-01-01T10:00", 422),
        (AMINA, "0001-01-01T00:00", 422),
        (AMINA, "soon", 422),
        (AMINA, "", 422),
        (TRAINER, "2199-01-01T10:00", 404),
        ("nobody", "2199-01-01T10:00", 404),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(campus, learner, closes_at, status):
    address = f"{API}/courses/{COURSE}/labs/{LAB}/extensions/{learner}"
    assert campus.program(TRAINER).put(address, json={"closes_at": closes_at}).status_code == status


def test_a_trainer_acts_on_those_that_are_ticked(campus):
    for name in (AMINA, BOSCO):
        hand_in(campus.store, name)
        grade(campus.store)
    claudine = campus.browser(TRAINER)
    address = f"{LAB_PAGE}/selected"
    back = send(claudine, LAB_PAGE, address, act="return", learner=[AMINA, "stranger"])
    assert "Learners whose feedback was returned: 1." in claudine.get(back.headers["location"]).text
    assert campus.store.marks.handed_in(COURSE) == {LAB: 2}
    back = send(claudine, LAB_PAGE, address, act="grade", learner=[AMINA, BOSCO])
    assert "Submissions that are graded once more: 2." in claudine.get(back.headers["location"]).text
    back = send(claudine, LAB_PAGE, address, act="extend", learner=[BOSCO], closes_at="2199-01-01T10:00")
    assert "May hand in until 1 Jan 2199" in claudine.get(back.headers["location"]).text
    send(claudine, LAB_PAGE, address, act="end", learner=[BOSCO])
    assert campus.store.extensions.lab(COURSE, LAB) == {}
    assert send(claudine, LAB_PAGE, address, act="return").status_code == 422
    assert send(claudine, LAB_PAGE, address, act="frob", learner=[AMINA]).status_code == 422


def test_the_table_of_a_lab_is_searched_filtered_and_sorted(campus):
    hand_in(campus.store, BOSCO)
    grade(campus.store, task("why", None))
    claudine = campus.browser(TRAINER)
    waiting = claudine.get(LAB_PAGE, params={"state": "to-be-marked"}).text
    assert "bosco.n" in waiting
    assert "amina.k" not in waiting
    assert "amina.k" in claudine.get(LAB_PAGE, params={"q": "amina", "sort": "-points"}).text
    by_name = claudine.get(LAB_PAGE, params={"sort": "name"}).text
    assert by_name.index("amina.k") < by_name.index("bosco.n")
    part = claudine.get(LAB_PAGE, params={"q": "amina", "part": "submissions"}).text
    assert "q=amina&amp;part=submissions" in part


def test_a_lab_tells_its_hardest_task_and_what_its_learners_read_most_often(campus):
    for name in (AMINA, BOSCO):
        hand_in(campus.store, name)
        grade(
            campus.store, task(score=2.0, outcome="passed"), task("bar", 0.5, message="The bar is too high.")
        )
    page = campus.browser(TRAINER).get(LAB_PAGE).text
    assert "Hardest task: <strong>bar</strong>" in page
    assert "The bar is too high." in page
    assert "learners who read it: 2" in page


def test_the_desk_shows_one_answer_after_the_other_without_names(campus):
    first, _ = hand_in(campus.store, AMINA)
    grade(campus.store, task("add", None))
    second, _ = hand_in(campus.store, BOSCO)
    grade(campus.store, task("add", None))
    claudine = campus.browser(TRAINER)
    one = f"{DESK}?lab={LAB}&task=add"
    page = claudine.get(one).text
    assert "return a + b" in page
    assert "BEGIN SOLUTION" in page
    assert "Amina" not in page
    assert "Amina" in claudine.get(f"{one}&names=1").text
    assert second.receipt in claudine.get(f"{one}&skip={first.receipt}").text
    form = {"receipt": first.receipt, "task": "add", "seen": "0", "comment": "Well done."}
    back = send(claudine, one, DESK, score="1,5", **form)
    page = claudine.get(back.headers["location"]).text
    assert f'name="receipt" value="{second.receipt}"' in page
    assert "Well done." in page
    assert campus.store.results.result_for(first.id).score == 1.5
    assert campus.store.results.result_for(first.id, returned_only=True) is None
    form |= {"receipt": second.receipt}
    back = send(claudine, one, DESK, score="2", **form)
    assert "No answer to this task waits any more." in claudine.get(back.headers["location"]).text
    assert "No answer waits for a person." in claudine.get(DESK).text


@pytest.mark.parametrize("score", ["", "many", "-1", "2.5", "nan", "inf"])
def test_points_that_do_not_fit_are_refused_at_the_desk(campus, score):
    attempt, _ = hand_in(campus.store)
    grade(campus.store, task("add", None))
    claudine = campus.browser(TRAINER)
    form = {"receipt": attempt.receipt, "task": "add", "seen": "0", "score": score}
    assert send(claudine, DESK + f"?lab={LAB}&task=add", DESK, **form).status_code == 422
    assert campus.store.results.result_for(attempt.id).marks == {}


def test_two_trainers_do_not_overwrite_each_other_at_the_desk(campus):
    attempt, _ = hand_in(campus.store)
    grade(campus.store, task("add", None))
    claudine = campus.browser(TRAINER)
    key = form_key(claudine.get(f"{DESK}?lab={LAB}&task=add").text)
    campus.store.results.mark(attempt.id, "add", 2.0, "", "eric.m")
    form = {"key": key, "receipt": attempt.receipt, "task": "add", "seen": "0", "score": "0"}
    answer = claudine.post(DESK, data=form)
    assert answer.status_code == 409
    assert "eric.m marked this answer" in answer.text
    assert campus.store.results.result_for(attempt.id).score == 2.0


def test_nobody_marks_work_of_another_course(campus):
    attempt, _ = hand_in(campus.store)
    grade(campus.store, task("add", None))
    campus.store.courses.add("other", "Other")
    campus.store.courses.add_member("other", AMINA, "trainer")
    amina = campus.browser(AMINA)
    page = f"{ROOT}/courses/other/desk"
    assert amina.get(f"{page}?lab={LAB}&task=add&receipt={attempt.receipt}").status_code == 404
    key = form_key(amina.get(page).text)
    form = {"key": key, "receipt": attempt.receipt, "task": "add", "seen": "0", "score": "2"}
    assert amina.post(page, data=form).status_code == 404


def test_a_trainers_first_page_says_what_waits(campus):
    closing = datetime.now(UTC) + timedelta(hours=20)
    campus.store.courses.open_until(COURSE, LAB, closing)
    hand_in(campus.store)
    grade(campus.store, task("add", None))
    page = campus.browser(TRAINER).get(f"{ROOT}/").text
    assert "<h1>Today</h1>" in page
    assert "Answers that wait for a person: 1" in page
    assert "not handed in yet: 1" in page


def test_a_learner_sees_one_next_step_points_and_a_closed_lab_as_closed(campus):
    amina = campus.browser(AMINA)
    assert "<strong>Next: Sums</strong>" in amina.get(f"{ROOT}/").text
    assert "2 points" in amina.get(f"{ROOT}/").text
    campus.store.courses.close(COURSE, LAB)
    page = amina.get(f"{ROOT}/").text
    assert "Next:" not in page
    assert "Read the lab" in page
    assert "closed on" in page


def test_labs_come_in_the_order_of_the_path(campus):
    for number, slug in ((2, "second"), (1, "first")):
        campus.store.courses.release(
            COURSE,
            slug,
            version="1",
            title={"en": slug},
            minutes=1,
            tasks=[],
            release={},
            source={},
            number=number,
        )
    assert [each.lab for each in campus.store.courses.labs(COURSE)] == ["first", "second", LAB]


def test_older_attempts_are_returned_with_the_newest_and_keep_their_feedback(campus):
    first, _ = hand_in(campus.store)
    grade(campus.store, task(score=0.5))
    hand_in(campus.store, content=b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    amina = campus.browser(AMINA)
    assert "a newer attempt counts" in amina.get(f"{ROOT}/").text
    grade(campus.store, task(score=2.0, outcome="passed"))
    campus.program(TRAINER).put(f"{API}/courses/{COURSE}/labs/{LAB}/feedback", json={})
    assert "0.5 / 2" in amina.get(f"{ROOT}/attempts/{first.receipt}").text


def test_a_changed_result_says_so_to_its_learner(campus):
    attempt, _ = hand_in(campus.store)
    grade(campus.store)
    amina, claudine = campus.browser(AMINA), campus.browser(TRAINER)
    campus.store.results.return_to([attempt.id], TRAINER)
    campus.store.results.mark(attempt.id, "add_test", 2.0, "", TRAINER)
    page = f"{ROOT}/attempts/{attempt.receipt}"
    assert "1 / 2" in amina.get(page).text
    assert "Your result was changed" not in amina.get(page).text
    assert "Changed, not returned yet" in claudine.get(page).text
    assert "The learner still sees 1 of 2 points." in claudine.get(page).text
    campus.store.results.return_to([attempt.id], TRAINER)
    assert "Before: 1 of 2 points." in amina.get(page).text
    assert "changed on" in amina.get(f"{ROOT}/").text


def test_a_lab_is_read_as_its_learners_will_before_it_is_released(campus):
    build_lab(campus.settings.state)
    claudine = campus.browser(TRAINER)
    assert "Preview as a learner" in claudine.get(f"{ROOT}/courses/{COURSE}").text
    page = claudine.get(f"{ROOT}/courses/{COURSE}/library/bars?lang=fr")
    assert page.status_code == 200
    assert "Bars (fr)" in page.text
    assert "def add(a, b)" in page.text
    assert claudine.get(f"{ROOT}/courses/{COURSE}/library/nothing").status_code == 404


def test_a_rubric_is_shown_as_prose_and_runs_nothing():
    from hub.campus.web.page_rendering import markdown_prose

    shown = markdown_prose("**Two points.**\n\n<script>f()</script>\n\n[x](javascript:f()) ![y](http://z/)")
    assert "<strong>Two points.</strong>" in shown
    assert "<script" not in shown
    assert "href" not in shown
    assert "<img" not in shown


def test_programs_read_each_learners_total_and_what_each_lab_is_worth(campus):
    hand_in(campus.store)
    grade(campus.store)
    release(campus.store, number=3)
    said = json.loads(campus.program(TRAINER).get(f"{API}/courses/{COURSE}/marks").text)
    assert said["labs"] == {LAB: 2.0}
    assert [(each["learner"], each["total"]) for each in said["learners"]] == [(AMINA, 1.0), (BOSCO, 0.0)]


def test_the_queue_of_answers_and_the_bank_of_comments_belong_to_one_task(store):
    first, _ = hand_in(store, AMINA)
    grade(store, task("why", None), task("how", None))
    second, _ = hand_in(store, BOSCO)
    grade(store, task("why", None))
    assert [(each.grade_id, each.count) for each in store.marking.tasks(COURSE)] == [("how", 1), ("why", 2)]
    assert store.marking.answers(COURSE, LAB, "why") == [first.receipt, second.receipt]
    store.results.mark(first.id, "why", 1.0, "Name the person.", TRAINER)
    assert store.marking.answers(COURSE, LAB, "why") == [second.receipt]
    assert store.marking.comments(COURSE, LAB, "why") == ["Name the person."]
    assert store.marking.comments(COURSE, LAB, "how") == []


def test_statistics_leave_out_what_nobody_checked_or_marked(store):
    hand_in(store)
    grade(store, task(score=0.5, message="Too high."), task("why", None), task("x", 0.0, "could-not-check"))
    found = {each.grade_id: each for each in task_statistics(store.database, COURSE, LAB)}
    assert [(each.count, each.share) for each in found.values()] == [(1, 0.25), (0, 0.0), (0, 0.0)]
    assert found["add_test"].commonest == [("Too high.", None, 1)]
    assert hardest_task(found.values()).grade_id == "add_test"
    assert hardest_task([]) is None


def test_full_points_are_in_the_last_bar_of_the_histogram():
    points = [
        LabPoints("r", score, most) for score, most in ((0, 2), (1, 2), (2, 2), (3, 2), (None, 0), (-1, 2))
    ]
    assert points_histogram(points) == [2, 0, 0, 0, 0, 1, 0, 0, 0, 2]


def test_a_learner_saves_all_that_they_handed_in_and_nobody_elses(campus):
    first, _ = hand_in(campus.store)
    grade(campus.store)
    hand_in(campus.store, BOSCO)
    amina = campus.browser(AMINA)
    before = zipfile.ZipFile(io.BytesIO(amina.get(f"{ROOT}/my-work.zip").content)).namelist()
    folder = f"{COURSE}/{LAB}/1"
    names = ("receipt.json", "work/answers.json", f"work/{LAB}.ipynb")
    assert before == [f"{folder}/{name}" for name in names]
    campus.store.results.return_to([first.id], TRAINER)
    answer = amina.get(f"{ROOT}/my-work.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="amina.k-work.zip"'
    assert f"{folder}/feedback.html" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert "Save all that I handed in" in amina.get(f"{ROOT}/").text


def test_work_that_cannot_be_read_does_not_keep_the_rest_from_being_saved(campus):
    attempt, _ = hand_in(campus.store)
    for path in (campus.settings.state / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    kept = io.BytesIO()
    assert write_own_work(campus.store, AMINA, kept) == 1
    names = zipfile.ZipFile(kept).namelist()
    assert [name.rpartition("/")[2] for name in names] == ["receipt.json", "could-not-be-read.txt"]
    assert attempt.receipt in zipfile.ZipFile(kept).read(names[0]).decode()
