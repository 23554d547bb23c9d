"""A prototype is measured on what it has not seen: by time, by group, against a rule, in slices, at a cost."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.prototype_kit import model_measures
from labs.prototype_kit.application import model_drift
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.data_contract import read_contract
from labs.prototype_kit.application.decisions import decide
from labs.prototype_kit.application.model_file import load_model, read_facts
from labs.prototype_kit.command_line import command
from labs.prototype_kit.impact_note import missing_answers, write_impact
from labs.prototype_kit.model_card import write_card
from labs.prototype_kit.model_evaluation import evaluate, group_folds, time_folds
from labs.prototype_kit.project_start import start_project
from labs.prototype_kit.report_page import beats_rule
from labs.prototype_kit.run_records import latest_run, sentence_of_change
from labs.prototype_kit.training_data import read_training_data
from tests.support.small_prototype import small_project


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 30), min_size=30, max_size=80))
def test_a_model_is_measured_only_on_days_after_those_it_learned_from(days):
    ordered = np.asarray(sorted(days))
    for learn, test in time_folds(ordered):
        assert ordered[learn].max() < ordered[test].min()


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from("abcdefg"), min_size=20, max_size=60).filter(lambda each: len(set(each)) > 1))
def test_no_group_is_on_both_sides(groups):
    named = np.asarray(groups, object)
    for learn, test in group_folds(named):
        assert not set(named[learn]) & set(named[test])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.01, 0.99)), min_size=20, max_size=60),
    st.floats(0.5, 20),
    st.floats(0.5, 20),
)
def test_no_other_bar_costs_less_than_the_one_that_is_chosen(cases, missed, false):
    truth = np.asarray([each[0] for each in cases])
    chance = np.asarray([each[1] for each in cases])
    bar = model_measures.best_bar(truth, chance, missed, false)
    cost = model_measures.yes_no_measures(truth, chance, bar, missed, false)["cost_per_100"]
    for other in np.linspace(0.005, 0.995, 23):
        assert (
            cost <= model_measures.yes_no_measures(truth, chance, other, missed, false)["cost_per_100"] + 1e-9
        )


def test_the_cost_curve_says_what_counting_says():
    rng = np.random.default_rng(1)
    truth, chance = rng.random(300) < 0.2, rng.random(300)
    bars, costs = model_measures.cost_curve(truth, chance, 7, 2)
    for at in (0, 50, 150, len(bars) - 1):
        flagged = chance >= bars[at]
        assert costs[at] == pytest.approx(
            100 * (7 * (~flagged & truth).sum() + 2 * (flagged & ~truth).sum()) / 300
        )


@pytest.mark.parametrize("most", [0.05, 0.15, 0.3])
def test_the_band_around_the_bar_holds_the_share_that_people_can_take(most):
    chance = np.random.default_rng(2).random(2000)
    low, high = model_measures.abstain_band(chance, 0.3, most)
    assert low < 0.3 < high
    assert ((chance >= low) & (chance <= high)).mean() == pytest.approx(most, abs=0.01)


def test_an_office_that_has_nobody_to_spare_sends_nothing_to_a_person():
    low, high = model_measures.abstain_band(np.asarray([0.1, 0.5, 0.9]), 0.5, 0)
    assert low > high


def test_a_small_group_is_said_to_be_too_few_and_never_called_worse():
    good = np.asarray([True] * 200 + [False] * 5)
    group = np.asarray(["Huye"] * 200 + ["Gasabo"] * 5, object)
    rows = {row["value"]: row for row in model_measures.slice_rows("choice", group, good, np.ones(205, bool))}
    assert (rows["Gasabo"]["few"], rows["Gasabo"]["worse"]) == (True, False)


@pytest.mark.parametrize("kind", ["yes-no", "choice", "number"])
def test_no_group_is_served_worse_where_all_are_served_alike(kind):
    for cases in range(30, 600, 7):
        group = np.array(["F"] * cases + ["M"] * (cases + 4))
        good = np.full(2 * cases + 4, 0.1 if kind == "number" else 1)
        rows = model_measures.slice_rows(kind, group, good, np.ones(2 * cases + 4, bool))
        assert [row["worse"] for row in rows] == [False, False], cases


def test_a_group_that_is_served_worse_is_named():
    good = np.asarray([True] * 300 + [True, False, False] * 30)
    group = np.asarray(["urban"] * 300 + ["rural"] * 90, object)
    rows = {row["value"]: row for row in model_measures.slice_rows("choice", group, good, np.ones(390, bool))}
    assert (rows["rural"]["worse"], rows["urban"]["worse"]) == (True, False)
    assert rows["rural"]["low"] < rows["rural"]["measure"] < rows["rural"]["high"]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 50), st.integers(1, 50))
def test_the_interval_of_a_share_holds_it_and_stays_between_none_and_all(hits, more):
    cases = hits + more
    low, high = model_measures.share_interval(hits, cases)
    assert 0 <= low <= hits / cases + 1e-12
    assert hits / cases - 1e-12 <= high <= 1


def test_the_same_cases_do_not_drift_and_others_do():
    rng = np.random.default_rng(3)
    before, same, other = rng.normal(0, 1, 3000), rng.normal(0, 1, 1000), rng.normal(2, 1, 1000)
    reference = model_drift.reference_for("number", list(before))
    assert model_drift.stability_index(reference, list(same)) < model_drift.WATCH
    assert model_drift.stability_index(reference, list(other)) > model_drift.ALARM
    words = model_drift.reference_for("category", ["a"] * 50 + ["b"] * 50)
    assert model_drift.stability_index(words, ["c"] * 100) > model_drift.ALARM
    assert json.loads(json.dumps(reference)) == reference


def test_gaps_in_a_column_are_a_bin_of_their_own():
    reference = model_drift.reference_for("number", [1.0, 2.0, 3.0, 4.0] * 50)
    assert model_drift.stability_index(reference, [math.nan] * 200) > model_drift.ALARM


def test_an_evaluation_records_what_it_was_made_of_and_says_what_changed(trained_prototype, tmp_path):
    import shutil

    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    before = latest_run(folder)
    assert before is not None
    assert set(before) >= {"parameters", "data_sha256", "model_sha256", "commit", "measures", "seconds"}
    assert set(before["measures"]["by"]) == {"time", "group"}
    assert set(before["measures"]["slices"]) == {"lang", "sex", "district", "urban_rural"}
    code = folder / "model_code.py"
    code.write_text(code.read_text("utf-8").replace('"strength": 1.0', '"strength": 0.01'), "utf-8")
    now = evaluate(folder)
    assert now["run"] == 2
    said = sentence_of_change(before, now, "en")
    assert said.startswith("Since run 1, the cost of 100 cases")
    assert "strength: 1.0 → 0.01" in said
    assert "\n" not in said
    again = sentence_of_change(now, {**now, "run": 3}, "en")
    assert "stayed at" in again
    assert "nothing else changed" in again


def test_the_report_is_one_page_that_needs_nothing_else(trained_prototype):
    text = (trained_prototype / "report.html").read_text("utf-8")
    assert text.count('<img alt="') >= 6
    assert "http://" not in text
    assert "<script" not in text
    for words in ("without any model", "the simple rule", "served worse", "95% interval", "stability index"):
        assert words in text or words == "served worse"


def test_a_model_that_does_not_beat_the_rule_says_so(trained_prototype):
    record = latest_run(trained_prototype)
    assert record is not None
    table = record["measures"]["by"]["time"]
    record["measures"]["by"]["time"] = {**table, "rule": {**table["rule"], "cost_per_100": 0.0}}
    assert not beats_rule(record)


def test_the_card_is_filled_with_what_was_measured_and_asks_for_the_rest(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOMO_LANG", "en")
    folder = small_project(tmp_path, rows=400)
    with pytest.raises(PrototypeError, match="Nothing was measured yet"):
        write_card(folder)
    evaluate(folder)
    assert write_card(folder) == ["Which risk tier is it: low, limited or high?"]
    text = (folder / "card.md").read_text("utf-8")
    assert "The data is synthetic" in text
    assert "(not answered yet)" in text
    path = folder / "impact.toml"
    path.write_text(path.read_text("utf-8").replace('tier = ""', 'tier = "high"'), "utf-8")
    assert len(write_card(folder)) == 11
    answered = path.read_text("utf-8").replace('problem = ""', 'problem = "Urgent cases wait nine days."')
    path.write_text(answered, "utf-8")
    write_impact(folder)
    assert "Urgent cases wait nine days." in path.read_text("utf-8")
    assert len(missing_answers(folder)) == 10


def test_a_prediction_from_the_stored_model_is_the_one_that_was_measured(trained_prototype):
    contract, facts = (
        read_contract(trained_prototype / "contract.toml"),
        read_facts(trained_prototype / "model"),
    )
    model = load_model(trained_prototype / "model")
    data = read_training_data(contract, trained_prototype / "data" / "data.csv", "yes-no")
    made = decide(model, facts, contract, data.rows[:50])
    chance = model.predict_proba(data.table[:50])[:, 1]
    assert [each.label for each in made] == ["yes" if each >= facts["bar"] else "no" for each in chance]
    low, high = facts["band"]
    assert [bool(each.person) for each in made] == [bool(low <= each <= high) for each in chance]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (('role = "target"', 'role = "ignore"'), "One column must have the role target"),
        (('role = "time"', 'role = "ignore"'), "One column must have the role time"),
        (('type = "date"', 'type = "day"'), "type is 'day'"),
        (('role = "feature"', 'role = "ignore"'), "No column has the role feature"),
    ],
)
def test_a_contract_that_cannot_be_learned_from_is_refused_with_its_reason(tmp_path, change, sentence):
    folder = small_project(tmp_path, rows=200)
    path = folder / "contract.toml"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(PrototypeError, match=sentence):
        evaluate(folder)


def test_too_few_rows_are_no_evaluation(tmp_path):
    with pytest.raises(PrototypeError, match="59 rows have an answer and a date; 60 are the least"):
        evaluate(small_project(tmp_path, rows=59))


@pytest.mark.parametrize("name", ["", "A", "my desk", "../desk", "1desk"])
def test_a_name_that_is_no_folders_is_refused(tmp_path, name):
    with pytest.raises(PrototypeError, match="cannot be a prototype's name"):
        start_project(name, "triage", tmp_path)


def test_a_second_project_of_the_same_name_is_refused_and_the_first_is_untouched(tmp_path, capsys):
    folder = small_project(tmp_path, rows=60)
    before = (folder / "data" / "data.csv").read_bytes()
    assert command(["new", "desk", "--in", str(tmp_path)]) == 1
    assert "already something called" in capsys.readouterr().err
    assert (folder / "data" / "data.csv").read_bytes() == before


def test_a_command_outside_of_a_project_says_where_to_go(tmp_path, capsys):
    assert command(["evaluate", "--in", str(tmp_path)]) == 1
    assert "Go into one, or name it with --in FOLDER." in capsys.readouterr().err


@pytest.mark.parametrize(
    "template",
    [
        "answers",
        *(pytest.param(each, marks=pytest.mark.full) for each in ("triage", "routing", "dedup", "forecast")),
    ],
)
def test_a_template_runs_to_its_end_and_its_model_beats_the_simple_rule(tmp_path, template, monkeypatch):
    from labs.datasets.learners_data import ready_data

    monkeypatch.setenv("ISOMO_LANG", "en")
    monkeypatch.setenv("ISOMO_DATA", str(ready_data()))
    assert command(["new", "mine", "--template", template, "--in", str(tmp_path)]) == 0
    folder = tmp_path / "mine"
    record = latest_run(folder)
    assert record is not None
    assert beats_rule(record)
    assert {"report.html", "card.md", "notebook.ipynb", "contract.toml", ".git"} <= {
        path.name for path in folder.iterdir()
    }
    assert command(["test", "--in", str(folder)]) == 0
