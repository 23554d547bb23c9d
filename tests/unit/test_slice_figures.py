"""The month by slice: every case once, from forms and batches, and no small group to be told from the rest."""

from __future__ import annotations

import csv
import datetime as dt
import io

from hypothesis import given
from hypothesis import strategies as st

from labs.prototype_kit.application.slice_figures import LEAST, month_by_slice, shown_lines
from tests.support.small_prototype import CASE, OUR_PAGE, as_person, ask_case

MONTH = dt.datetime.now(dt.UTC).strftime("%Y-%m")
COUNTS = st.dictionaries(
    st.text("abcdefghij", min_size=1, max_size=3),
    st.integers(0, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.just(0), st.just(0))),
    max_size=40,
)


@given(COUNTS)
def test_no_group_below_five_is_shown_and_no_case_is_lost(values):
    lines = shown_lines(values)
    total = sum(cases for cases, *_ in values.values())
    assert all(line.cases >= LEAST for line in lines)
    assert sum(line.cases for line in lines) == (total if total >= LEAST else 0)


def test_a_lonely_small_group_is_joined_with_the_next_one():
    lines = shown_lines({"a": (40, 4, 0, 0), "b": (9, 1, 0, 0), "c": (2, 2, 0, 0)})
    assert [(line.values, line.cases, line.to_person) for line in lines] == [
        (("a",), 40, 4),
        (("c", "b"), 11, 3),
    ]


def test_a_share_of_few_decisions_is_not_shown():
    few, enough = shown_lines({"a": (40, 0, 4, 4), "b": (30, 0, 5, 1)})
    assert few.overturned_share is None
    assert enough.overturned_share == 0.2


def _send(client, rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    answer = client.post("/batch", files={"file": ("cases.csv", out.getvalue())}, headers=OUR_PAGE)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_forms_and_batches_are_counted_once_whoever_opens_them(own_prototype):
    _folder, client = own_prototype
    rows = [CASE | {"district": "Huye", "sex": "f"}] * 6 + [CASE | {"district": "Gasabo", "sex": "f"}] * 5
    rows += [CASE | {"district": "Gasabo", "sex": "m", "service": "flying permits"}] * 5
    answered = _send(client, rows)
    for _turn in range(2):
        ask_case(client, CASE | {"district": "Huye", "sex": "m"})
    number = answered[0]["case"]
    client.post(f"/cases/{number}/contest", data={"note": "no"}, headers=OUR_PAGE)
    wrong = {"label": "no" if answered[0]["decision"] == "Read first" else "yes", "shown": "0"}
    client.post(f"/cases/{number}/review", data=wrong, headers=as_person("remy"))
    service = client.app.state.service
    found = month_by_slice(service.store, service.live().contract, MONTH)
    told = {name: {line.values[0]: line.cases for line in lines} for name, lines in found.items()}
    assert told["district"] == {"Gasabo": 10, "Huye": 8}
    assert told["sex"] == {"f": 11, "m": 7}
    gasabo, huye = found["district"]
    assert gasabo.to_person == 5
    assert (huye.reviewed, huye.overturned) == (1, 1)
    page = client.get("/month").text
    assert "Is everybody served alike?" in page
    assert "Gasabo" in page


def test_what_is_counted_only_is_asked_for_and_never_needed(own_prototype):
    _folder, client = own_prototype
    page = client.get("/").text
    assert "the model does not see this" in page
    assert 'name="district"' in page
    assert ask_case(client)


def test_a_part_of_a_month_is_not_shown(own_prototype):
    _folder, client = own_prototype
    ask_case(client)
    assert f"The month {MONTH}" in client.get("/month?month=2026-1").text
    assert "The month 2026-01" in client.get("/month?month=2026-01").text
