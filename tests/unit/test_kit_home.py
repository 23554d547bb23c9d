"""A lab in a learner's home: another language, a correction, a reset, a copy of yesterday; nothing written is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.authoring.lab_build import built_files
from labs.authoring.lab_spec import find_lab
from labs.kit import hand_in, kept_receipts
from labs.kit.home_files import Home
from labs.kit.kept_answers import AnswerBook, TooMuchError, plain_value, readable_answers
from labs.kit.lab_facts import LARGEST_ANSWERS
from labs.kit.lab_folder import Place
from labs.kit.run_cells import text_of

SLUG = "where-to-set-the-bar"


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, bytes]]:
    """The released lab, by language."""
    made = built_files(find_lab(SLUG))[1]
    return {
        code: {
            name.removeprefix(f"release/{code}/"): content
            for name, content in made.items()
            if name.startswith(f"release/{code}/")
        }
        for code in ("en", "fr")
    }


@pytest.fixture
def place(tmp_path: Path, files: dict[str, dict[str, bytes]]) -> Place:
    made = Place(Home(tmp_path), SLUG)
    made.begin("course", "v1", "en", files["en"])
    return made


def write_bar(place: Place, source: str) -> None:
    notebook = json.loads(place.notebook.read_text())
    cell = next(one for one in notebook["cells"] if text_of(one) == "bar = None")
    cell["source"] = source
    own = {"id": "mine", "cell_type": "code", "metadata": {}, "source": "1 + 1", "outputs": []}
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, {**own, "execution_count": None})
    place.notebook.write_text(json.dumps(notebook))


def sources(place: Place) -> list[str]:
    return [text_of(cell) for cell in json.loads(place.notebook.read_text())["cells"]]


def test_another_language_changes_the_text_and_keeps_what_was_written(place: Place) -> None:
    write_bar(place, "bar = 0.07")
    AnswerBook(place.folder, SLUG, "en").keep("t2", {"choice": "nobody"})
    assert place.speak("fr")
    assert sources(place)[0].startswith("# 4 · Où placer la barre")
    assert "bar = 0.07" in sources(place)
    assert "1 + 1" in sources(place)
    assert AnswerBook(place.folder, SLUG, "fr").of("t2") == {"choice": "nobody"}
    assert place.speak("en")
    assert sources(place)[0].startswith("# 4 · Where to set the bar")


def test_a_language_that_is_not_there_changes_nothing(place: Place) -> None:
    before = sources(place)
    assert not place.speak("xx")
    assert sources(place) == before


def test_a_corrected_lab_keeps_begun_work_and_says_what_happened(
    place: Place, files: dict[str, dict[str, bytes]]
) -> None:
    write_bar(place, "bar = 0.07")
    new = json.loads(files["en"][f"{SLUG}.ipynb"])
    new["cells"][0]["source"] = "# Corrected title"
    corrected = {**files["en"], f"{SLUG}.ipynb": json.dumps(new).encode()}
    place.correct("course", "v2", "en", corrected)
    assert {"# Corrected title", "bar = 0.07", "1 + 1"} <= set(sources(place))
    assert (place.folder / f"{SLUG}-v1.ipynb").is_file()
    assert "Everything you wrote was carried over" in (place.kept / "news.json").read_text()
    assert place.facts["version"] == "v2"


def test_work_not_begun_takes_a_correction_silently(place: Place, files: dict[str, dict[str, bytes]]) -> None:
    place.correct("course", "v2", "en", files["en"])
    assert not (place.kept / "news.json").exists()


def test_a_reset_begins_anew_and_what_was_there_can_be_brought_back(place: Place) -> None:
    write_bar(place, "bar = 0.07")
    AnswerBook(place.folder, SLUG, "en").keep("t2", {"choice": "nobody"})
    place.reset()
    assert "bar = None" in sources(place)
    assert AnswerBook(place.folder, SLUG, "en").of("t2") == {}
    assert place.bring_back(place.copies()[0])
    assert "bar = 0.07" in sources(place)
    assert AnswerBook(place.folder, SLUG, "en").of("t2") == {"choice": "nobody"}


@pytest.mark.parametrize("name", ["../x", "2099-01-01", "", "/etc"])
def test_a_copy_that_is_not_there_is_not_brought_back(place: Place, name: str) -> None:
    assert not place.bring_back(name)


def test_a_fetched_file_never_lands_outside_the_labs_folder(tmp_path: Path) -> None:
    place = Place(Home(tmp_path / "home"), SLUG)
    place.begin("c", "v", "en", {"../evil": b"x", "/tmp/evil": b"x", ".hidden": b"x", "good.txt": b"x"})
    assert [path.name for path in place.folder.iterdir()] == ["good.txt"]
    assert not (tmp_path / "home" / "labs" / "evil").exists()


def test_opening_again_leaves_a_begun_notebook_alone(
    place: Place, files: dict[str, dict[str, bytes]]
) -> None:
    write_bar(place, "bar = 0.07")
    place.begin("course", "v1", "en", files["en"])
    assert "bar = 0.07" in sources(place)


# Answers


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False)
    | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(answers=st.dictionaries(st.text(max_size=8), PLAIN, max_size=4))
def test_what_was_answered_is_there_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("home")
    AnswerBook(folder, "lab", "en").keep("t", answers)
    again = AnswerBook(folder, "lab", "en")
    assert again.of("t") == {name: plain_value(value) for name, value in answers.items()}
    assert readable_answers(again.as_bytes()) is not None


def test_an_answer_that_is_too_long_is_refused_and_the_others_stay(tmp_path: Path) -> None:
    book = AnswerBook(tmp_path, "lab", "en")
    book.keep("t1", {"choice": "a"})
    with pytest.raises(TooMuchError):
        book.keep("t2", {str(n): ["x" * 20_000] for n in range(LARGEST_ANSWERS // 20_000 + 1)})
    assert AnswerBook(tmp_path, "lab", "en").all == {"t1": {"choice": "a"}}


def test_a_damaged_file_of_answers_is_set_aside_not_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text("{half")
    AnswerBook(tmp_path, "lab", "en").keep("t", {"choice": "a"})
    (aside,) = tmp_path.glob("answers.damaged-*.json")
    assert aside.read_text() == "{half"


# Handing in


class AwayError(Exception):
    """The campus does not answer."""

    retry = True
    message = "away"


class RefusedError(Exception):
    """The campus says no."""

    retry = False
    message = "This lab is closed."


class Campus:
    """Stands in for the line to the campus, which may be cut."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.got: list[Mapping[str, bytes]] = []

    def submit(self, course: str, lab: str, files: Mapping[str, bytes]) -> dict[str, object]:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.got.append(files)
        number = f"R-2026-01-01-{len(self.got):05}"
        return {"receipt": number, "attempt": 1, "lab": lab, "received_at": "2026-01-01T00:00:00Z"}


