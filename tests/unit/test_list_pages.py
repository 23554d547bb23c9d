"""Pages of long lists: the right rows and the right count, on every page and beyond the last one."""

from __future__ import annotations

import pytest

from tests.support.small_stores import COURSE, LAB, LEARNERS, RIGHT, WRONG, filled, hand_in

NAMES = [f"person-{number}" for number in range(7)]


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    store = filled(tmp_path_factory.mktemp("store"))
    for name in NAMES:
        store.people.add(name, "P")
    return store.people


@pytest.mark.parametrize("size", [1, 3, 7, 8])
@pytest.mark.parametrize("page", range(9))
def test_every_page_has_its_rows_and_the_count_of_all(people, page, size):
    found, total = people.search("person-", page=page, size=size)
    assert [each.username for each in found] == NAMES[page * size : (page + 1) * size]
    assert total == len(NAMES)


def test_a_search_that_finds_nobody_counts_nobody(people):
    for page in range(3):
        assert people.search("nobody-is-called-so", page=page, size=3) == ([], 0)


def test_the_latest_work_comes_first_and_no_more_of_it_than_is_asked_for(tmp_path):
    store, (amina, bosco) = filled(tmp_path), LEARNERS
    for name, content in ((amina, WRONG), (bosco, RIGHT), (amina, RIGHT)):
        hand_in(store, name, content)
    shown = [(each.learner, each.number) for each in store.results.latest(COURSE, LAB, 5)]
    assert shown == [(amina, 2), (bosco, 1)]
    assert [each.learner for each in store.results.latest(COURSE, LAB, 1)] == [amina]
