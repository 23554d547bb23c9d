"""What holds for any files, any receipt, any notebook, and any order in which graders come and go."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.campus import submitted_notebook
from hub.campus.file_bundles import is_plain, pack_files, unpack_files
from hub.campus.problem_codes import WARNINGS, Problem
from hub.memory_sizes import Size
from hub.store import GradedRecord
from hub.store.content_files import Blobs, bundle_name
from hub.store.signed_receipts import new_number, read_receipt, sign_receipt, signed_fields, verify_receipt
from hub.store.signed_tokens import key_id
from hub.verb_errors import IsomoError
from tests.support.small_stores import COURSE, LAB, LEARNERS, filled, hand_in

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=30)
plain_names = names.filter(is_plain).filter(lambda name: "//" not in name and not name.endswith("/"))
ROOM = Size.parse("1 MB")
bundles = st.dictionaries(plain_names, st.binary(max_size=200), max_size=5)
# nan and infinity are no JSON; a lone surrogate is no text.
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


unhurried = settings(deadline=None)  # A busy machine is no fault of what is tested.


def code_of(step):
    """The code of the problem that `step` ends with, None if it ends well; any other error is a failure."""
    try:
        step()
    except Problem as problem:
        return problem.code
    return None


@unhurried
@given(bundles)
def test_what_is_packed_comes_back_the_same(files):
    assert unpack_files(pack_files(files), ROOM) == files


@unhurried
@given(bundles)
def test_equal_sets_of_files_are_equal_zips_in_any_order(files):
    assert pack_files(dict(reversed(files.items()))) == pack_files(files)


@unhurried
@given(st.binary(max_size=400))
def test_any_bytes_are_a_zip_or_a_problem_with_a_sentence(content):
    assert code_of(lambda: unpack_files(content, ROOM)) in (None, "bad-zip")


@unhurried
@given(bundles, st.integers(0, 2000), st.integers(0, 255))
def test_a_zip_with_any_byte_changed_is_read_or_refused_and_names_no_place_outside(files, place, byte):
    content = bytearray(pack_files(files))
    content[place % len(content)] = byte
    if code_of(lambda: unpack_files(bytes(content), ROOM)) is None:
        assert all(is_plain(name) for name in unpack_files(bytes(content), ROOM))


@unhurried
@given(names)
def test_no_name_leads_outside(name):
    if is_plain(name):
        home = Path("/somewhere/home")
        assert (home / name).resolve().is_relative_to(home)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bundles, bundles)
def test_sets_of_files_have_one_name_if_and_only_if_they_are_equal(one, other):
    assert (bundle_name(one) == bundle_name(other)) == (one == other)
    with tempfile.TemporaryDirectory() as folder:
        blobs = Blobs(Path(folder))
        assert blobs.put_bundle(one) == bundle_name(one)
        assert blobs.get_bundle(bundle_name(one)) == one


KEY = Ed25519PrivateKey.generate()
KEYS = {key_id(KEY.public_key()): KEY.public_key()}
FIELDS = ("receipt", "learner", "course", "lab", "sha256", "received_at")
RECEIPT = sign_receipt({**dict.fromkeys(FIELDS, "é/?>~"), "attempt": 1}, KEY)


@unhurried
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, text) | {"attempt": st.integers()}))
def test_every_receipt_is_valid_also_after_it_was_saved(fields):
    for receipt in (sign_receipt(fields, KEY), signed_fields(fields, KEY)):
        assert verify_receipt(read_receipt(json.dumps(receipt).encode()), KEYS) == receipt
    receipt = sign_receipt(fields, KEY)
    assert verify_receipt(read_receipt(receipt["jws"].encode()), KEYS) == receipt


@unhurried
@given(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, text) | {"attempt": st.integers()}),
    st.sampled_from((*FIELDS, "attempt", "key", "signature", "jws", "more")),
    anything,
)
def test_a_receipt_with_any_field_changed_is_not_valid(fields, name, value):
    for receipt in (sign_receipt(fields, KEY), signed_fields(fields, KEY)):
        changed = {**receipt, name: value}
        if json.dumps(changed, sort_keys=True) == json.dumps(receipt, sort_keys=True):
            return
        with pytest.raises(IsomoError):
            verify_receipt(changed, KEYS)


@unhurried
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_with_any_byte_changed_is_not_valid(place, other):
    """Also one of the spare bits at the end of base64, and one that is no letter of it."""
    token = RECEIPT["jws"].encode()
    place %= len(token)
    changed = token[:place] + bytes([token[place] ^ other]) + token[place + 1 :]
    with pytest.raises(IsomoError):
        verify_receipt(changed.decode("latin-1"), KEYS)


@unhurried
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_file_with_any_byte_changed_never_says_anything_else(place, other):
    """A blank between two fields may change; then the file says what was signed, and no more."""
    content = json.dumps(RECEIPT).encode()
    place %= len(content)
    changed = content[:place] + bytes([content[place] ^ other]) + content[place + 1 :]
    try:
        said = verify_receipt(read_receipt(changed), KEYS)
    except IsomoError:
        return
    assert said == RECEIPT


@unhurried
@given(st.sampled_from(("=", "==", "A", ".", " ", "\n")), st.integers(0, 10_000))
def test_a_token_with_something_added_is_not_valid(added, place):
    token = RECEIPT["jws"]
    place %= len(token) + 1
    with pytest.raises(IsomoError):
        verify_receipt(token[:place] + added + token[place:], KEYS)


@unhurried
@given(anything)
def test_no_json_is_mistaken_for_a_receipt(value):
    with pytest.raises(IsomoError):
        verify_receipt(value, KEYS)


@unhurried
@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1)))
def test_a_receipts_number_can_be_read_aloud(moment):
    number = new_number(moment, "Africa/Kigali")
    assert len(number) == len("R-2026-11-23-8F3K2")
    assert not set(number[13:]) & set("01IOLU")


@unhurried
@given(anything | st.builds(lambda cells: {"nbformat": 4, "cells": cells}, st.lists(anything, max_size=4)))
def test_any_json_is_a_notebook_or_a_problem_and_its_warnings_are_sentences(value):
    content = json.dumps(value).encode()
    code = code_of(lambda: submitted_notebook.read_notebook(content, "sums.ipynb"))
    assert code in (None, "not-a-notebook")
    if code is None:
        found = submitted_notebook.read_notebook(content, "sums.ipynb")
        warnings = submitted_notebook.work_warnings({"sums.ipynb": content}, {"sums.ipynb": found})
        assert {each["code"] for each in warnings} <= set(WARNINGS)


@unhurried
@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_a_problem(content):
    assert code_of(lambda: submitted_notebook.read_notebook(content, "sums.ipynb")) in (
        None,
        "not-a-notebook",
    )


class Grading(RuleBasedStateMachine):
    """Learners hand in, graders claim, record, give back, fail and die, trainers ask again, in any order."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = filled(Path(self.folder.name))
        self.now = datetime.now(UTC)
        self.jobs, self.held, self.recorded, self.wanted = [], {}, set(), set()

    def teardown(self):
        self.store.database.engine.dispose()
        self.folder.cleanup()

    @rule(learner=st.sampled_from(LEARNERS), content=st.binary(max_size=2))
    def hand_in(self, learner, content):
        attempt, new = hand_in(self.store, learner, content)
        if new:
            self.wanted.add((attempt.id, 1))

    @rule()
    def claim(self):
        job = self.store.gradings.claim("worker", 60, now=self.now)
        if job is not None:
            key = (job.attempt_id, job.run)
            assert key in self.wanted - self.recorded
            assert self.held.get(job.attempt_id, self.now) <= self.now
            self.held[job.attempt_id] = self.now + timedelta(seconds=60)
            self.jobs.append(job)

    @rule(which=st.integers(0, 9))
    def record(self, which):
        if self.jobs:
            job = self.jobs[which % len(self.jobs)]
            key = (job.attempt_id, job.run)
            graded = GradedRecord(tasks=[], notebook=b"{}", feedback_html=b"", engine="test")
            assert self.store.record_grading(job, graded) == (key not in self.recorded)
            self.recorded.add(key)
            self.held.pop(job.attempt_id, None)

    @rule(minutes=st.integers(1, 3))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def a_trainer_asks_again(self):
        before = {
            job[0]: max(run for attempt, run in self.wanted if attempt == job[0]) for job in self.wanted
        }
        newest = {each.id for each in self.store.results.newest(COURSE, LAB)}
        expected = {one for one in newest if (one, before[one]) in self.recorded}
        assert self.store.gradings.ask_again(COURSE, LAB, "claudine.u") == len(expected)
        self.wanted |= {(one, before[one] + 1) for one in expected}

    @invariant()
    def all_that_was_asked_for_is_done_or_waits(self):
        progress = self.store.progress(COURSE, LAB)
        assert (progress.total, progress.graded) == (len(self.wanted), len(self.recorded))


TestGrading = Grading.TestCase
TestGrading.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
