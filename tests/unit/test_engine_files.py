"""Files reach a sandbox whole, whatever their size, in orders that fit a frame."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from graders.contract import wire_frames, work_files
from graders.contract.work_files import PART, Encoded, files_fingerprint, send_files
from graders.sandbox import submission_process


class Sandbox:
    """Notes what it is asked."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []

    def ask(self, order: dict[str, Any], seconds: float) -> None:
        assert seconds > 0
        assert len(wire_frames.pack_frame(order)) < wire_frames.LARGEST
        self.orders.append(order)


SIZES = [0, 1, PART - 1, PART, PART + 1, 2 * PART + 5]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("is_lazy", [True, False])
def test_what_is_sent_is_what_is_written(tmp_path, monkeypatch, size, is_lazy):
    monkeypatch.setattr(submission_process, "WORK", str(tmp_path))
    content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    given = {"data/été 1.bin": content, "small.txt": b"x", "own.py": b"y"}
    plain = {name: base64.b64encode(data).decode() for name, data in given.items()}
    sandbox = Sandbox()
    send_files(sandbox, Encoded(given) if is_lazy else plain, ["own.py"])
    released = set()
    for order in sandbox.orders:
        released |= set(submission_process._write(order["files"], order["own"], append=order["append"]))
    assert {name: (tmp_path / name).read_bytes() for name in given} == given
    assert released == {str(tmp_path / "data/été 1.bin"), str(tmp_path / "small.txt")}


def test_small_files_share_one_order():
    sandbox = Sandbox()
    send_files(sandbox, Encoded({f"{number}.txt": b"x" for number in range(50)}), [])
    assert len(sandbox.orders) == 1


def test_names_that_lead_elsewhere_are_not_sent():
    assert set(Encoded({"../up": b"", "/etc/x": b"", "a/b": b""})) == {"a/b"}


def test_a_fingerprint_tells_names_contents_and_places_of_the_cut_apart():
    one = files_fingerprint(Encoded({"a": b"1", "b": b"2"}))
    assert one == files_fingerprint(Encoded({"b": b"2", "a": b"1"}))
    others = [{"a": b"2", "b": b"1"}, {"a": b"1"}, {"a": b"1", "c": b"2"}]
    assert all(files_fingerprint(Encoded(other)) != one for other in others)
    assert work_files.PART % 3 == 0
