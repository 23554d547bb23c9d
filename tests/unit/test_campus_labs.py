"""Labs of a trainer's own: their names, their notebooks, their kernels, their size."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from hub.campus import submitted_notebook
from hub.store import refused_requests
from labs.kit import lab_notebooks
from tests.support.course_labs import EDITORS, PYTHON, as_notebook, lab_zip, plain_cell, problem, release_url
from tests.support.pretended_campus import API, ROOT, Campus, attempts_url, build_lab, form_key, zipped
from tests.support.small_stores import COURSE, LAB, RIGHT

AMINA, CLAUDINE = "amina.k", "claudine.u"
NAMES = (
    "PS1",
    "lab_1",
    "ps.1",
    "Problem Set 1",
    "été 1",
    "(a)",
    "[b]",
    "a+b",
    "lab#1",
    "50%",
    "名前",
    "it's",
    "a&b",
)
UNFIT = ("..", ".", ".hidden", " ps1", "ps1 ", "a\\b", "what?", "a:b", "a\x07b", "x" * 101, "é" * 101)


@pytest.fixture
def campus(tmp_path):
    return Campus(tmp_path)


def release(campus, name, body):
    return campus.program(CLAUDINE).put(release_url(quote(name, safe="")), content=body)


def hand_in(campus, name, files):
    return campus.program(AMINA).post(attempts_url(lab=quote(name, safe="")), content=zipped(files))


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    return answer.json()["message"]


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_of_any_usual_name_is_released_opened_and_handed_in(campus, name):
    assert release(campus, name, lab_zip({f"{name}.ipynb": RIGHT})).status_code == 200
    amina = campus.browser(AMINA)
    link = f"{ROOT}/open/{COURSE}/{quote(name)}"
    assert f'href="{link}"' in amina.get(f"{ROOT}/").text
    there = amina.get(link).headers["location"]
    assert quote(f"/user/{AMINA}/isomo/open/{COURSE}/{quote(name, safe='')}", safe="") in there
    assert hand_in(campus, name, {f"{name}.ipynb": RIGHT}).status_code == 201


@pytest.mark.parametrize("name", NAMES)
def test_a_trainers_pages_lead_to_a_lab_of_any_usual_name_and_back(campus, name):
    release(campus, name, lab_zip({f"{name}.ipynb": RIGHT}))
    claudine = campus.browser(CLAUDINE)
    page = f"{ROOT}/courses/{COURSE}/labs/{quote(name)}"
    assert f'href="{page}"' in claudine.get(f"{ROOT}/courses/{COURSE}").text
    shown = claudine.get(page)
    assert shown.status_code == 200
    assert f'action="{page}/close"' in shown.text
    key = shown.text.partition('name="key" value="')[2].partition('"')[0]
    back = claudine.post(f"{page}/close", data={"key": key}).headers["location"]
    assert back.partition("?")[0] == page.replace("'", "%27")
    assert "The lab is closed" in claudine.get(back).text


def test_signing_in_leads_to_the_lab_that_was_asked_for(campus):
    """A name with # or % is not cut on the way through the hub."""
    release(campus, "lab#1 50%", lab_zip({"lab#1 50%.ipynb": RIGHT}))
    browser = campus.client(headers={"Origin": campus.settings.address})
    page = f"{ROOT}/open/{COURSE}/{quote('lab#1 50%')}"
    asked = browser.get(page).headers["location"]
    back = browser.get(f"{ROOT}/oauth_callback", params=campus.hub.authorize(asked, AMINA))
    assert back.headers["location"] == page


@pytest.mark.parametrize("name", UNFIT)
def test_a_name_that_no_folder_can_have_is_refused_with_those_that_work(campus, name):
    # Two dots as they are would be gone before the request is sent.
    address = release_url(quote(name, safe="").replace(".", "%2E"))
    answer = campus.program(CLAUDINE).put(address, content=lab_zip({"a.ipynb": RIGHT}))
    message = refused(answer, 422, "bad-lab-name")
    assert message == (
        f'"{name[:100]}" cannot be the name of a lab. Use at most 100 letters, digits, spaces and signs such as '
        '- _ . + # % ( ), none of / \\ : * ? " < > |, and no dot at the beginning.'
    )
    assert campus.store.courses.lab(COURSE, name) is None


@pytest.mark.parametrize("name", ["a/b", "", "../x"])
def test_so_is_a_name_that_an_address_cannot_hold(campus, name):
    refused(release(campus, name, lab_zip({"a.ipynb": RIGHT})), 422, "bad-lab-name")


