"""What a sandbox says is a claim: it is checked for shape before it becomes a notebook's output."""

from typing import Any

import pytest

from graders.engine.cell_outputs import Recorder


def recorded(*messages: tuple[Any, Any]) -> list[dict[str, Any]]:
    recorder = Recorder()
    recorder.begin("0")
    for kind, content in messages:
        recorder.take("0", kind, content, 100)
    return recorder.cells["0"]


def test_text_on_one_stream_is_joined() -> None:
    shown = recorded(("stream", {"name": "stdout", "text": "a"}), ("stream", {"name": "stdout", "text": "b"}))
    assert shown == [{"output_type": "stream", "name": "stdout", "text": "ab"}]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdgrade", "text": "x"}), ("stream", {"name": "stdout", "text": 3}), ("stream", []),
        (None, {}), (3, {}), ("grade", {"score": 10}), ("execute_result", None), ("status", {}),
        ("comm_open", {"comm_id": 3, "data": {"state": {}}}), ("update_display_data", {"transient": {"display_id": []}}),
    ],
)  # fmt: skip
def test_messages_of_another_shape_are_dropped(kind: Any, content: Any) -> None:
    assert recorded((kind, content)) == []


def test_clear_output_waits_for_the_next_output_when_asked() -> None:
    first = ("stream", {"name": "stdout", "text": "a"})
    assert len(recorded(first, ("clear_output", {"wait": True}))) == 1
    assert (
        recorded(first, ("clear_output", {"wait": True}), ("stream", {"name": "stdout", "text": "b"}))[0][
            "text"
        ]
        == "b"
    )
    assert recorded(first, ("clear_output", {"wait": False})) == []


def test_a_display_is_updated_in_its_place() -> None:
    made = {"data": {"text/plain": "1"}, "metadata": {}, "transient": {"display_id": "d"}}
    assert recorded(
        ("display_data", made), ("update_display_data", {**made, "data": {"text/plain": "2"}})
    ) == [{"output_type": "display_data", "data": {"text/plain": "2"}, "metadata": {}}]


def test_what_an_output_widget_captures_is_not_the_cells_output() -> None:
    widget = {"comm_id": "w", "data": {"state": {"_model_name": "OutputModel"}}}
    begin = {"comm_id": "w", "data": {"state": {"msg_id": "0"}}}
    end = {"comm_id": "w", "data": {"state": {"msg_id": ""}}}
    error = {"ename": "E", "evalue": "", "traceback": []}
    assert recorded(("comm_open", widget), ("comm_msg", begin), ("error", error), ("comm_msg", end)) == []
