"""What a team does together: two people edit at once, data is approved, its access written down, and its deletion proven."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil

import pytest

from labs.datasets.learners_data import ready_data
from labs.prototype_kit import data_intake, model_evaluation
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.command_line import command
from labs.prototype_kit.data_intake import bring_in, propose_intake
from labs.prototype_kit.model_card import write_card
from labs.prototype_kit.model_evaluation import evaluate
from labs.prototype_kit.run_records import recorded_runs
from labs.prototype_kit.tracker_files import write_tracked_run
from tests.support.small_prototype import small_project

SHEET = "owner;received;days\n" + "".join(f"Uwera Chantal;0{n % 9 + 1}/11/2025;{n}\n" for n in range(40))


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("ISOMO_LANG", "en")


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(SHEET, "utf-8")
    return path


def answer(project, words="remove"):
    path = project / "data" / "intake.toml"
    path.write_text(
        re.sub(r'(?m)^(".*: [a-z-]+") = ""$', rf'\1 = "{words}"', path.read_text("utf-8")), "utf-8"
    )


def log(project):
    return [
        line.split("\t")[2:] for line in (project / "data" / "access.log").read_text("utf-8").splitlines()
    ]


@pytest.mark.parametrize("name", ["contract.toml", "prototype.toml", "model_code.py"])
def test_what_a_colleague_changes_during_a_training_is_shown_and_not_overwritten(tmp_path, monkeypatch, name):
    folder = small_project(tmp_path, rows=200)
    measured = model_evaluation.measure_model

    def slow(*words):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("# dan was here\n")
        return measured(*words)

    monkeypatch.setattr(model_evaluation, "measure_model", slow)
    with pytest.raises(
        PrototypeError, match=rf"Somebody changed {name} .*nothing was written:\n\+ # dan was here"
    ):
        evaluate(folder)
    assert (folder / name).read_text("utf-8").endswith("# dan was here\n")
    assert recorded_runs(folder) == []
    assert not (folder / "model").exists()


def test_answers_of_a_colleague_are_kept_when_another_file_is_looked_at(tmp_path, sheet):
    propose_intake(tmp_path, sheet)
    answer(tmp_path, "keep because the office's rule 12 asks for it")
    shutil.copy(sheet, tmp_path / "other.csv")
    text = propose_intake(tmp_path, tmp_path / "other.csv").read_text("utf-8")
    assert text.startswith("# Answers that were here and not confirmed yet are kept in intake-1.toml.")
    assert "rule 12" in (tmp_path / "data" / "intake-1.toml").read_text("utf-8")
    propose_intake(tmp_path, sheet)
    assert not (tmp_path / "data" / "intake-2.toml").exists(), "nothing was answered there"


def test_answers_that_were_confirmed_need_no_second_copy(tmp_path, sheet):
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    bring_in(tmp_path)
    propose_intake(tmp_path, sheet)
    assert not (tmp_path / "data" / "intake-1.toml").exists()


def test_a_contract_that_a_colleague_changed_after_the_look_is_not_overwritten(tmp_path, sheet):
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    bring_in(tmp_path)
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    path = tmp_path / "contract.toml"
    path.write_text(path.read_text("utf-8").replace('role = "feature"', 'role = "slice"', 1), "utf-8")
    changed = path.read_text("utf-8")
    with pytest.raises(
        PrototypeError, match=r"Somebody changed contract\.toml after this file was looked at"
    ):
        bring_in(tmp_path)
    assert path.read_text("utf-8") == changed
    intake = tmp_path / "data" / "intake.toml"
    intake.write_text(re.sub(r"(?m)^contract_seen.*\n", "", intake.read_text("utf-8")), "utf-8")
    assert bring_in(tmp_path)["rows"] == 40


def test_an_answer_that_a_colleague_changes_while_the_data_comes_in_is_not_passed_over(
    tmp_path, sheet, monkeypatch
):
    propose_intake(tmp_path, sheet)
    answer(tmp_path, "keep because the office's rule 12 asks for it")
    stored = data_intake.stored_value

    def slow(value):
        answer_now = tmp_path / "data" / "intake.toml"
        answer_now.write_text(
            answer_now.read_text("utf-8").replace("keep because", "remove, not keep because"), "utf-8"
        )
        return stored(value)

    monkeypatch.setattr(data_intake, "stored_value", slow)
    with pytest.raises(PrototypeError, match=r"Somebody changed data/intake\.toml while this ran"):
        bring_in(tmp_path)
    assert not (tmp_path / "data" / "data.csv").exists()


def test_a_card_that_was_edited_by_hand_is_kept_and_named(trained_prototype, tmp_path, capsys):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    write_card(folder)
    assert command(["card", "--in", str(folder)]) == 0
    assert not (folder / "card-1.md").exists()
    card = folder / "card.md"
    card.write_text("Our own words.\n" + card.read_text("utf-8"), "utf-8")
    assert command(["card", "--in", str(folder)]) == 0
    assert "That text is kept in card-1.md" in capsys.readouterr().out
    assert "Our own words." in (folder / "card-1.md").read_text("utf-8")
    assert "Our own words." not in card.read_text("utf-8")


def test_an_approved_dataset_comes_by_its_name_with_its_card(tmp_path, capsys):
    ready_data()
    assert command(["data", "--list", "--in", str(tmp_path)]) == 0
    assert "urgent-cases: " in capsys.readouterr().out
    assert command(["data", "urgent-cases", "--in", str(tmp_path)]) == 0
    assert "urgent-cases.csv" in (tmp_path / "data" / "intake.toml").read_text("utf-8")
    assert (tmp_path / "data" / "urgent-cases-card.md").read_text("utf-8").startswith("#")
    assert command(["data", "no-such-data", "--in", str(tmp_path)]) == 1
    assert "no approved dataset no-such-data. The datasets are: " in capsys.readouterr().err


def test_each_access_to_the_data_has_its_line(tmp_path, sheet):
    folder = small_project(tmp_path, rows=200)
    evaluate(folder)
    assert log(folder) == [["began with", "synthetic data"], ["trained on", "data.csv"]]
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    bring_in(tmp_path)
    assert [what for what, *_of in log(tmp_path)] == ["looked at", "took in"]


def test_deleted_data_is_gone_and_the_proof_names_each_file_and_each_copy(tmp_path, sheet, capsys):
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    bring_in(tmp_path)
    digest = hashlib.sha256((tmp_path / "data" / "data.csv").read_bytes()).hexdigest()
    assert command(["data", "--delete", "--in", str(tmp_path)]) == 1
    assert "The same content is also in own.csv. Delete it there too." in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"access.log", "deletion.json"}
    proof = json.loads((tmp_path / "data" / "deletion.json").read_text("utf-8"))
    assert proof["deleted"]["data/data.csv"] == digest
    assert (proof["rows"], proof["left_there"], proof["copies_found"]) == (40, [], ["own.csv"])
    assert "Chantal" not in json.dumps(proof)
    assert log(tmp_path)[-1][0] == "deleted"
    assert command(["data", "--delete", "--in", str(tmp_path)]) == 1
    assert "There is no data here to delete." in capsys.readouterr().err


def test_a_training_without_data_is_no_access(trained_prototype, tmp_path, capsys):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    assert command(["data", "--delete", "--in", str(folder)]) == 0
    assert command(["evaluate", "--in", str(folder)]) == 1
    assert "There is no data yet." in capsys.readouterr().err
    assert log(folder)[-1][0] == "deleted"


def test_data_whose_time_is_over_trains_nothing(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    path = folder / "data" / "data.json"
    yesterday = str(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1))
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"keep_until": yesterday}), "utf-8")
    with pytest.raises(PrototypeError, match=f"to be kept until {yesterday}. Delete it"):
        evaluate(folder)


def test_confirmed_data_is_kept_a_year_if_nobody_decides_otherwise(tmp_path, sheet):
    propose_intake(tmp_path, sheet)
    answer(tmp_path)
    until = dt.date.fromisoformat(bring_in(tmp_path)["keep_until"])
    assert 360 <= (until - dt.datetime.now(dt.UTC).date()).days <= 366


def test_each_run_is_there_for_mlflow_too(trained_prototype):
    record = recorded_runs(trained_prototype)[-1]
    (experiment,) = (trained_prototype / "mlruns").iterdir()
    (run,) = [path for path in experiment.iterdir() if path.is_dir()]
    assert (run / "params" / "strength").read_text("utf-8") == str(record["parameters"]["strength"])
    _moment, value, step = (run / "metrics" / "time.model.cost_per_100").read_text("utf-8").split()
    assert (float(value), step) == (record["measures"]["by"]["time"]["model"]["cost_per_100"], "0")
    assert (run / "tags" / "data_sha256").read_text("utf-8") == record["data_sha256"]
    assert (run / "artifacts" / "report.html").is_file()
    assert f'run_id: "{run.name}"' in (run / "meta.yaml").read_text("utf-8")


def test_the_same_run_has_one_place_and_another_run_has_another(tmp_path):
    project = tmp_path / "desk"
    project.mkdir()
    record = {
        **{"run": 1, "at": "2026-11-29T00:00:00+00:00", "seconds": 1.5, "parameters": {}, "commit": ""},
        **{"data_sha256": "a", "contract_sha256": "b", "model_sha256": "c"},
        "measures": {"by": {}, "decision": {"bar": 0.5, "band": [0, 1]}},
    }
    first = write_tracked_run(project, record)
    assert write_tracked_run(project, record) == first
    assert write_tracked_run(project, record | {"run": 2}) != first
