"""Whether a namespace was changed, without looking at what is in it."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable

import pytest

from graders.sandbox.dict_versions import IS_EXACT, Mark


class Thing:
    """Something to change."""

    part = 1


def module() -> types.ModuleType:
    made = types.ModuleType("made")
    made.part = 1  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize("owner", [module(), type("Fresh", (Thing,), {"part": 1})])
def test_reading_leaves_a_namespace_untouched(owner: object) -> None:
    mark = Mark(vars(owner))
    for _ in range(100):
        assert owner.part == 1  # type: ignore[attr-defined]
        assert "part" in vars(owner)
    assert mark.is_untouched() == IS_EXACT


CHANGES: list[Callable[[object], None]] = [
    lambda owner: setattr(owner, "part", 2),
    lambda owner: setattr(owner, "part", 10**6),
    lambda owner: setattr(owner, "more", 2),
    lambda owner: delattr(owner, "part"),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("make", [module, lambda: type("Fresh", (Thing,), {"part": 1})])
def test_any_change_is_seen(make: Callable[[], object], change: Callable[[object], None]) -> None:
    owner = make()
    mark = Mark(vars(owner))
    change(owner)
    assert not mark.is_untouched()


def test_a_change_that_was_taken_back_is_seen_too() -> None:
    owner = module()
    mark = Mark(vars(owner))
    vars(owner)["part"] = 2
    vars(owner)["part"] = 1
    assert not mark.is_untouched()


def test_after_a_renewal_only_what_is_new_counts() -> None:
    owner = module()
    mark = Mark(vars(owner))
    vars(owner)["part"] = 2
    mark.renew()
    assert mark.is_untouched() == IS_EXACT
    vars(owner)["part"] = 3
    assert not mark.is_untouched()


def test_where_python_does_not_count_everything_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graders.sandbox.dict_versions.IS_EXACT", False)
    assert not Mark(vars(module())).is_untouched()


def test_this_python_counts_as_its_version_promises() -> None:
    assert (sys.version_info < (3, 13)) == IS_EXACT
