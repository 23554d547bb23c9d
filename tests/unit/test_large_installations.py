"""A campus of very many people: what is read stays few rows, pages are small, and each page of the benchmark answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from bench.campus_history import fill_store
from bench.campus_pages import campus_pages
from bench.campus_served import session_cookies, token_of
from bench.campus_town import Town, course_name, lab_name
from hub.campus.request_context import COOKIE
from hub.store import Store
from hub.store.monitoring_counts import read_figures
from tests.support.pretended_campus import CAMPUS, ROOT, Campus, form_key
from tests.support.small_stores import settings_for

TOWN = Town(120, 8, datetime(2026, 11, 28, 9, tzinfo=UTC))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    store = Store.migrate(settings_for(folder))
    fill_store(store, TOWN)
    campus = Campus(folder, store)
    readers = {each.reader for each in campus_pages(TOWN)}
    for name in readers:
        campus.hub.users[token_of(name)] = {"kind": "user", "name": name, "scopes": [CAMPUS], "servers": {}}
    return campus, session_cookies(store, readers)


def get(town, reader: str, path: str, **headers: str):
    campus, cookies = town
    return campus.client().get(f"{ROOT}{path}", headers={"Cookie": f"{COOKIE}={cookies[reader]}", **headers})


@pytest.mark.parametrize("page", campus_pages(TOWN), ids=lambda page: page.name)
def test_each_page_of_the_benchmark_is_there(town, page):
    answer = get(town, page.reader, page.path)
    assert answer.status_code == 200, answer.text


def test_no_page_of_a_learner_or_a_trainer_reads_all_returned_feedback(town):
    campus, _cookies = town
    said = []
    listen = lambda _c, _cursor, statement, parameters, *_more: said.append((statement, parameters))  # noqa: E731
    event.listen(campus.store.database.engine, "before_cursor_execute", listen)
    for page in campus_pages(TOWN):
        get(town, page.reader, page.path)
    event.remove(campus.store.database.engine, "before_cursor_execute", listen)
    plans = []
    with campus.store.database.engine.connect() as connection:
        for statement, parameters in said:
            if "feedback_return" in statement and statement.startswith("SELECT"):
                rows = connection.exec_driver_sql(f"explain query plan {statement}", parameters)
                plans += [str(row[-1]) for row in rows]
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN feedback_return")] == []


def test_pages_are_compressed_for_browsers_that_take_it(town):
    packed = get(town, "admin", "/people", **{"Accept-Encoding": "gzip"})
    plain = get(town, "admin", "/people", **{"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.headers["vary"] == "Accept-Encoding"


def test_the_key_of_a_form_differs_on_each_page_and_each_of_them_opens_the_form(town):
    campus, cookies = town
    reader = campus_pages(TOWN)[0].reader
    keys = [form_key(get(town, reader, "/me").text) for _ in range(2)]
    assert keys[0] != keys[1], "or the size of a compressed page would tell it"
    wrong = f"{int(keys[0][0], 16) ^ 1:x}{keys[0][1:]}"
    browser = campus.client(
        headers={"Cookie": f"{COOKIE}={cookies[reader]}", "Origin": campus.settings.address}
    )
    sent = [
        browser.post(f"{ROOT}/language", data={"key": key, "lang": "fr"}).status_code
        for key in (*keys, wrong, "", "no hex")
    ]
    assert sent == [303, 303, 403, 403, 403]


def test_figures_of_a_lab_are_kept_until_a_mark_changes_them(town):
    store, course, lab = town[0].store, course_name(0), lab_name(3)
    figures = lambda: store.lab_statistics.tasks(course, lab, store.marks.version(course))  # noqa: E731
    before = figures()
    assert figures() is before
    text = next(each for each in before if each.grade_id == "text")
    earned = text.earned
    attempt = store.results.newest(course, lab)[0]
    given = store.results.result_for(attempt.id).marks["text"].score
    store.results.mark(attempt.id, "text", 3.0 if given != 3.0 else 0.0, "", "trainer00")
    after = next(each for each in figures() if each.grade_id == "text")
    assert after.earned == earned + (3.0 if given != 3.0 else 0.0) - given


def test_sums_over_all_gradings_add_what_came_since_the_last_look(town):
    database = town[0].store.database
    first, second = read_figures(database), read_figures(database)
    assert first.gradings == second.gradings == TOWN.results
    assert first.grading_cpu == pytest.approx(second.grading_cpu) == pytest.approx(0.1 * TOWN.results)