def test_a_lab_may_have_several_notebooks_of_any_name(campus):
    """As in nbgrader's own example, `ps1` has problem1.ipynb and problem2.ipynb."""
    files = {"problem1.ipynb": problem("a"), "problem2.ipynb": problem("b")}
    assert release(campus, "ps1", lab_zip(files)).status_code == 200
    answer = hand_in(campus, "ps1", files)
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


def test_one_missing_and_one_damaged_notebook_are_named_and_the_others_accepted(campus):
    files = {f"problem{n}.ipynb": problem("a") for n in (1, 2, 3)}
    release(campus, "ps1", lab_zip(files))
    answer = hand_in(campus, "ps1", {"problem1.ipynb": problem("a", "a = 1"), "problem2.ipynb": b"{"})
    assert answer.json()["warnings"] == [
        "Some notebooks of the lab were not handed in (problem3.ipynb); their tasks count as not attempted. "
        "Your work was accepted.",
        "Some notebooks cannot be read (problem2.ipynb), so their tasks earn nothing. Save them again in the lab, "
        "then hand in once more. The other notebooks were accepted.",
    ]


def test_a_graded_cell_that_is_gone_is_told_with_its_notebook(campus):
    files = {"problem1.ipynb": problem("a"), "problem2.ipynb": problem("b")}
    release(campus, "ps1", lab_zip(files))
    answer = hand_in(campus, "ps1", {**files, "problem2.ipynb": as_notebook([])})
    assert "(problem2/task, problem2/task-answer)" in answer.json()["warnings"][0]


def test_work_in_which_no_notebook_can_be_read_is_refused(campus):
    files = {"problem1.ipynb": problem("a"), "problem2.ipynb": problem("b")}
    release(campus, "ps1", lab_zip(files))
    message = refused(hand_in(campus, "ps1", {"problem1.ipynb": b"{"}), 422, "not-a-notebook")
    assert message.startswith("problem1.ipynb is not a notebook that can be read.")
    message = refused(hand_in(campus, "ps1", {"else.ipynb": RIGHT}), 422, "no-notebook")
    assert message.startswith("There is no problem1.ipynb, problem2.ipynb in what was handed in.")


def test_a_helper_notebook_and_data_reach_learner_and_grader(campus):
    helper = as_notebook([plain_cell("def helped(): return 1")])
    files = {"ps1.ipynb": problem("a"), "helpers.ipynb": helper, "data/été 2024.csv": b"x" * 12_000_000}
    assert release(campus, "ps1", lab_zip(files)).status_code == 200
    lab = campus.store.courses.lab(COURSE, "ps1")
    for bundle in (lab.release_bundle, lab.source_bundle):
        assert set(campus.store.blobs.manifest(bundle)) == set(files)
    assert hand_in(campus, "ps1", {"ps1.ipynb": problem("a")}).json()["warnings"] == []


def test_a_lab_without_any_notebook_is_refused(campus):
    message = refused(release(campus, "ps1", lab_zip({"notes.txt": b"1"})), 422, "no-lab-notebook")
    assert message == (
        "The lab ps1 was not released: its learners' version and its source have no notebook in common. "
        "Make both with nbgrader generate_assignment ps1, then release it again."
    )


def test_a_graded_notebook_that_learners_would_not_get_is_refused(campus):
    both = {"problem1.ipynb": problem("a")}
    body = lab_zip(both, {**both, "problem2.ipynb": problem("b")})
    message = refused(release(campus, "ps1", body), 422, "notebook-not-released")
    assert "problem2.ipynb has graded cells, but learners would not get it" in message


OTHERS = [
    ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R", "ir"),
    ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R", "ir"),
    ({"kernelspec": {"name": "julia-1.10"}}, "Julia", "julia-1.10"),
    ({"language_info": {"name": "scala"}}, "Scala", "?"),
    ({"kernelspec": {"name": "frob", "language": "frob"}}, "Frob", "frob"),
]


@pytest.mark.parametrize(("metadata", "language", "kernel"), OTHERS)
def test_a_lab_in_another_language_is_refused_with_kernel_and_language(campus, metadata, language, kernel):
    message = refused(
        release(campus, "ps1", lab_zip({"ps1.ipynb": problem("a", "", metadata)})), 422, "other-language"
    )
    assert message == (
        f"The lab was not released: ps1.ipynb is written in {language} (its kernel is {kernel}), and labs are graded "
        "in Python. Choose a Python kernel, save the notebook, then release it again."
    )
    assert campus.store.courses.lab(COURSE, "ps1") is None


