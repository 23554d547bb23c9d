"""Drift by slice: each group is compared with itself, small groups are never named, chance raises no alarm."""

from __future__ import annotations

import csv
import json
import random

import pytest

from labs.prototype_kit.application import model_drift
from labs.prototype_kit.application.data_contract import Column, Contract
from labs.prototype_kit.application.slice_drift import (
    LEAST_CASES,
    LEAST_ROWS,
    drift_by_slice,
    drifted_groups,
    slice_references,
)
from tests.support.small_prototype import CASE, OUR_PAGE
from tests.unit.test_slice_figures import _send

CONTRACT = Contract(
    (
        Column("days", "whole"),
        Column("channel", "category", known=("agent", "post")),
        Column("district", "category", "slice"),
    )
)


def _cases(count: int, district: str, days: range, seed: int = 1) -> list[dict[str, str]]:
    chance = random.Random(seed)
    return [
        {
            "days": str(chance.choice(days)),
            "channel": chance.choice(("agent", "post")),
            "district": district,
        }
        for _turn in range(count)
    ]


def _references(cases: list[dict[str, str]]) -> dict[str, dict[str, dict[str, object]]]:
    features = {
        "days": ("whole", [float(case["days"]) for case in cases]),
        "channel": ("category", [case["channel"] for case in cases]),
    }
    return slice_references({"district": [case["district"] for case in cases]}, features)


TRAINED = _references(
    _cases(1000, "Huye", range(30))
    + _cases(1000, "Gasabo", range(60, 90))
    + _cases(LEAST_ROWS - 1, "Rubavu", range(30))
)


def _found(*cases: dict[str, str]) -> dict[str, tuple[str, str]]:
    groups = drift_by_slice(TRAINED, CONTRACT, cases).get("district", [])
    return {each.value: (each.level, each.features[0][0] if each.features else "") for each in groups}


def test_a_change_in_one_group_is_seen_although_the_total_stays_as_it_was():
    # The two districts change places: the same days all in all.
    huye, gasabo = _cases(300, "Huye", range(60, 90)), _cases(300, "Gasabo", range(30))
    together = model_drift.reference_for("whole", [float(n) for n in (*range(30), *range(60, 90))] * 30)
    chance = model_drift.chance_level(len(together["shares"]), 1800, 600)
    index = model_drift.stability_index(together, [float(case["days"]) for case in huye + gasabo])
    assert model_drift.level_of(index, chance) == ""
    assert _found(*huye, *gasabo) == {"Huye": ("alarm", "days"), "Gasabo": ("alarm", "days")}


@pytest.mark.parametrize("seed", range(20))
def test_groups_that_differ_from_each_other_and_not_from_before_raise_no_alarm(seed):
    cases = _cases(LEAST_CASES, "Huye", range(30), seed) + _cases(LEAST_CASES, "Gasabo", range(60, 90), seed)
    assert [level for level, _feature in _found(*cases).values()] == ["", ""]


def test_a_group_with_few_cases_is_not_named():
    assert _found(*_cases(LEAST_CASES - 1, "Huye", range(400, 430))) == {}


def test_a_group_that_it_has_hardly_met_is_named_and_not_compared():
    assert _found(*_cases(LEAST_CASES, "Rubavu", range(30))) == {"Rubavu": ("new", "")}


def test_a_case_without_a_group_is_in_none():
    assert _found(*_cases(300, "", range(400, 430))) == {}


def test_the_groups_that_changed_are_named_for_the_campus():
    found = drift_by_slice(TRAINED, CONTRACT, _cases(300, "Huye", range(400, 430)))
    assert drifted_groups(found) == ["days (district: Huye)"]


def test_the_monthly_page_and_the_campus_tell_which_group_changed(own_prototype):
    folder, client = own_prototype
    with (folder / "data" / "data.csv").open(encoding="utf-8", newline="") as file:
        known = [{name: row[name] for name in (*CASE, "sex")} for row in csv.DictReader(file)]
    cases = [case | ({"days_waiting": "400"} if case["sex"] == "male" else {}) for case in known[:600]]
    _send(client, cases + [CASE | {"sex": "not said"}] * (LEAST_CASES - 1))
    page = client.get("/month", headers=OUR_PAGE).text
    part = page.partition("Does each group look like this group")[2]
    assert "days_waiting" in part
    assert "other than before" in part
    assert "not said" not in part
    service = client.app.state.service
    service.tell_campus()
    told = json.loads((folder / "service" / "usage.json").read_text("utf-8"))["drift"]
    assert "days_waiting (sex: male)" in told
    assert not any("female" in each for each in told)
