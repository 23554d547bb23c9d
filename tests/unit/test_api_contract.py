"""The API answers as its description says, whatever it is asked: no fault of ours, no undocumented answer.

schemathesis makes requests out of the description: some that it allows, some that it forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.exc import DataError
from starlette.responses import Response

from hub.campus import campus_app
from hub.campus.api import token_api
from hub.campus.token_scopes import SCOPES
from tests.support.pretended_campus import API, Campus
from tests.support.small_stores import COURSE, LAB, LEARNERS, TRAINER, hand_in

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDLESS = (
    f"{API}/courses/{{course}}/labs/{{lab}}/events",
    f"{API}/courses/{{course}}/classes/{{number}}/live/events",
)
"""Streams that end when their reader goes; tests of the exchange and of the live class read them."""
EVERYTHING = "everything.e"


@schemathesis.serializer("application/zip")
def any_file(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """Return what is sent as a zip: the generated text, which is none."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Campus:
    """One with a person who has every role, graded work, and nothing that the tests could not lose."""
    made = Campus(tmp_path_factory.mktemp("contract"))
    roles = ["trainer", "coordinator", "administrator"]
    made.store.people.add(EVERYTHING, "Every Thing", roles=roles, institution="minict")
    made.store.courses.add_member(COURSE, EVERYTHING, "trainer")
    for name in LEARNERS:
        hand_in(made.store, name)
    return made


def headers_for(campus: Campus, path: str) -> dict[str, str]:
    """Return the header of a caller for whom as much as possible is allowed; a call may have ended its token."""
    if path.startswith(f"{API}/grading/"):
        return {"Authorization": f"token {campus.app.state.campus.secrets.grader_token}"}
    if path.endswith(("/attempts", "/appeals")):
        return {"Authorization": f"Bearer {campus.hub.token(LEARNERS[0])}"}
    for each in campus.store.tokens.of_person(EVERYTHING):
        campus.store.tokens.revoke(EVERYTHING, each.id)
    until = datetime.now(UTC) + timedelta(days=1)
    return {"Authorization": f"Bearer {campus.store.tokens.make(EVERYTHING, 'test', list(SCOPES), until)}"}


def known_values(campus: Campus, path: str) -> dict[str, object]:
    """Return values of a path's parameters that lead somewhere."""
    receipt = campus.store.attempts.list(COURSE, LAB)[0].receipt
    known = {
        "course": COURSE,
        "lab": LAB,
        "receipt": receipt,
        "learner": LEARNERS[0],
        "task": "add",
        "kind": "csv",
        "number": 1,
        "name": LEARNERS[1],
    }
    return {name: known[name] for name in re.findall(r"\{(\w+)\}", path) if name in known}


def operations(campus: Campus) -> Iterator[schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_dict(campus.app.openapi())
    schema.app = campus.app
    for each in schema.get_all_operations():
        operation = each.ok()
        if operation.full_path not in ENDLESS:
            yield operation


def call_operation(campus: Campus, operation: schemathesis.APIOperation, examples: int) -> int:
    """Call one operation, with data that it allows and that it forbids; return how many calls there were."""
    known = known_values(campus, operation.full_path)
    ways = [operation.as_strategy(mode, path_parameters=known or None) for mode in GenerationMode]
    ways.append(operation.as_strategy())
    headers = headers_for(campus, operation.full_path)
    calls = 0

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(ways))
    def call(case: schemathesis.Case) -> None:
        nonlocal calls
        calls += 1
        answer = case.call(headers=headers)
        if answer.status_code == 401:
            headers.update(headers_for(campus, operation.full_path))
        case.validate_response(answer, checks=CHECKS)

    call()
    return calls


def call_all(campus: Campus, examples: int) -> int:
    """Call every operation; return how many calls there were."""
    return sum(call_operation(campus, each, examples) for each in operations(campus))


def test_a_fault_would_be_found(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls can fail: here a route breaks."""
    monkeypatch.setattr(token_api, "utc_text", int)
    [broken] = [each for each in operations(campus) if each.label == f"GET {API}/token"]
    with pytest.raises(Exception, match="int"):
        call_operation(campus, broken, 3)


def test_an_answer_that_is_not_described_would_be_found(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls can fail: here a refusal has a form of its own."""
    monkeypatch.setattr(campus_app, "problem_answer", lambda *_: Response("no", 403))
    [broken] = [each for each in operations(campus) if each.label == f"GET {API}/reports/{{course}}"]
    with pytest.raises(FailureGroup):
        call_operation(campus, broken, 5)


def test_what_the_database_cannot_keep_is_refused_with_a_sentence(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL takes no NUL in a text, wherever in a request it comes from."""

    def cannot_keep(*_: object) -> None:
        raise DataError("select", {}, ValueError("text fields cannot contain NUL"))

    monkeypatch.setattr(campus.store.announcements, "current", cannot_keep)
    answer = campus.program(TRAINER).get(f"{API}/announcement")
    assert (answer.status_code, answer.json()["error"]) == (422, "bad-request")


def test_no_call_meets_a_fault_or_an_answer_that_is_not_described(campus: Campus) -> None:
    assert call_all(campus, 2) > 100


@pytest.mark.full
def test_no_call_of_many_meets_a_fault_or_an_answer_that_is_not_described(campus: Campus) -> None:
    assert call_all(campus, 150) > 10_000