def test_learners_work_in_another_language_gets_a_sentence_with_its_receipt(campus):
    release(campus, "ps1", lab_zip({"ps1.ipynb": problem("a")}))
    answer = hand_in(campus, "ps1", {"ps1.ipynb": problem("a", "", OTHERS[0][0])})
    assert answer.json()["warnings"] == [
        "This lab is graded in Python, and a notebook names another language (ps1.ipynb: R). Choose a Python kernel, "
        "save it, then hand in once more."
    ]


OWN = [
    PYTHON,
    {},
    {"kernelspec": {"name": "python3 (venv)", "display_name": "python 3.12 (venv)", "language": "python"}},
    {"kernelspec": {"name": "conda-env-ai-py", "display_name": "AI"}},
    {"kernelspec": {"name": "pycharm-1a2b"}, "language_info": {"name": "python", "version": "3.12"}},
    {"language_info": {"name": "ipython"}},
    *EDITORS.values(),
    {"kernelspec": None, "language_info": []},
    {"kernelspec": {"name": "jupyter-env"}},
]


@pytest.mark.parametrize("metadata", OWN)
def test_a_python_notebook_is_one_whatever_its_kernel_is_called(campus, metadata):
    release(campus, "ps1", lab_zip({"ps1.ipynb": problem("a", "", metadata)}))
    answer = hand_in(campus, "ps1", {"ps1.ipynb": problem("a", "a = 1", metadata)})
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_windows_line_ends_are_no_damage(campus, encoding):
    release(campus, "ps1", lab_zip({"ps1.ipynb": problem("a")}))
    text = problem("a", "a = 1\r\n").decode().replace(", ", ",\r\n")
    answer = hand_in(campus, "ps1", {"ps1.ipynb": text.encode(encoding)})
    assert (answer.status_code, answer.json()["warnings"]) == (201, [])


@pytest.mark.parametrize("metadata", [*OWN, *(each[0] for each in OTHERS), {"kernelspec": {"name": "bash"}}])
def test_campus_and_graders_read_the_same_language(metadata):
    assert submitted_notebook.language_of({"metadata": metadata}) == lab_notebooks.language_of(metadata)


@pytest.mark.parametrize(
    "files",
    [
        {"b.ipynb": problem("a"), "a.ipynb": problem("a"), "help.ipynb": as_notebook([])},
        {"ps1.ipynb": as_notebook([]), "a.ipynb": as_notebook([])},
        {"z.ipynb": as_notebook([]), "y.ipynb": b"{", "deep/x.ipynb": problem("a")},
        {"notes.txt": b"1"},
        {
            "ps1.ipynb": json.dumps(
                {"nbformat": 4, "cells": [{"metadata": None}, {"metadata": {"nbgrader": 3}}]}
            ).encode()
        },
    ],
)
def test_campus_and_graders_find_the_same_notebooks(files):
    assert submitted_notebook.main_names(files, "ps1") == lab_notebooks.main_names(files, "ps1")


def test_a_release_over_its_limit_is_refused_with_limit_and_setting(tmp_path):
    campus = Campus(tmp_path, grading={"release_size": "1 MB"})
    files = {"ps1.ipynb": problem("a"), "data.bin": bytes(range(256)) * 4000}
    message = refused(release(campus, "ps1", lab_zip(files)), 413, "release-too-large")
    assert message == (
        "The files of this lab are larger than 1 MB together, so it was not released. Remove large files, or ask "
        "your administrator to raise grading.release_size in isomo.toml, then release it again."
    )


def test_what_learners_and_graders_both_have_counts_once(tmp_path):
    campus = Campus(tmp_path, grading={"release_size": "1 MB"})
    files = {"ps1.ipynb": problem("a"), "data.bin": bytes(range(256)) * 3000}
    assert release(campus, "ps1", lab_zip(files)).status_code == 200


def test_too_many_files_and_a_name_that_works_nowhere_are_told_to_the_trainer(campus):
    many = {f"{n}.txt": b"" for n in range(1001)}
    message = refused(
        release(campus, "ps1", lab_zip({"ps1.ipynb": problem("a"), **many})), 413, "too-many-files"
    )
    assert (
        message == "These are more than 2000 files. Remove files that the lab does not need, then try again."
    )
    odd = lab_zip({"ps1.ipynb": problem("a"), "a:b.csv": b"1"})
    message = refused(release(campus, "ps1", odd), 422, "bad-file-name")
    assert message.startswith("The file name release/a:b.csv does not work on every computer.")


def test_labs_of_a_course_are_listed_under_their_names(campus):
    release(campus, "été 1", lab_zip({"été 1.ipynb": RIGHT}))
    listed = campus.program(AMINA).get(f"{API}/courses/{COURSE}/labs").json()
    assert "été 1" in [each["lab"] for each in listed]


