"""What a lab reports of its learner, and that it costs them nothing."""

from __future__ import annotations

import json

import pytest

from labs.kit import desk_live, hand_in, live_reports
from labs.kit.campus_client import CampusError
from labs.kit.home_files import Home
from labs.kit.lab_folder import Place
from labs.kit.live_choice import is_reported, keep_choice
from labs.kit.task_attempts import Attempt
from tests.unit.test_kit_form import opened

COURSE = "everyone"


class FakeCampus:
    """A campus that keeps reports; `trouble` is raised instead if it is set."""

    def __init__(self):
        self.got, self.chosen, self.read, self.trouble, self.reported = [], [], [], None, True

    def report_live(self, course, lab, events=()):
        if self.trouble:
            raise self.trouble
        self.got.append((course, lab, list(events)))
        return {"reported": self.reported, "messages": [], "next_seconds": 20}

    def choose_live(self, *, reported):
        self.reported = reported

    def read_note(self, number):
        self.read.append(number)


@pytest.fixture
def campus(monkeypatch):
    made = FakeCampus()
    monkeypatch.setenv("ISOMO_CAMPUS_URL", "http://campus")
    monkeypatch.setattr(hand_in, "connect_campus", lambda: made)
    return made


@pytest.fixture
def reporter(monkeypatch):
    made = live_reports.Reporter()
    monkeypatch.setattr(made, "_run", lambda: None)
    monkeypatch.setattr(live_reports, "REPORTER", made)
    return made


def made(outcome="not-yet", key="districts"):
    return Attempt(outcome, key, None, "t3")


def test_a_lab_reports_the_task_and_how_its_check_went_and_nothing_that_was_answered(
    campus, reporter, tmp_path, monkeypatch
):
    monkeypatch.setenv("ISOMO_COURSE", COURSE)
    lab = opened(tmp_path, monkeypatch, "en")
    lab.attempt("r1", {"choice": "baseline"})
    assert reporter.send()
    ((course, slug, (event,)),) = campus.got
    assert (course, slug) == (COURSE, "sort-the-letters")
    assert {**event, "ago": 0} == {"kind": "check", "task": "r1", "outcome": "passed", "key": "", "ago": 0}
    assert "baseline" not in json.dumps(campus.got)


def test_a_miss_is_named_by_the_lab_s_own_key_and_a_hint_by_its_number(campus, reporter, tmp_path):
    live_reports.report_check(Home(tmp_path), COURSE, "sums", made())
    live_reports.report_hint(Home(tmp_path), COURSE, "sums", "t3", 2)
    reporter.send()
    ((_course, _lab, events),) = campus.got
    assert [(each["kind"], each.get("key"), each.get("rung")) for each in events] == [
        ("check", "districts", None),
        ("hint", None, 2),
    ]


def test_nothing_is_kept_to_be_sent_without_a_campus_or_against_the_choice(
    campus, reporter, tmp_path, monkeypatch
):
    keep_choice(Home(tmp_path), reported=False)
    live_reports.report_check(Home(tmp_path), COURSE, "sums", made())
    monkeypatch.delenv("ISOMO_CAMPUS_URL")
    live_reports.report_check(Home(tmp_path / "other"), COURSE, "sums", made())
    assert reporter.send.__self__._waiting.maxlen == live_reports.MOST_WAITING
    assert not reporter._waiting


def test_a_campus_that_is_away_gets_the_reports_later_and_one_that_refuses_them_never(
    campus, reporter, tmp_path
):
    live_reports.report_check(Home(tmp_path), COURSE, "sums", made())
    campus.trouble = CampusError("away", "away", retry=True)
    assert not reporter.send()
    campus.trouble = None
    assert reporter.send()
    assert len(campus.got) == 1
    live_reports.report_check(Home(tmp_path), COURSE, "sums", made())
    campus.trouble = CampusError("no", "not-found")
    assert reporter.send()
    assert not reporter._waiting


def test_of_a_long_time_without_a_line_the_newest_reports_stay(campus, reporter, tmp_path):
    for number in range(live_reports.MOST_WAITING + 5):
        live_reports.report_hint(Home(tmp_path), COURSE, "sums", f"t{number}", 1)
    reporter.send()
    assert next(each["task"] for each in campus.got[0][2]) == "t5"


def test_what_was_chosen_on_the_campus_reaches_the_lab_with_the_next_answer(campus, tmp_path):
    campus.reported = False
    place = placed(tmp_path)
    assert desk_live.ask_campus(place)["reported"] is False
    assert not is_reported(Home(tmp_path))


def test_what_was_chosen_at_the_desk_reaches_the_campus(campus, tmp_path):
    place = placed(tmp_path)
    assert desk_live.tell_campus(place, {"reported": False})["reported"] is False
    assert not is_reported(Home(tmp_path))
    assert desk_live.tell_campus(place, {"reported": True})["reported"] is True
    assert is_reported(Home(tmp_path))
    desk_live.tell_campus(place, {"read": 7})
    assert campus.read == [7]


def test_a_campus_that_does_not_answer_leaves_the_desk_as_it_was(campus, tmp_path):
    campus.trouble = OSError("broken")
    assert desk_live.ask_campus(placed(tmp_path)) == desk_live.NOTHING


def placed(tmp_path):
    place = Place(Home(tmp_path), "sums")
    place.kept.mkdir(parents=True)
    (place.kept / "place.json").write_text(json.dumps({"course": COURSE}))
    return place
