"""Written tasks: what is typed in a task's box reaches the cell that a person marks, word for word and as text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html_mistune
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from graders.agent import feedback_page
from graders.contract.work_contract import Graded
from labs.authoring.content_checks import lay_out
from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit import hand_in, kept_receipts
from labs.kit.home_files import Home
from labs.kit.kept_answers import LONGEST_TEXT
from labs.kit.lab_folder import Place
from labs.kit.lab_session import Lab
from labs.kit.own_words import EMPTY_CELL, as_markdown, with_own_words, written_cells
from labs.kit.run_cells import text_of
from labs.kit.task_form import Asked
from tests.support.nbgrader_desk import Desk
from tests.support.served_campus import served
from tests.support.small_stores import COURSE, LAB, RIGHT

SLUG = "where-to-set-the-bar"
TASK = "j-why"
WROTE = "Muraho Mama,\n\nthe bar was at 0.07. I answer for it: ask at desk 4."
BEFORE = "✎ ………………………"
"""How the cell was released before labs had a box."""
FILES = built_files(find_lab(SLUG))[1]


class Campus:
    """Stands in for the campus, and keeps what arrived."""

    def __init__(self) -> None:
        self.got: list[Mapping[str, bytes]] = []

    def submit(self, course: str, lab: str, files: Mapping[str, bytes]) -> dict[str, object]:
        """Take everything."""
        self.got.append(files)
        return {"receipt": "R-1", "attempt": 1, "lab": lab, "received_at": "2026-01-01T00:00:00Z"}


@pytest.fixture
def campus(monkeypatch: pytest.MonkeyPatch) -> Campus:
    made = Campus()
    monkeypatch.setattr(hand_in, "connect_campus", lambda: made)
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder with the lab as it was released."""
    made = tmp_path / "labs" / SLUG
    lay_out(FILES, made)
    monkeypatch.chdir(made)
    return made


def opened(tmp_path: Path, language: str = "en") -> Lab:
    """The lab, begun in a language."""
    path = tmp_path / "labs" / SLUG / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["isomo"]["language"] = language
    path.write_text(json.dumps(notebook))
    lab = Lab(home=Home(tmp_path))
    lab.start(SLUG)
    return lab


def cell_of(content: bytes) -> dict[str, Any]:
    """The cell that a person marks."""
    cell = dict(written_cells(json.loads(content)))[TASK]
    return {**cell, "source": text_of(cell)}


def put_in_cell(folder: Path, text: str) -> None:
    """Write into the cell itself, as people did before there was a box."""
    path = folder / f"{SLUG}.ipynb"
    notebook = json.loads(path.read_text())
    dict(written_cells(notebook))[TASK]["source"] = text
    path.write_text(json.dumps(notebook))


def handed_in(words: object, notebook: bytes = FILES[f"release/en/{SLUG}.ipynb"]) -> dict[str, bytes]:
    """What arrives if these words are in `answers.json`."""
    answers = json.dumps({"schema": 1, "answers": {TASK: {"words": words}}}).encode()
    return with_own_words(SLUG, {f"{SLUG}.ipynb": notebook, "answers.json": answers})


# Words as text


def seen(markup: str) -> str:
    """What a reader sees of a page: its text, line by line."""
    lines = re.sub(r"<br ?/?>\s*|</p>\s*<p>", "\n", markup.strip())
    return html.unescape(re.sub(r"</?p>", "", lines))


def lines_of(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if line.strip()]


SPECIAL = "".join(chr(number) for number in range(33, 127)) + "ab1  \n\té’“…🙂"


