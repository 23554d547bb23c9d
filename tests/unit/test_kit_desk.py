"""The desk's side of the kit: which cell is what, and changes that never overwrite somebody else's."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit.desk_files import Built
from labs.kit.desk_lab import DeskLab, role_of, text_fingerprint
from labs.kit.home_files import Home
from labs.kit.kept_answers import AnswerBook
from labs.kit.lab_folder import Place
from labs.kit.run_cells import text_of

SLUG = "where-to-set-the-bar"
BOX = "j-why"


@pytest.fixture(scope="module")
def built_lab() -> tuple[str, dict[str, bytes]]:
    """The lab as it is released, built once: every test puts its files into its own folder."""
    return built_files(find_lab(SLUG))


@pytest.fixture
def desk(tmp_path: Path, built_lab: tuple[str, dict[str, bytes]]) -> DeskLab:
    version, files = built_lab
    start = "release/en/"
    released = {name.removeprefix(start): text for name, text in files.items() if name.startswith(start)}
    place = Place(Home(tmp_path), SLUG)
    place.begin("course", version, "en", released)
    return DeskLab(place)


def source(desk: DeskLab, name: str) -> str:
    cells = json.loads(desk.place.notebook.read_text())["cells"]
    return next(text_of(cell) for cell in cells if cell["id"] == name)


def test_each_cell_of_a_lab_has_its_role(desk: DeskLab) -> None:
    roles = {cell["id"]: (cell["role"], cell.get("task")) for cell in desk.state()["cells"]}
    assert roles["start"] == ("start", None)
    assert roles["data"] == ("given", None)
    assert roles["t1-check"] == ("ask", "t1")
    assert roles["t4-answer"] == ("task", None)
    assert roles["t4-check"] == ("check", "t4")
    assert roles["j-why-answer"] == ("words", BOX)
    assert (roles["progress"], roles["submit"]) == (("progress", None), ("submit", None))
    own = {"cell_type": "code", "source": "import pandas", "metadata": {}}
    assert role_of(own) == ("task", "")


def test_a_question_comes_with_all_that_draws_it_and_a_picture_only_where_the_lab_has_one(
    desk: DeskLab,
) -> None:
    tasks = desk.state()["tasks"]
    assert tasks["r1"]["spec"]["labels"]["check"] == "Check"
    assert tasks["t1"]["spec"]["labels"]["check"] == "Keep my answer"
    assert {name for name, task in tasks.items() if task.get("spec", {}).get("has_view")} == {"j", "b"}
    assert tasks["j"]["first"]["staff"] == 2, "sliders begin where the lab says"
    assert tasks[BOX] == {"kind": "text", "kept": {"words": ""}}


def test_a_change_is_saved_and_one_that_was_made_to_an_older_text_is_not(desk: DeskLab) -> None:
    first = text_fingerprint("bar = None")
    saved = desk.save({"cells": [{"id": "t4-answer", "source": "bar = 0.1", "base": first}]})
    assert saved["cells"] == {"t4-answer": {"saved": True}}
    late = desk.save({"cells": [{"id": "t4-answer", "source": "bar = 0.9", "base": first}]})
    at = late["cells"]["t4-answer"].pop("at")
    assert late["cells"] == {"t4-answer": {"saved": False, "source": "bar = 0.1"}}
    assert at == saved["at"], "and when that was saved"
    again = desk.save({"cells": [{"id": "t4-answer", "source": "bar = 0.1", "base": first}]})
    assert again["cells"] == {"t4-answer": {"saved": True}}, "the same change twice is one change"
    assert source(desk, "t4-answer") == "bar = 0.1"


def test_the_state_says_when_each_text_was_saved_and_not_when_it_was_sent_again(desk: DeskLab) -> None:
    assert desk.state()["saved_at"] == {}, "what was released was saved by nobody"
    change = {"id": "t4-answer", "source": "bar = 0.1", "base": text_fingerprint("bar = None")}
    words = {"task": BOX, "answers": {"words": "Dear"}, "base": {"words": ""}}
    first = desk.save({"cells": [change], "answers": [words]})
    desk.save({"cells": [change], "answers": [words]})
    assert desk.state()["saved_at"] == {"cell t4-answer": first["at"], f"answers {BOX}": first["at"]}
    late = desk.save({"answers": [{"task": BOX, "answers": {"words": "Sir"}, "base": {"words": ""}}]})
    assert late["answers"][BOX] == {"saved": False, "answers": {"words": "Dear"}, "at": first["at"]}


def test_what_jupyterlab_saved_has_no_time(desk: DeskLab) -> None:
    desk.save({"cells": [{"id": "t4-answer", "source": "bar = 0.1", "base": text_fingerprint("bar = None")}]})
    text = desk.place.notebook.read_text()
    desk.place.notebook.write_text(text.replace("bar = 0.1", "bar = 0.3"))
    assert desk.state()["saved_at"] == {}
    late = desk.save({"cells": [{"id": "t4-answer", "source": "bar = 0.2", "base": "old"}]})
    assert late["cells"] == {"t4-answer": {"saved": False, "source": "bar = 0.3"}}


@pytest.mark.parametrize("damaged", ["", "[]", '{"cell t4-answer": 1}', '{"cell t4-answer": ["x", "y"]}'])
def test_a_damaged_list_of_times_costs_no_work(desk: DeskLab, damaged: str) -> None:
    (desk.place.kept / "saved-times.json").write_text(damaged)
    change = {"id": "t4-answer", "source": "bar = 0.1", "base": text_fingerprint("bar = None")}
    assert desk.save({"cells": [change]})["cells"] == {"t4-answer": {"saved": True}}
    assert list(desk.state()["saved_at"]) == ["cell t4-answer"]


def test_locked_cells_and_texts_of_the_lab_cannot_be_changed(desk: DeskLab) -> None:
    before = desk.place.notebook.read_bytes()
    for name in ("data", "start", "submit", "j-why-answer", "nothing"):
        given = {
            "id": name,
            "source": "x = 1",
            "base": text_fingerprint(source(desk, name) if name != "nothing" else ""),
        }
        assert desk.save({"cells": [given]})["cells"][name]["saved"] is False
    assert desk.place.notebook.read_bytes() == before


def test_words_are_kept_and_older_ones_do_not_replace_newer_ones(desk: DeskLab) -> None:
    def save(words: str, base: dict[str, str]) -> object:
        return desk.save({"answers": [{"task": BOX, "answers": {"words": words}, "base": base}]})["answers"][
            BOX
        ]

    assert save("First.", {"words": ""}) == {"saved": True}
    late = save("Of another device.", {"words": ""})
    assert (late["saved"], late["answers"]) == (False, {"words": "First."})
    assert save("First. Second.", {"words": "First."}) == {"saved": True}
    assert "j-why" not in desk.state()["empty"]
    assert json.loads(desk.work()["answers.json"])["answers"][BOX] == {"words": "First. Second."}


def test_of_two_windows_that_save_at_the_same_moment_one_is_told_what_the_other_wrote(desk: DeskLab) -> None:
    with ThreadPoolExecutor(2) as windows:
        base = {"words": ""}
        for turn in range(12):
            begin = Barrier(2)

            def save(
                words: str, base: dict[str, str] = base, begin: Barrier = begin
            ) -> tuple[str, dict[str, Any]]:
                begin.wait()
                sent = {"answers": [{"task": BOX, "answers": {"words": words}, "base": base}]}
                return words, desk.save(sent)["answers"][BOX]

            replies = dict(windows.map(save, (f"Here {turn}.", f"There {turn}.")))
            (kept,) = [words for words, reply in replies.items() if reply["saved"]]
            (other,) = [reply for reply in replies.values() if not reply["saved"]]
            base = {"words": kept}
            assert (other["saved"], other["answers"]) == (False, base)
            assert desk.state()["tasks"][BOX]["kept"] == base


def test_what_was_read_before_a_save_is_older_than_the_save_and_what_is_read_after_it_is_newer(
    desk: DeskLab,
) -> None:
    before = desk.state()["at"]
    saved = desk.save({"answers": [{"task": BOX, "answers": {"words": "Now."}, "base": {"words": ""}}]})["at"]
    assert before < saved <= desk.state()["at"]


def test_the_kernel_and_the_desk_write_answers_into_one_file_and_neither_loses_the_others(
    desk: DeskLab,
) -> None:
    kernels = AnswerBook(desk.place.folder, SLUG, "en")
    kernels.keep("r1", {"choice": "a"})
    desk.save({"answers": [{"task": BOX, "answers": {"words": "Typed at the desk."}, "base": {"words": ""}}]})
    kernels.keep_check("r1", outcome="passed")
    assert kernels.of(BOX) == {"words": "Typed at the desk."}
    assert AnswerBook(desk.place.folder, SLUG, "en").all == {
        "r1": {"choice": "a"},
        BOX: {"words": "Typed at the desk."},
    }
    assert desk.state()["checks"]["r1"] == {"outcome": "passed"}


def test_outputs_are_kept_and_those_that_are_too_large_or_no_outputs_are_not(desk: DeskLab) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "hello"}
    desk.save({"outputs": [{"id": "data", "outputs": [stream, {"output_type": "other"}], "count": 3}]})
    shown = {cell["id"]: cell.get("outputs") for cell in desk.state()["cells"]}
    assert shown["data"] == [stream]
    desk.save({"outputs": [{"id": "data", "outputs": [{**stream, "text": "x" * (3 << 20)}], "count": 4}]})
    assert "outputs" not in next(cell for cell in desk.state()["cells"] if cell["id"] == "data")


def test_work_that_waited_carries_the_learners_own_time(desk: DeskLab) -> None:
    late = json.loads(desk.work("2026-11-23T09:14:07Z")[f"{SLUG}.ipynb"])
    assert late["metadata"]["isomo"]["handed_in_at"] == "2026-11-23T09:14:07Z"
    assert "handed_in_at" not in json.loads(desk.work()[f"{SLUG}.ipynb"])["metadata"]["isomo"]


@given(st.text())
def test_a_fingerprint_tells_texts_apart_whatever_is_in_them(text: str) -> None:
    assert text_fingerprint(text) != text_fingerprint(text + " ")
    assert text_fingerprint(text) == text_fingerprint(str(text))


def test_a_file_is_given_in_the_shortest_form_that_the_browser_takes(tmp_path: Path) -> None:
    (tmp_path / "a-1.js").write_text("plain")
    (tmp_path / "a-1.js.br").write_text("brotli")
    (tmp_path / "a-1.js.gz").write_text("gzip")
    built_desk = Built(tmp_path, "a-1.js", "", "", "")
    kind = "text/javascript; charset=utf-8"
    assert built_desk.content("a-1.js", "gzip, br") == (b"brotli", kind, "br")
    assert built_desk.content("a-1.js", "gzip") == (b"gzip", kind, "gzip")
    assert built_desk.content("a-1.js", "") == (b"plain", kind, "")
    for name in ("../a-1.js", "a-1.js.br", "names.json.gz", ".npmrc", "b.js"):
        assert built_desk.content(name, "") is None
