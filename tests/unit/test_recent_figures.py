"""Figures of many people are kept for some minutes, and those of few are counted for each reader."""

from __future__ import annotations

import pytest

from hub.campus import recent_figures
from hub.campus.recent_figures import KEPT_SECONDS, MANY, MOST_KEPT, STALE_SECONDS, RecentFigures
from tests.support.pretended_campus import ROOT, Campus, form_key
from tests.support.small_stores import COURSE, hand_in


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def counted(figures, about, number, asked):
    def count():
        asked.append(about)
        return number

    return figures.get(about, count, int)


def test_after_a_minute_a_reader_gets_figures_of_before_and_the_next_one_newer_ones():
    clock, asked, waiting = Clock(), [], []
    figures = RecentFigures(clock, waiting.append)
    assert [counted(figures, "country", MANY, asked) for _twice in range(2)] == [MANY, MANY]
    assert asked == ["country"]
    clock.now += KEPT_SECONDS
    assert [counted(figures, "country", MANY + 1, asked) for _twice in range(2)] == [MANY, MANY]
    assert (len(waiting), asked) == (1, ["country"])
    waiting.pop()()
    assert counted(figures, "country", MANY + 2, asked) == MANY + 1
    assert (waiting, asked) == ([], ["country", "country"])


def test_figures_that_are_too_old_are_counted_before_they_are_shown():
    clock, asked, waiting = Clock(), [], []
    figures = RecentFigures(clock, waiting.append)
    counted(figures, "country", MANY, asked)
    clock.now += STALE_SECONDS
    assert counted(figures, "country", MANY + 1, asked) == MANY + 1
    assert waiting == []


def test_a_count_that_fails_meanwhile_is_tried_again_for_the_next_reader():
    clock, waiting = Clock(), []
    figures = RecentFigures(clock, waiting.append)
    counted(figures, "country", MANY, [])
    clock.now += KEPT_SECONDS
    assert figures.get("country", lambda: 1 // 0, int) == MANY
    with pytest.raises(ZeroDivisionError):
        waiting.pop()()
    assert counted(figures, "country", MANY + 1, []) == MANY
    waiting.pop()()
    assert counted(figures, "country", MANY + 2, []) == MANY + 1


def test_what_is_forgotten_while_it_is_counted_is_not_kept():
    clock, asked, waiting = Clock(), [], []
    figures = RecentFigures(clock, waiting.append)
    counted(figures, "country", MANY, asked)
    clock.now += KEPT_SECONDS

    def forgets():
        figures.forget()
        return MANY + 1

    assert figures.get("country", forgets, int) == MANY
    waiting.pop()()
    assert counted(figures, "country", MANY + 2, asked) == MANY + 2


def test_figures_of_few_are_counted_for_each_reader():
    asked = []
    figures = RecentFigures(Clock())
    assert [counted(figures, "office", number, asked) for number in (0, 1, MANY - 1)] == [0, 1, MANY - 1]
    assert len(asked) == 3


def test_no_more_figures_are_kept_than_memory_carries_and_the_oldest_go_first():
    figures, asked = RecentFigures(Clock()), []
    for number in range(MOST_KEPT + 1):
        counted(figures, number, MANY, asked)
    counted(figures, MOST_KEPT, MANY, asked)
    assert len(asked) == MOST_KEPT + 1
    counted(figures, 0, MANY, asked)
    assert asked[-1] == 0


def test_a_coordinators_page_of_many_says_of_when_its_figures_are(tmp_path, monkeypatch):
    monkeypatch.setattr(recent_figures, "MANY", 1)
    campus = Campus(tmp_path)
    campus.store.people.add("aline", "Aline", roles=["coordinator"], institution="minict")
    for number in range(6):
        campus.store.people.add(f"more.{number}", f"More {number}", institution="minict")
        campus.store.courses.add_member(COURSE, f"more.{number}", "learner")
    aline = campus.browser("aline")
    first = aline.get(f"{ROOT}/overview").text
    hand_in(campus.store, "more.1")
    assert "State of" in first
    assert aline.get(f"{ROOT}/overview").text.count("0 of 8") == first.count("0 of 8") > 0
    campus.app.state.campus.figures = RecentFigures()
    assert "1 of 8" in aline.get(f"{ROOT}/overview").text


def test_forgotten_figures_are_counted_again():
    asked = []
    figures = RecentFigures(Clock())
    counted(figures, "country", MANY, asked)
    figures.forget()
    counted(figures, "country", MANY, asked)
    assert asked == ["country", "country"]


def test_after_an_erasure_a_coordinator_reads_figures_that_were_counted_again(tmp_path):
    campus = Campus(tmp_path)
    campus.app.state.campus.figures.get("country", lambda: MANY, int)
    campus.store.people.add("gone.g", "Gone")
    admin = campus.browser("admin")
    page = admin.get(f"{ROOT}/people/gone.g").text
    sent = admin.post(f"{ROOT}/people/gone.g/erase", data={"key": form_key(page), "typed": "gone.g"})
    assert sent.status_code == 303, sent.text
    assert campus.app.state.campus.figures.get("country", lambda: MANY + 1, int) == MANY + 1