@given(st.text(alphabet=SPECIAL, max_size=80))
@example("# No heading\n- no list\n1. one\n2) two\n> quote\n    no code\n```\nfence\n```\n===\n---")
@example(
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n[x]: http://x.rw\n[x] <b>bold</b> <script>alert(1)</script> &amp; &lt;"
)
@example(r"\(x\) \[y\] $a$ $$b$$ \begin{x}1\end{x} \\ \* www.x.rw a@b.rw https://x.rw ~~no~~ __no__ ![i](u)")
def test_words_are_shown_as_they_were_typed_and_nothing_in_them_is_markup(words: str) -> None:
    shown = markdown2html_mistune(as_markdown(words))
    assert re.findall(r"</?(?!p>|br)[a-zA-Z][^>]*>", shown) == []
    assert lines_of(seen(shown)) == lines_of(words)


def test_signs_that_hide_or_turn_text_are_left_out() -> None:
    assert as_markdown("a\u202eb\x00c\x1bd\ud800e\u2066f") == "abcdef"


def test_a_text_that_is_too_long_is_cut_and_still_handed_in() -> None:
    assert as_markdown("w" * (LONGEST_TEXT + 5)) == "w" * LONGEST_TEXT


# Into the cell


def test_words_of_the_box_are_in_the_cell_that_a_person_marks() -> None:
    cell = cell_of(handed_in(WROTE)[f"{SLUG}.ipynb"])
    assert cell["source"] == "Muraho Mama,  \n\nthe bar was at 0.07. I answer for it\\: ask at desk 4."
    assert cell["metadata"]["nbgrader"]["points"] == 2


@pytest.mark.parametrize("words", ["", " \n\t", None, 7, ["list"], {"a": 1}, EMPTY_CELL, "\u202e"])
def test_a_cell_without_words_stays_as_released_so_that_nobody_has_to_mark_it(words: object) -> None:
    arrived = handed_in(words)[f"{SLUG}.ipynb"]
    assert arrived == FILES[f"release/en/{SLUG}.ipynb"]
    cell = NotebookNode(cell_of(arrived))
    cell.metadata = NotebookNode({"nbgrader": NotebookNode(cell.metadata["nbgrader"])})
    assert compute_checksum(cell) == cell.metadata.nbgrader.checksum


def test_words_that_were_erased_in_the_box_are_not_handed_in_from_the_cell(folder: Path) -> None:
    put_in_cell(folder, "An older answer.")
    arrived = handed_in("", (folder / f"{SLUG}.ipynb").read_bytes())
    assert cell_of(arrived[f"{SLUG}.ipynb"])["source"] == EMPTY_CELL


@pytest.mark.parametrize(
    "notebook", [b"", b"{", b"[]", b"null", b'{"cells": 3}', b'{"cells": [3]}', b"[" * 9000]
)
def test_a_damaged_notebook_is_handed_in_as_it_is(notebook: bytes) -> None:
    assert handed_in(WROTE, notebook)[f"{SLUG}.ipynb"] == notebook


def test_other_notebooks_and_courses_without_answers_stay_as_they_are() -> None:
    files = {f"{SLUG}.ipynb": FILES[f"release/en/{SLUG}.ipynb"], "older.ipynb": b"{}"}
    assert with_own_words(SLUG, files) == files
    assert with_own_words("other", {**files, "answers.json": b'{"answers": {}}'})["older.ipynb"] == b"{}"


def test_every_way_of_handing_in_takes_the_words_along(tmp_path: Path, campus: Campus) -> None:
    """`lab.submit()`, `nbgrader submit` and the outbox all go through `handin.hand_in`."""
    answers = json.dumps({"answers": {TASK: {"words": WROTE}}}).encode()
    files = {f"{SLUG}.ipynb": FILES[f"release/en/{SLUG}.ipynb"], "answers.json": answers}
    hand_in.hand_in(Home(tmp_path), campus, "course", SLUG, files)
    assert "I answer for it" in cell_of(campus.got[0][f"{SLUG}.ipynb"])["source"]


