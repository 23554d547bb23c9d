"""Points for a learning platform's gradebook, and what the claims of its launches mean here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.campus.platform_scores import ScoreSender, scores_address
from hub.hub_process.lti_pages import (
    CLAIM,
    GRADES_CLAIM,
    arrange_enrolment,
    flat_claims,
    line_item,
    target_page,
    wanted_lab,
)
from hub.isomo_settings import SettingsError, parse_settings
from hub.optional_sections import Lti
from hub.platform_key import platform_key, public_jwk
from hub.settings_checks import setting_problems
from hub.store.lti_lines import SCORE_SCOPE
from tests.support.lti_platform import ROLE, LearningPlatform
from tests.support.pretended_campus import Campus
from tests.support.small_stores import COURSE, LAB, TRAINER, hand_in
from tests.unit.test_marks_table import AMINA, BOSCO, grade, task

OURS = "https://labs.example.gov:8000"
OPEN = f"{OURS}/services/campus/open/{COURSE}/{LAB}"


@pytest.fixture(scope="module")
def platform():
    made = LearningPlatform({})
    yield made
    made.stop()


@pytest.fixture
def store(tmp_path, platform):
    platform.away, platform.scores, platform.refused = False, {}, []
    made = Campus(tmp_path, lti=platform.section()).store
    platform.tool_keys = lambda: {"keys": [public_jwk(made.settings)]}
    return made


@pytest.fixture
def sender(store):
    return ScoreSender(store)


def linked(store, platform, learner=AMINA, line="7"):
    store.lti_lines.link(learner, COURSE, LAB, f"sub-{learner}", f"{platform.address}/lines/{line}")


def returned(store, *tasks, learner=AMINA):
    attempt, _ = hand_in(store, learner)
    grade(store, *tasks)
    store.results.return_to([attempt.id], TRAINER)
    return attempt


def test_the_platform_is_told_points_when_they_are_returned_and_not_before(store, platform, sender):
    linked(store, platform)
    attempt, _ = hand_in(store)
    grade(store, task(score=1.5))
    assert (sender.one_round(), platform.scores) == (0, {})
    store.results.return_to([attempt.id], TRAINER)
    assert sender.one_round() == 1
    (score,) = platform.scores["7"]
    assert (score["userId"], score["scoreGiven"], score["scoreMaximum"]) == (f"sub-{AMINA}", 1.5, 2.0)
    assert (score["activityProgress"], score["gradingProgress"]) == ("Completed", "FullyGraded")
    assert (sender.one_round(), platform.refused) == (0, [])


def test_a_mark_that_changes_is_told_again(store, platform, sender):
    linked(store, platform)
    attempt = returned(store, task(score=1.0))
    assert sender.one_round() == 1
    store.results.mark(attempt.id, "add_test", 2.0, "Right after all.", TRAINER)
    assert sender.one_round() == 0
    store.results.return_to([attempt.id], TRAINER)
    assert sender.one_round() == 1
    assert [each["scoreGiven"] for each in platform.scores["7"]] == [1.0, 2.0]


def test_points_that_were_returned_before_the_first_launch_are_told_after_it(store, platform, sender):
    returned(store, task(score=1.0))
    assert sender.one_round() == 0
    linked(store, platform)
    assert sender.one_round() == 1


def test_work_that_waits_for_a_person_is_told_without_points(store, platform, sender):
    linked(store, platform)
    returned(store, task(score=None, outcome="to-be-marked"))
    assert sender.one_round() == 1
    (score,) = platform.scores["7"]
    assert score["gradingProgress"] == "PendingManual"
    assert "scoreGiven" not in score


def test_a_platform_that_is_away_gets_every_score_later(store, platform, sender):
    for learner, line in ((AMINA, "7"), (BOSCO, "8")):
        linked(store, platform, learner, line)
        returned(store, task(score=1.0), learner=learner)
    platform.away = True
    assert sender.one_round() == 0
    problems = {store.lti_lines.get(name, COURSE, LAB).problem for name in (AMINA, BOSCO)}
    assert problems == {"", "no token: HTTPStatusError"}
    platform.away = False
    later = datetime.now(UTC) + timedelta(hours=1)
    told = set()
    while (due := store.lti_lines.claim(later)) is not None:
        told.add(due.line.username)
        store.lti_lines.sent(due)
    assert told == {AMINA, BOSCO}


def test_a_line_that_the_platform_no_longer_has_stops_nobody_else(store, platform, sender):
    store.lti_lines.link(AMINA, COURSE, LAB, "sub", f"{platform.address}/gone")
    linked(store, platform, BOSCO, "8")
    for learner in (AMINA, BOSCO):
        returned(store, task(score=1.0), learner=learner)
    assert sender.one_round() == 1
    assert "8" in platform.scores
    assert store.lti_lines.get(AMINA, COURSE, LAB).problem == "it answers 404"


def test_a_launch_with_another_line_is_told_everything_again(store, platform, sender):
    linked(store, platform)
    returned(store, task(score=1.0))
    assert sender.one_round() == 1
    linked(store, platform)
    assert sender.one_round() == 0
    linked(store, platform, line="9")
    assert sender.one_round() == 1
    assert [each["scoreGiven"] for each in platform.scores["9"]] == [1.0]


def test_without_a_platform_nothing_is_sent(tmp_path):
    store = Campus(tmp_path).store
    store.lti_lines.link(AMINA, COURSE, LAB, "sub", "https://lms.example/lines/1")
    returned(store)
    assert ScoreSender(store).one_round() == 0


def test_the_key_stays_and_is_readable_by_its_owner_only(store):
    first = platform_key(store.settings).private_numbers()
    assert platform_key(store.settings).private_numbers() == first
    assert (store.settings.state / "keys" / "platform_key").stat().st_mode & 0o077 == 0
    assert set(public_jwk(store.settings)) == {"e", "kty", "n", "kid", "alg", "use"}


def test_scores_go_below_the_line_and_before_its_query():
    assert scores_address("https://a.example/l/7/lineitem?type=2") == (
        "https://a.example/l/7/lineitem/scores?type=2"
    )
    assert scores_address("https://a.example/l/7/") == "https://a.example/l/7/scores"


@pytest.mark.parametrize(
    ("target", "page"),
    [
        (OPEN, f"/services/campus/open/{COURSE}/{LAB}"),
        (f"{OURS}/services/campus/?lang=fr", "/services/campus/?lang=fr"),
        (f"{OURS}/hub/admin", "/services/campus/"),
        ("https://elsewhere.example/services/campus/open/a/b", "/services/campus/"),
        ("https://labs.example.gov:8000@elsewhere.example/services/campus/", "/services/campus/"),
        ("//elsewhere.example/services/campus/", "/services/campus/"),
        ("", "/services/campus/"),
    ],
)
def test_a_launch_opens_pages_of_ours_only(target, page):
    assert target_page({f"{CLAIM}target_link_uri": target}, OURS) == page


@given(st.text())
def test_no_target_ever_leads_away_from_the_campus(target):
    assert target_page({f"{CLAIM}target_link_uri": target}, OURS).startswith("/services/campus/")


def test_the_lab_is_read_from_the_page_that_opens_it():
    assert wanted_lab("/services/campus/open/a%20b/c%2Fd") == ("a b", "c/d")
    assert wanted_lab("/services/campus/") is None


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://lms.example/lines/7", True),
        ("http://127.0.0.1:9/lines/7", True),
        ("http://lms.example/lines/7", False),
        ("file:///etc/passwd", False),
        (7, False),
    ],
)
def test_a_line_is_written_to_over_https_only(address, taken):
    claims = {GRADES_CLAIM: {"scope": [SCORE_SCOPE], "lineitem": address}}
    assert (line_item(claims) is not None) is taken


def test_without_the_permission_for_scores_no_line_is_kept():
    assert line_item({GRADES_CLAIM: {"scope": [], "lineitem": "https://lms.example/lines/7"}}) is None


def test_custom_parameters_and_the_pages_language_are_claims():
    flat = flat_claims(
        {f"{CLAIM}custom": {"login": "amina.k"}, f"{CLAIM}launch_presentation": {"locale": "fr-RW"}}
    )
    assert (flat["custom_login"], flat["locale"]) == ("amina.k", "fr-RW")


def launch(**more):
    return {"sub": "s-1", f"{CLAIM}roles": [f"{ROLE}Learner"], **more}


def test_a_learner_who_comes_for_a_lab_becomes_part_of_its_course(store):
    store.people.add("eric.n", "Eric N.")
    arrange_enrolment(store, store.settings.lti, launch(), "eric.n", f"/services/campus/open/{COURSE}/{LAB}")
    assert store.courses.roles(COURSE, "eric.n") == {"learner"}
    assert store.lti_lines.get("eric.n", COURSE, LAB) is None


@pytest.mark.parametrize(
    ("claims", "named", "page"),
    [
        ({f"{CLAIM}roles": [f"{ROLE}Instructor"]}, {}, f"/services/campus/open/{COURSE}/{LAB}"),
        ({}, {"enrol": False}, f"/services/campus/open/{COURSE}/{LAB}"),
        ({}, {}, "/services/campus/open/no-course/sums"),
        ({}, {}, "/services/campus/"),
    ],
)
def test_nobody_else_becomes_part_of_a_course(store, platform, claims, named, page):
    store.people.add("eric.n", "Eric N.")
    chosen = parse_settings({"lti": platform.section(**named)}).lti
    arrange_enrolment(store, chosen, launch(**claims), "eric.n", page)
    assert store.courses.roles(COURSE, "eric.n") == set()


def test_an_unsafe_address_of_a_platform_is_refused(platform):
    with pytest.raises(SettingsError, match=r"lti\.keys_address"):
        parse_settings({"lti": platform.section(keys_address="http://lms.example/keys")})


def test_the_section_needs_no_more_than_the_platforms_addresses():
    names = ("issuer", "login_address", "keys_address")
    found = parse_settings(
        {"lti": {"client_id": "c", **{name: f"https://lms.example/{name}" for name in names}}}
    ).lti
    assert isinstance(found, Lti)
    assert (found.token_address, found.enrol, found.new_accounts) == (None, True, True)


def test_a_platform_without_encryption_here_is_refused_with_a_sentence(platform):
    plain = parse_settings({"address": "http://labs.example.gov:8000", "lti": platform.section()})
    assert any("brings nobody from a learning platform" in each for each in setting_problems(plain))
    local = parse_settings({"lti": platform.section()})
    assert not any("learning platform" in each for each in setting_problems(local))
