"""Frames between supervisor and sandbox."""

import socket
import struct

import pytest

from graders.contract import wire_frames


def test_any_text_survives_the_way_through_a_frame() -> None:
    here, there = socket.socketpair()
    wire_frames.send_frame(here, {"text": "ikaze \ud800 \x00 ✓"})
    assert wire_frames.receive_frame(there)[0] == {"text": "ikaze \ud800 \x00 ✓"}


@pytest.mark.parametrize(
    "data", [struct.pack(">I", 1 << 31), struct.pack(">I", 2) + b"[]", struct.pack(">I", 1) + b"{"]
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    here, there = socket.socketpair()
    here.sendall(data)
    with pytest.raises(wire_frames.WireError):
        wire_frames.receive_frame(there)


def test_half_a_frame_does_not_hold_the_supervisor() -> None:
    here, there = socket.socketpair()
    here.sendall(struct.pack(">I", 100) + b"{")
    with pytest.raises(wire_frames.WireTimeoutError):
        wire_frames.receive_frame(there, wire_frames.Deadline(0.05))


def test_the_end_of_the_stream_is_told_apart_from_silence() -> None:
    here, there = socket.socketpair()
    here.close()
    with pytest.raises(wire_frames.WireError, match="closed"):
        wire_frames.receive_frame(there, wire_frames.Deadline(1))