def test_nbgraders_own_submit_takes_the_words_along(tmp_path: Path) -> None:
    written = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "points": 2}
    notebook = json.loads(RIGHT)
    notebook["cells"].append(
        {
            "id": "own",
            "cell_type": "markdown",
            "metadata": {"nbgrader": {**written, "grade_id": TASK, "task": False}},
            "source": EMPTY_CELL,
        }
    )
    answers = json.dumps({"answers": {TASK: {"words": WROTE}}}).encode()
    with served(tmp_path / "campus") as (campus, url):
        amina = Desk(tmp_path, url, "amina.k", campus.hub.token("amina.k"))
        amina.has(json.dumps(notebook).encode(), LAB, answers__json=answers)
        assert amina.nbgrader("submit", LAB)[0] == 0
        (attempt,) = campus.store.attempts.list(COURSE)
        arrived = campus.store.attempts.files(attempt)
    assert "I answer for it" in cell_of(arrived[f"{LAB}.ipynb"])["source"]


def test_the_feedback_page_shows_the_words_as_text() -> None:
    arrived = handed_in("My <b>own</b> words & more\nand <script>alert(1)</script> a line")
    graded = Graded((), arrived[f"{SLUG}.ipynb"], "engine")
    page = feedback_page.render_feedback(graded, FILES[f"source/{SLUG}.ipynb"], "en").decode()
    assert "My &lt;b&gt;own&lt;/b&gt; words &amp; more" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; a line" in page


# The box


def test_what_is_typed_is_kept_at_once_and_comes_back(folder: Path, tmp_path: Path) -> None:
    first = Asked(opened(tmp_path), TASK)
    first.form.answers = {"words": WROTE}
    assert first.form.saved == WROTE
    assert json.loads((folder / "answers.json").read_text())["answers"][TASK] == {"words": WROTE}
    again = Asked(opened(tmp_path), TASK)
    assert (again.form.answers, again.form.saved) == ({"words": WROTE}, WROTE)


@pytest.mark.parametrize(("language", "label"), [("en", "Your own words"), ("fr", "Vos propres mots")])
def test_a_box_has_a_label_and_no_check(folder: Path, tmp_path: Path, language: str, label: str) -> None:
    spec = Asked(opened(tmp_path, language), TASK).spec()
    assert [part["ask"] for part in spec["parts"]] == [label]
    assert spec["labels"]["check"] == ""


def test_a_box_begins_with_words_that_were_written_into_the_cell(folder: Path, tmp_path: Path) -> None:
    put_in_cell(folder, "An answer from before there was a box.")
    form = Asked(opened(tmp_path), TASK).form
    assert form.answers == {"words": "An answer from before there was a box."}
    assert form.saved == "", "The box sees that these words are not kept yet, and keeps them."


def test_words_that_do_not_fit_are_not_called_kept(folder: Path, tmp_path: Path) -> None:
    lab = opened(tmp_path)
    for number in range(13):
        lab.book.keep(f"other-{number}", {"text": "w" * 19_900})
    asked = Asked(lab, TASK)
    asked.form.answers = {"words": "w" * 8000}
    assert asked.form.saved == ""
    assert "too long to be kept" in asked.form.verdict


def test_a_box_is_answered_by_typing_a_call_as_well(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = opened(tmp_path)
    assert f'lab.answer("{TASK}", words=…)' in Asked(lab, TASK).twin()
    lab.answer(TASK, words=WROTE)
    assert "Kept. Your trainer reads it after you hand in." in capsys.readouterr().out
    lab.answer(TASK, words=" ")
    assert "Nothing written yet." in capsys.readouterr().out
    assert lab.own_words(TASK) == ""


# The truth about what is done

EMPTY = {"en": "your own words are still empty", "fr": "vos propres mots manquent encore"}


@pytest.mark.parametrize("language", EMPTY)
@pytest.mark.parametrize("cell", [EMPTY_CELL, BEFORE, "", " \n"])
def test_a_text_that_nobody_wrote_is_never_done(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, cell: str
) -> None:
    put_in_cell(folder, cell)
    lab = opened(tmp_path, language)
    lab.book.keep_check("j", outcome="passed", key="passed")
    lab.answer(TASK, words="  \n ")
    capsys.readouterr()
    lab.progress()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("6 ")]
    assert line.endswith(f": {EMPTY[language]}")
    assert "✓" not in line


