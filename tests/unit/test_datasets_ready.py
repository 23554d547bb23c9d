"""Learners' data on a fresh clone, after a change, and when several ask at once."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from labs.authoring import content_checks, lab_spec
from labs.datasets import learners_data as module
from labs.datasets.learners_data import current_digest, ready_data, sources_digest

ROOT = Path(__file__).resolve().parents[2]


class Office:
    """A checkout with one source, whose data is that source's text; counts how often it was made."""

    def __init__(self, root: Path) -> None:
        self.sources, self.data, self.made = root / "labs" / "datasets", root / ".isomo" / "data", 0
        self.write("one")

    def write(self, text: str) -> None:
        """Change the source."""
        (self.sources / "text").mkdir(parents=True, exist_ok=True)
        (self.sources / "text" / "rw.txt").write_text(text)

    def make(self, folder: Path) -> None:
        """Stands in for making every dataset, which takes half a minute."""
        self.made += 1
        (folder / "registry.json").write_text((self.sources / "text" / "rw.txt").read_text())

    def ready(self) -> str:
        """What is read where the data is ready."""
        return (ready_data(self.data, self.sources, self.make) / "registry.json").read_text()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_fresh_clone_gets_its_data_once(office: Office) -> None:
    assert [office.ready(), office.ready()] == ["one", "one"]
    assert office.made == 1


def test_data_of_earlier_sources_is_made_anew(office: Office) -> None:
    """Any file counts, the letters' sentences too, and not only programs."""
    office.ready()
    office.write("two")
    assert office.ready() == "two"


def test_who_reads_while_it_is_made_anew_keeps_what_they_have(office: Office) -> None:
    office.ready()
    open_since = office.data.resolve()
    office.write("two")
    office.ready()
    assert (open_since / "registry.json").read_text() == "one"
    office.write("three")
    office.ready()
    assert not open_since.exists(), "only the last but one is kept"


def test_what_a_killed_process_left_half_made_is_never_read(office: Office) -> None:
    def killed(folder: Path) -> None:
        (folder / "registry.json").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ready_data(office.data, office.sources, killed)
    assert current_digest(office.data) == ""
    assert office.ready() == "one"


def test_a_plain_folder_of_an_earlier_version_is_replaced(office: Office) -> None:
    office.data.mkdir(parents=True)
    (office.data / "registry.json").write_text("old")
    assert office.ready() == "one"


def test_several_processes_make_it_once(tmp_path: Path) -> None:
    """As `pytest -n 2` would: each process asks for itself, one makes, the others wait for it."""
    code = (
        "import sys, time, pathlib; from labs.datasets.learners_data import ready_data\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "def make(folder):\n"
        "    time.sleep(0.5)\n"
        "    (folder / 'registry.json').write_text('whole')\n"
        "    with (root / 'made').open('a') as made: made.write('x')\n"
        "print((ready_data(root / 'out' / 'data', root / 'sources', make) / 'registry.json').read_text())\n"
    )
    (tmp_path / "sources").mkdir()
    words = [sys.executable, "-c", code, str(tmp_path)]

    def ask(_: int) -> str:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == ["whole\n"] * 4
    assert (tmp_path / "made").read_text() == "x"


def test_the_digest_covers_every_source_of_the_data() -> None:
    """What it is for: the sentences of the letters, the cards and the generators all change it."""
    assert sources_digest(module.SOURCES) == sources_digest(module.SOURCES)
    names = {path.suffix for path in module.SOURCES.rglob("*") if path.is_file()}
    assert {".py", ".toml", ".txt"} <= names


def test_checking_a_lab_makes_the_data_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """`./isomo lab check` on a fresh clone."""
    asked = []
    monkeypatch.delenv("ISOMO_DATA", raising=False)
    monkeypatch.setattr(content_checks, "ready_data", lambda: asked.append("ready"))
    monkeypatch.setattr(content_checks, "cases_hold", lambda *_: asked.append("cases"))
    content_checks.check_lab(lab_spec.lab_folders()[0], running=False)
    assert asked == ["ready", "cases"]
