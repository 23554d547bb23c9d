"""Six learners at the desk of one installation while its processes are killed: not a character or answer is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.desk_crowd import CROWD, run_crowd
from tests.support.desk_town import DeskTown, desk_town

pytestmark = [pytest.mark.browser, pytest.mark.full]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[DeskTown]:
    """An installation in which two labs are open, with six learners."""
    with desk_town(tmp_path_factory.mktemp("crowd"), browser) as made:
        for name in CROWD:
            made.hub.town.add(name)
        yield made


@pytest.mark.timeout(1200)
def test_two_sequences_of_each_of_six_learners_lose_not_a_character(town: DeskTown) -> None:
    run_crowd(town, list(range(2000, 2012)))


@pytest.mark.timeout(36_000)
def test_a_thousand_sequences_of_six_learners_lose_not_a_character(town: DeskTown) -> None:
    run_crowd(town, list(range(3000, 4000)))