FEW = {"en": "your own words are too few", "fr": "vos propres mots sont trop peu nombreux"}


@pytest.mark.parametrize("in_cell", [True, False])
def test_a_text_that_was_written_is_done(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], in_cell: bool
) -> None:
    if in_cell:
        put_in_cell(folder, WROTE)
    lab = opened(tmp_path)
    lab.book.keep_check("j", outcome="passed", key="passed")
    if not in_cell:
        lab.answer(TASK, words=WROTE)
    capsys.readouterr()
    lab.progress()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("6 ")]
    assert line.endswith("✓ done")


@pytest.mark.parametrize("language", FEW)
def test_eight_letters_are_begun_and_not_done(
    folder: Path, tmp_path: Path, campus: Campus, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    lab = opened(tmp_path, language)
    lab.book.keep_check("j", outcome="passed", key="passed")
    lab.answer(TASK, words="Eight letters.")
    assert ("2 words so far" if language == "en" else "2 mots jusqu’ici") in capsys.readouterr().out
    lab.progress()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("6 ")]
    assert line.endswith(f": {FEW[language]}")
    assert "✓" not in line
    lab.submit()
    assert "R-1" in capsys.readouterr().out, "what was written is handed in all the same"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "Part 6: your own words are still empty. Write in the box of part 6, then run this cell again.",
        ),
        (
            "fr",
            "Partie 6\u00a0: vos propres mots manquent encore. Écrivez dans le cadre de la partie 6, puis",
        ),
    ],
)
def test_handing_in_says_first_which_text_is_empty_and_hands_in(
    folder: Path,
    tmp_path: Path,
    campus: Campus,
    capsys: pytest.CaptureFixture[str],
    language: str,
    sentence: str,
) -> None:
    lab = opened(tmp_path, language)
    capsys.readouterr()
    lab.submit()
    said = capsys.readouterr().out
    assert said.startswith(sentence)
    assert "R-1" in said
    assert cell_of(campus.got[0][f"{SLUG}.ipynb"])["source"] == EMPTY_CELL


def test_handing_in_a_written_text_says_nothing_of_saving(
    folder: Path, tmp_path: Path, campus: Campus, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = opened(tmp_path)
    lab.answer(TASK, words=WROTE)
    capsys.readouterr()
    lab.submit()
    said = capsys.readouterr().out
    assert "empty" not in said
    assert "saved" not in said
    assert "ask at desk 4" in cell_of(campus.got[0][f"{SLUG}.ipynb"])["source"]


def test_words_of_a_cell_are_handed_in_as_they_were_saved(
    folder: Path, tmp_path: Path, campus: Campus, capsys: pytest.CaptureFixture[str]
) -> None:
    put_in_cell(folder, "*From* the cell.")
    lab = opened(tmp_path)
    lab.submit()
    assert kept_receipts.TEXT_AS_SAVED.partition("{")[0] in capsys.readouterr().out
    assert cell_of(campus.got[0][f"{SLUG}.ipynb"])["source"] == "*From* the cell."


# A corrected lab


@pytest.mark.parametrize(("wrote", "kept"), [(BEFORE, EMPTY_CELL), ("", EMPTY_CELL), ("Mine.", "Mine.")])
def test_a_corrected_lab_keeps_words_and_takes_an_empty_cell_as_it_is_now(
    tmp_path: Path, wrote: str, kept: str
) -> None:
    place = Place(Home(tmp_path), SLUG)
    start = "release/en/"
    files = {name.removeprefix(start): one for name, one in FILES.items() if name.startswith(start)}
    place.begin("course", "v1", "en", files)
    put_in_cell(place.folder, wrote)
    place.correct("course", "v2", "en", files)
    assert cell_of(place.notebook.read_bytes())["source"] == kept