def test_work_waits_at_home_while_the_campus_is_away_and_is_sent_once(tmp_path: Path) -> None:
    home, campus = Home(tmp_path), Campus(AwayError(), AwayError())
    assert hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"1"}).waits
    assert hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"2"}).waits
    assert hand_in.send_waiting(home, campus) == (1, 0)
    assert campus.got == [{"lab.ipynb": b"2"}], "newer work takes the place of older work that waits"
    assert hand_in.send_waiting(home, campus) == (0, 0)
    assert len(list(home.receipts.glob("*.json"))) == 1


def test_a_fault_of_ours_loses_no_work(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert hand_in.hand_in(home, Campus(RuntimeError("bug")), "c", "lab", {"lab.ipynb": b"1"}).waits
    assert list(hand_in.waiting_letters(home))


def test_a_refusal_is_said_and_work_that_waited_is_kept_with_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert hand_in.hand_in(home, Campus(RefusedError()), "c", "lab", {}).refusal == "This lab is closed."
    hand_in.keep_in_outbox(home, "c", "lab", {"lab.ipynb": b"1"})
    assert hand_in.send_waiting(home, Campus(RefusedError())) == (0, 0)
    assert hand_in.refusal_reasons(home, "lab") == ["This lab is closed."]


def full_disk(*_anything: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("size", [0, 1, 13 << 20])
def test_work_of_any_size_waits_and_arrives_as_it_was(tmp_path: Path, size: int) -> None:
    home, campus, work = Home(tmp_path), Campus(AwayError()), {"lab.ipynb": b"x" * size}
    assert hand_in.hand_in(home, campus, "c", "lab", work).waits
    assert hand_in.send_waiting(home, campus) == (1, 0)
    assert campus.got == [work]


def test_work_of_60_mb_is_refused_with_a_sentence_and_what_waited_before_still_waits(tmp_path: Path) -> None:
    home, campus = Home(tmp_path), Campus(AwayError(), AwayError())
    assert hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"1"}).waits
    sent = hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"x" * (60 << 20)})
    assert (sent.waits, len(list(hand_in.waiting_letters(home)))) == (False, 1)
    assert "It is still in your folder." in sent.refusal


def test_on_a_full_disk_work_is_refused_with_a_sentence_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    monkeypatch.setattr("labs.kit.home_files.os.fsync", full_disk)
    sent = hand_in.hand_in(home, Campus(AwayError()), "c", "lab", {"lab.ipynb": b"1"})
    assert "your folder is full" in sent.refusal
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_on_a_full_disk_work_that_arrives_is_handed_in_once_and_the_learner_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, campus = Home(tmp_path), Campus(None, AwayError())
    monkeypatch.setattr("labs.kit.home_files.os.fsync", full_disk)
    sent = hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"1"})
    assert (sent.receipt or {})["attempt"] == 1
    shown = kept_receipts.shown_receipt(sent.receipt or {}, sent.path, "en")
    assert "The receipt could not be kept" in shown.text
    monkeypatch.undo()
    assert hand_in.hand_in(home, campus, "c", "lab", {"lab.ipynb": b"2"}).waits
    monkeypatch.setattr("labs.kit.home_files.os.fsync", full_disk)
    assert hand_in.send_waiting(home, campus) == (1, 0)
    assert hand_in.send_waiting(home, campus) == (0, 0)
    assert len(campus.got) == 2


@pytest.mark.parametrize("content", ["{", "[]", '{"course": "c", "lab": "lab", "files": {"a": "%"}}', ""])
def test_an_outbox_letter_that_cannot_be_read_is_kept_and_its_learner_is_told(
    tmp_path: Path, content: str
) -> None:
    home = Home(tmp_path)
    home.outbox.mkdir(parents=True)
    (home.outbox / "1.json").write_text(content)
    assert hand_in.send_waiting(home, Campus()) == (0, 0)
    assert (home.outbox / hand_in.REFUSED / "1.json").read_text() == content
    (told,) = hand_in.refusal_reasons(home, "lab")
    assert "1.json" in told


def test_an_outbox_letter_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    home = Home(tmp_path)
    hand_in.keep_in_outbox(home, "c", "one", {"a": b"1"})
    (home.outbox / "1.json").write_text("{")
    hand_in.keep_in_outbox(home, "c", "two", {"a": b"2"})
    campus = Campus()
    hand_in.send_waiting(home, campus)
    assert len(campus.got) == 2