def left_out(campus, **more):
    answer = campus.program(AMINA).post(attempts_url(), content=zipped({f"{LAB}.ipynb": RIGHT, **more}))
    assert answer.status_code == 201, answer.text
    kept = campus.store.attempts.files(campus.store.attempts.get(answer.json()["receipt"]))
    return answer.json()["warnings"], set(kept) - {f"{LAB}.ipynb"}


def test_a_large_file_beside_the_notebook_is_left_out_and_named(campus):
    warnings, kept = left_out(campus, **{"film.mp4": bytes(40_000_000), "notes.csv": b"1"})
    assert warnings == [
        "These files were left out, because they are too large or their names do not work on every computer: "
        "film.mp4. A submission may have 20 MB. Your notebook was accepted and is graded without them."
    ]
    assert kept == {"notes.csv"}


@pytest.mark.parametrize("name", ["a\\b", "notes 10:30.txt", "line\nbreak", "x" * 300])
def test_a_file_whose_name_does_not_work_everywhere_is_left_out(campus, name):
    warnings, kept = left_out(campus, **{name: b"1", "été 1.csv": b"1"})
    assert name in warnings[0]
    assert kept == {"été 1.csv"}


def test_a_newer_version_of_a_closed_lab_stays_closed_and_keeps_its_closing_time(campus):
    build_lab(campus.settings.state)
    claudine, here = campus.program(CLAUDINE), release_url("bars")
    claudine.put(here, json={"library": "bars", "closes_at": "2030-01-01T17:00"})
    claudine.delete(here)
    assert claudine.put(here, json={"library": "bars"}).json()["state"] == "closed"
    lab = campus.store.courses.lab(COURSE, "bars")
    assert (lab.state(), str(lab.closes_at)) == ("closed", "2030-01-01 15:00:00+00:00")


def test_nbgraders_release_opens_a_lab_again_that_it_had_removed(campus):
    release(campus, "ps1", lab_zip({"ps1.ipynb": RIGHT}))
    campus.program(CLAUDINE).delete(release_url("ps1"))
    assert release(campus, "ps1", lab_zip({"ps1.ipynb": RIGHT})).json()["state"] == "released"


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "9999-12-31T23:59:59-14:00", "1999-12-31T00:00"])
def test_a_closing_time_at_the_end_of_the_calendar_is_refused_with_a_sentence(campus, when):
    build_lab(campus.settings.state)
    answer = campus.program(CLAUDINE).put(release_url("bars"), json={"library": "bars", "closes_at": when})
    assert refused(answer, 422, "bad-date").startswith(f"{when} is not a date and time.")


@pytest.mark.parametrize("page", ["0", "-3", "100000000000000000000"])
def test_a_page_that_no_list_has_is_the_nearest_one(campus, page):
    admin, claudine = campus.browser("admin"), campus.browser(CLAUDINE)
    for browser, path in ((admin, "people"), (admin, "audit"), (claudine, f"courses/{COURSE}/labs/{LAB}")):
        assert browser.get(f"{ROOT}/{path}", params={"page": page}).status_code == 200


def test_a_cursor_that_no_database_has_is_refused(campus):
    asked = {"since": f"{10**20}-0-0"}
    answer = campus.program(CLAUDINE).get(f"{API}/courses/{COURSE}/gradebook", params=asked)
    refused(answer, 422, "bad-request")


def test_nobody_without_a_token_fills_the_audit_log(campus):
    for _ in range(20):
        assert campus.client().get(f"{API}/grading/waiting").status_code == 404
    assert campus.store.audit.newest() == []
    (counted,) = campus.store.refusals.newest()
    assert (counted.who, counted.about, counted.times) == ("", "grading", 20)


def test_many_addresses_at_once_are_counted_together_after_a_bound(campus, monkeypatch):
    monkeypatch.setattr(refused_requests, "MOST_A_DAY", 3)
    for n in range(6):
        campus.store.refusals.count("", "grading", f"10.0.0.{n}")
    counted = campus.store.refusals.newest()
    assert len(counted) == 4
    assert sum(each.times for each in counted) == 6


def test_a_numbered_lab_shows_its_number_once_before_and_after_its_release(campus):
    build_lab(campus.settings.state, title="4 · Bars", number=4)
    claudine, course = campus.browser(CLAUDINE), f"{ROOT}/courses/{COURSE}"
    library = claudine.get(course).text
    sent = claudine.post(f"{course}/labs/bars/release", data={"key": form_key(library)})
    assert sent.status_code == 303
    for page in (library, claudine.get(course).text, campus.browser(AMINA).get(f"{ROOT}/").text):
        assert "4 · 4" not in page
        assert "4 · Bars" in page
