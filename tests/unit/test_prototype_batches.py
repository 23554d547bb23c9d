"""Rows of a batch as cases: opened, contested, decided and deleted like those of the form."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.prototype_kit.application.batch_chunks import OpenedChunk, kept_chunk
from labs.prototype_kit.application.batch_runs import CHUNK
from labs.prototype_kit.application.decisions import DecidedColumns
from tests.support.small_prototype import CASE, OUR_PAGE, application, as_person, ask_case, shared_copy

CELL = st.sampled_from(["", "Huye", "a\nb", "é;,\"'", "\u2028", "0"])
ROW = st.tuples(
    CELL, st.sampled_from(["yes", "no"]), st.sampled_from(["", "unsure"]), st.sampled_from([(), (1, -2)])
)


@pytest.fixture(scope="module")
def served(trained_prototype, tmp_path_factory):
    """One application that these tests share."""
    folder = shared_copy(trained_prototype, tmp_path_factory.mktemp("batches"))
    with application(folder) as client:
        yield client


def _answered(client, cases, who="colin"):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(cases[0]))
    writer.writeheader()
    writer.writerows(cases)
    answer = client.post("/batch", files={"file": ("cases.csv", out.getvalue())}, headers=as_person(who))
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@given(st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_a_chunk_gives_back_each_row_that_was_put_in(rows):
    cells, labels, persons, reasons = map(list, zip(*rows, strict=True))
    made = DecidedColumns(labels, [0.5] * len(rows), persons, list(map(list, reasons)))
    kept = kept_chunk({"place": cells}, made, ["days", "town = Huye"], {})
    opened = OpenedChunk(kept.inputs, kept.answers)
    assert [opened.input(n) for n in range(len(rows))] == [{"place": cell} for cell in cells]
    for n, (_cell, label, person, why) in enumerate(rows):
        found = opened.decision(n)
        assert (found["label"], found["person"]) == (label, person)
        assert found["reasons"] == ([["days", 1], ["town = Huye", -1]] if why else [])
    assert kept.handed_on == [(n, labels[n], persons[n]) for n in range(len(rows)) if persons[n]]


def test_a_row_of_a_batch_is_opened_contested_and_decided_like_a_case_of_the_form(served):
    cases = [CASE | {"days_waiting": str(n)} for n in range(5)]
    number = int(_answered(served, cases)[3]["case"])
    page = served.get(f"/cases/{number}").text
    assert "What weighed most" in page
    served.post(f"/cases/{number}/contest", data={"note": "Look at row four."}, headers=OUR_PAGE)
    assert "Look at row four." in served.get("/queue", headers=as_person("remy")).text
    form = {"label": "yes", "shown": "0"}
    assert served.post(f"/cases/{number}/review", data=form, headers=as_person("remy")).status_code == 303
    (reviewed,) = [each for each in served.app.state.service.store.reviewed_cases() if each["id"] == number]
    assert reviewed["input"] == cases[3]


def test_a_row_of_a_batch_is_seen_by_who_sent_it_only(served):
    number = _answered(served, [CASE], "colin")[0]["case"]
    assert served.get(f"/cases/{number}", headers=as_person("aline")).status_code == 404


def test_rows_and_single_cases_are_numbered_and_counted_once(served):
    store, month = served.app.state.service.store, dt.datetime.now(dt.UTC).strftime("%Y-%m")
    before = store.month(month)["cases"]
    numbers = [
        ask_case(served),
        *(int(row["case"]) for row in _answered(served, [CASE] * 3)),
        ask_case(served),
    ]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    for number in numbers:
        assert store.case(number)
    assert store.month(month)["cases"] == before + 5


def test_rows_that_a_person_decides_wait_in_the_queue_with_what_was_entered(own_prototype):
    _folder, client = own_prototype
    _answered(client, [CASE, CASE | {"service": "flying permits"}, CASE])
    store = client.app.state.service.store
    assert store.waiting() == 1
    assert "flying permits" in client.get("/queue", headers=as_person("remy")).text
    assert store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))["to_person"] == 1


def test_what_a_batch_entered_is_deleted_after_its_time_and_its_count_stays(own_prototype):
    _folder, client = own_prototype
    rows = _answered(client, [CASE | {"service": "secret place"}, CASE, CASE])
    store = client.app.state.service.store
    assert store.forget(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)) == 3
    assert [store.case(int(row["case"]))["input"] for row in rows] == [{}] * 3
    assert store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))["cases"] == 3
    assert store.latest(10) == []
    assert store.forget(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)) == 0


def test_a_single_case_is_answered_between_two_chunks_of_a_batch(own_prototype, tmp_path):
    _folder, client = own_prototype
    service = client.app.state.service
    version, answers = service.live(), []
    source, out = tmp_path / "large.csv", tmp_path / "out.csv"
    source.write_text("\n".join([",".join(CASE), *[",".join(CASE.values())] * (CHUNK + 1)]), "utf-8")

    def keep(chunk):
        answers.append(service.ask(version, [CASE])[0]["decision"]["label"])
        return service.store.add_chunk("colin", version.number, chunk)

    counts = service.scorer(version).answer_file(source, out, "en", keep)
    assert counts["good"] == CHUNK + 1
    assert len(answers) == 2
    assert len(out.read_text("utf-8-sig").splitlines()) == CHUNK + 2


def test_a_batch_that_cannot_be_kept_ends_and_the_next_one_is_answered(own_prototype, tmp_path):
    _folder, client = own_prototype
    service = client.app.state.service
    version, source = service.live(), tmp_path / "cases.csv"
    source.write_text("\n".join([",".join(CASE), ",".join(CASE.values())]), "utf-8")

    def full(_chunk):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        service.scorer(version).answer_file(source, tmp_path / "out.csv", "en", full)
    assert len(_answered(client, [CASE] * 2)) == 2
