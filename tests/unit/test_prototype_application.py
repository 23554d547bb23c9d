"""The shared application: who may do what, one case, a batch, the queue, versions, the off switch, drift."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from types import SimpleNamespace

import pytest

from labs.prototype_kit.application import frozen_versions
from labs.prototype_kit.application.batch_runs import BatchWriter, without_formulas
from labs.prototype_kit.application.bench_sentences import PrototypeError
from labs.prototype_kit.application.case_store import CaseStore
from labs.prototype_kit.application.model_file import MODEL, load_model
from labs.prototype_kit.application.project_settings import read_settings
from labs.prototype_kit.reviewed_data import write_reviews
from labs.prototype_kit.version_sharing import make_version, service_folder
from tests.support.small_prototype import (
    CASE,
    HEADER,
    OUR_PAGE,
    application,
    as_person,
    ask_case,
    shared_copy,
)


@pytest.fixture(scope="module")
def served(trained_prototype, tmp_path_factory):
    """One application that most tests share; each asks for what it needs to know by itself."""
    folder = shared_copy(trained_prototype, tmp_path_factory.mktemp("shared"))
    with application(folder) as client:
        yield client


def test_a_case_is_answered_with_how_sure_the_model_is_and_why(served):
    page = served.get(f"/cases/{ask_case(served)}").text
    assert re.search(r"Chance of “Read first”: \d+%\. From \d+% on, that is the answer", page)
    assert "What weighed most" in page
    assert re.search(r"days_waiting|circumstance = |service = ", page)


def test_the_pages_speak_french_to_a_browser_that_asks_for_it(served):
    page = served.get("/", headers={"Accept-Language": "fr-RW,fr;q=0.9"}).text
    assert "Quel cas demande d’abord une personne" in page
    assert "Demander" in page


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "letter: “nta mazi”"), ("fr", "letter\u00a0: «\u00a0nta mazi\u00a0»")]
)
def test_words_of_a_text_that_weighed_are_quoted_as_the_readers_language_does(
    served, monkeypatch, language, shown
):
    facts = served.app.state.service.current().facts
    monkeypatch.setitem(facts, "weight_names", ["letter: “nta mazi”"] * len(facts["weight_names"]))
    asks = {"Accept-Language": language}
    assert shown in served.get(f"/cases/{ask_case(served)}", headers=asks).text
    written = BatchWriter(io.StringIO(), SimpleNamespace(facts=facts), language)
    assert set(written.names) == {shown}


def test_a_case_without_what_is_needed_is_kept_in_the_form_with_its_faults(served):
    answer = served.post("/", data=CASE | {"days_waiting": "many", "service": ""}, headers=OUR_PAGE)
    assert answer.status_code == 422
    assert "days_waiting must be a number, not “many”." in answer.text
    assert "service is empty. Fill it in." in answer.text
    assert 'value="2"' in answer.text


def test_an_unknown_category_goes_to_a_person(served):
    page = served.get(f"/cases/{ask_case(served, CASE | {'service': 'flying permits'})}").text
    assert "A person decides this case." in page
    assert "never met. (service)" in re.sub(r"\s+", " ", page)


def test_what_was_written_is_shown_and_never_run(served):
    number = ask_case(served, CASE | {"service": "<script>alert(1)</script>"})
    answer = served.get(f"/cases/{number}")
    assert "<script>alert" not in answer.text
    assert "script" not in answer.headers["content-security-policy"]


def test_someone_who_is_not_invited_is_told_whom_to_ask(served):
    answer = served.get("/", headers={HEADER: "mallory"})
    assert answer.status_code == 403
    assert "Ask its approver: aline." in answer.text


def test_nobody_signed_in_sees_nothing(served):
    answer = served.get("/", headers={HEADER: ""})
    assert answer.status_code == 401
    assert "Which case" not in answer.text


def test_a_case_is_seen_by_who_asked_and_by_reviewers_only(served):
    number = ask_case(served)
    assert served.get(f"/cases/{number}", headers={HEADER: "remy"}).status_code == 200
    assert served.get(f"/cases/{number}", headers={HEADER: "aline"}).status_code == 404


def test_a_contested_case_is_decided_by_a_reviewer_and_the_person_reads_why(served):
    number = ask_case(served)
    served.post(f"/cases/{number}/contest", data={"note": "The mother is ill."}, headers=OUR_PAGE)
    queue = served.get("/queue", headers={HEADER: "remy"}).text
    assert "The mother is ill." in queue
    assert f"Case {number}" in queue
    shown = re.search(r'name="shown" value="([\d.]+)"', queue)
    assert shown
    form = {"label": "yes", "note": "Called her.", "shown": shown[1]}
    assert served.post(f"/cases/{number}/review", data=form, headers=as_person("remy")).status_code == 303
    page = served.get(f"/cases/{number}").text
    assert "A person decided this." in page
    assert "Called her." in page
    second = served.post(f"/cases/{number}/review", data=form, headers=as_person("remy"))
    assert second.status_code == 409
    assert "Another reviewer has decided this case already." in second.text


def test_only_reviewers_decide(served):
    assert served.get("/queue").status_code == 403
    assert (
        served.post(f"/cases/{ask_case(served)}/review", data={"label": "yes"}, headers=OUR_PAGE).status_code
        == 403
    )


def _batch(client, text, name="cases.csv"):
    return client.post("/batch", files={"file": (name, text)}, headers=OUR_PAGE)


def _rows(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def _file(rows, separator=";", encoding="cp1252"):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def test_in_a_batch_good_rows_are_answered_and_bad_rows_come_back_with_their_reason(served):
    rows = [
        {"who": f"Éric {n}", **CASE, "days_waiting": "x" if n % 10 == 0 else str(n % 30)} for n in range(700)
    ]
    answer = _batch(served, _file(rows))
    found = _rows(answer)
    assert answer.headers["x-rows-answered"] == "630"
    assert answer.headers["x-rows-returned"] == "70"
    assert [row["who"] for row in found] == [row["who"] for row in rows]
    assert all(bool(row["problem"]) == (n % 10 == 0) for n, row in enumerate(found))
    assert "days_waiting must be a number" in found[0]["problem"]
    assert found[1]["decision"] in ("Read first", "Read in turn")


def test_a_batch_gets_the_same_answers_as_single_cases(served):
    cases = [CASE | {"days_waiting": str(n)} for n in (0, 9, 28)]
    found = _rows(_batch(served, _file(cases)))
    for case, row in zip(cases, found, strict=True):
        page = served.get(f"/cases/{ask_case(served, case)}").text
        assert row["decision"] in page


def test_a_formula_in_a_cell_comes_back_as_text(served):
    formula = '=HYPERLINK("http://evil.example","open")'
    answer = _batch(served, _file([{"note": formula, **CASE}, {"note": "-5", **CASE}]))
    found = _rows(answer)
    assert [row["note"] for row in found] == ["'" + formula, "-5"]
    assert answer.headers["x-formulas-disarmed"] == "1"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1"])
def test_whatever_a_spreadsheet_would_run_is_disarmed(cell):
    assert without_formulas(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-5", "+250", "-1,5", "Huye", ""])
def test_numbers_and_words_stay_as_they_are(cell):
    assert without_formulas(cell) == cell


def test_a_batch_without_a_column_names_it_and_the_ones_it_needs(served):
    answer = _batch(served, _file([{name: value for name, value in CASE.items() if name != "service"}]))
    assert answer.status_code == 422
    assert (
        "The file has no column service. The first line must name the columns: channel, service"
        in answer.text
    )


def test_a_batch_from_excel_is_answered(served):
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    book.active.append(list(CASE))
    book.active.append([int(value) if value.isdigit() else value for value in CASE.values()])
    book.save(out)
    assert _rows(_batch(served, out.getvalue(), "cases.xlsx"))[0]["decision"]


def test_a_row_with_too_many_cells_comes_back(served):
    text = ";".join(CASE) + "\n" + ";".join(CASE.values()) + "\n" + ";".join(CASE.values()) + ";extra\n"
    found = _rows(_batch(served, text.encode()))
    assert [bool(row["problem"]) for row in found] == [False, True]


def test_a_program_asks_and_is_answered_in_json(served):
    answer = served.post(
        "/api/decide", json={"cases": [CASE, {"days_waiting": "x"}]}, headers={"Accept": "application/json"}
    )
    good, bad = answer.json()["answers"]
    assert set(good) >= {"case", "label", "confidence", "reasons", "person"}
    assert "service is empty. Fill it in." in bad["problems"]
    schema = served.get("/openapi.json").json()["paths"]["/api/decide"]["post"]["requestBody"]
    case = schema["content"]["application/json"]["schema"]["properties"]["cases"]["items"]
    assert set(case["properties"]) == set(CASE)
    assert {"service", "days_waiting", "circumstance"} == set(case["required"])


def test_before_an_approval_nobody_is_answered(trained_prototype, tmp_path):
    folder = tmp_path / "desk"
    shutil.copytree(trained_prototype, folder)
    make_version(folder)
    with application(folder) as client:
        assert "No version was approved yet." in client.get("/").text
        assert client.post("/", data=CASE, headers=OUR_PAGE).status_code == 503
        form = {"what": "approved", "version": "1", "why": "read the card"}
        assert client.post("/versions", data=form, headers=as_person("deborah")).status_code == 403
        assert (
            client.post("/versions", data=form | {"why": ""}, headers=as_person("aline")).status_code == 422
        )
        assert "Model card" in client.get("/versions", headers=as_person("aline")).text
        assert client.post("/versions", data=form, headers=as_person("aline")).status_code == 303
        assert ask_case(client)


def test_the_off_switch_works_at_once_and_can_be_taken_back(own_prototype):
    _folder, client = own_prototype
    off = {"what": "switched off", "why": "the cases changed"}
    assert client.post("/versions", data=off, headers=as_person("colin")).status_code == 403
    assert client.post("/versions", data=off, headers=as_person("aline")).status_code == 303
    answer = client.post("/", data=CASE, headers=OUR_PAGE)
    assert answer.status_code == 503
    assert "Decide the case as you did before it existed." in answer.text
    assert _batch(client, _file([CASE])).status_code == 503
    client.post("/versions", data=off | {"what": "switched on"}, headers=as_person("aline"))
    assert ask_case(client)


def test_an_approver_goes_back_to_an_earlier_version(own_prototype):
    folder, client = own_prototype
    assert make_version(folder) == 2
    assert "version 1 ·" in client.get("/").text
    client.post(
        "/versions", data={"what": "approved", "version": "2", "why": "better"}, headers=as_person("aline")
    )
    assert "version 2 ·" in client.get("/").text
    client.post(
        "/versions", data={"what": "rolled back", "version": "1", "why": "worse"}, headers=as_person("aline")
    )
    assert "version 1 ·" in client.get("/").text
    assert [event["why"] for event in CaseStore(service_folder(folder)).events()][-2:] == ["better", "worse"]


def test_after_its_last_day_it_answers_nobody(own_prototype):
    folder, _client = own_prototype
    store, settings = CaseStore(service_folder(folder)), read_settings(folder)
    assert settings.expires_on
    assert frozen_versions.closed_reason(store, settings, settings.expires_on) == ""
    assert "time is over" in frozen_versions.closed_reason(
        store, settings, settings.expires_on + dt.timedelta(days=1)
    )


def test_a_model_file_that_was_changed_is_not_loaded_and_a_case_goes_to_a_person(trained_prototype, tmp_path):
    folder = shared_copy(trained_prototype, tmp_path)
    path = service_folder(folder) / "versions" / "1" / MODEL
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with application(folder) as client:
        answer = client.post("/", data=CASE, headers=OUR_PAGE)
    assert answer.status_code == 422
    assert "someone or something changed it. It was not loaded." in answer.text


def test_a_model_that_holds_a_foreign_type_is_not_stored_and_not_loaded(tmp_path):
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer

    from labs.prototype_kit.application.model_file import save_model

    with pytest.raises(PrototypeError, match=r"could run code when they are loaded: .*system"):
        save_model(Pipeline([("f", FunctionTransformer(__import__("os").system))]), {}, tmp_path)
    (tmp_path / "model.json").write_text(
        json.dumps(
            {"model_sha256": __import__("hashlib").sha256((tmp_path / MODEL).read_bytes()).hexdigest()}
        )
    )
    with pytest.raises(PrototypeError, match="could run code when they are loaded"):
        load_model(tmp_path)


def test_the_models_process_is_replaced_when_it_dies(own_prototype):
    _folder, client = own_prototype
    ask_case(client)
    service = client.app.state.service
    scorer = service.scorer(service.live())
    scorer._child.kill()
    scorer._child.wait()
    assert ask_case(client)


def test_a_quiet_application_holds_no_model(trained_prototype, tmp_path):
    folder = shared_copy(trained_prototype, tmp_path)
    with application(folder, starts_python=True, quiet=0.0) as client:
        ask_case(client)
        service = client.app.state.service
        scorer = service.scorer(service.live())
        assert scorer._child is not None
        scorer.end_if_quiet()
        assert scorer._child is None
        assert ask_case(client)


def test_drift_is_seen_while_it_runs(own_prototype):
    _folder, client = own_prototype
    rows = [CASE | {"days_waiting": str(400 + n % 50)} for n in range(300)]
    assert _batch(client, _file(rows)).headers["x-rows-answered"] == "300"
    page = client.get("/month").text
    assert "Tell the team; the approver can switch the application off." in page
    assert "days_waiting" in page


def test_few_cases_say_nothing_about_drift(own_prototype):
    _folder, client = own_prototype
    ask_case(client)
    assert "1 cases so far; from 200 on" in client.get("/month").text


def test_reviewed_cases_become_rows_with_their_origin(own_prototype):
    folder, client = own_prototype
    number = ask_case(client)
    client.post(f"/cases/{number}/contest", data={"note": "no"}, headers=OUR_PAGE)
    client.post(f"/cases/{number}/review", data={"label": "yes", "shown": "0"}, headers=as_person("remy"))
    path, count = write_reviews(folder)
    (row,) = csv.DictReader(path.read_text("utf-8").splitlines())
    assert count == 1
    assert row["urgent"] == "yes"
    assert row["origin"].startswith("review of version 1: ")
    figures = client.app.state.service.store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))
    assert (figures["reviewed"], figures["contested"]) == (1, 1)


def test_an_answer_that_a_person_had_to_look_at_saved_no_minutes(own_prototype):
    _folder, client = own_prototype
    numbers = [ask_case(client) for _ in range(3)]
    service, month = client.app.state.service, dt.datetime.now(dt.UTC).strftime("%Y-%m")
    by_hand = service.live().settings.minutes_by_hand
    assert by_hand > 0
    assert service.month(service.live(), month)["saved"] == 3 * by_hand
    for note in ("no", "still no"):
        client.post(f"/cases/{numbers[0]}/contest", data={"note": note}, headers=OUR_PAGE)
    assert service.month(service.live(), month)["saved"] == 2 * by_hand


def test_what_was_entered_is_forgotten_after_its_time_and_counts_stay(own_prototype):
    _folder, client = own_prototype
    number = ask_case(client)
    store = client.app.state.service.store
    store.forget(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2))
    assert store.case(number)["input"] == {}
    assert store.month(dt.datetime.now(dt.UTC).strftime("%Y-%m"))["cases"] == 1
