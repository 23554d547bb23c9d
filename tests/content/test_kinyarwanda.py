"""Kinyarwanda in the labs: only words that are sure, each marked until a native speaker has confirmed it."""

from __future__ import annotations

import shutil
from pathlib import Path

import polib

from labs.authoring.lab_sentences import update_catalogue
from labs.authoring.lab_spec import load_lab

SURE = {
    "province": "intara",
    "district": "akarere",
    "sector": "umurenge",
    "cell": "akagari",
    "village": "umudugudu",
}


def test_a_lab_says_in_kinyarwanda_only_what_is_sure_and_marks_it(folder: Path) -> None:
    said = [entry for entry in polib.pofile(str(folder / "locale" / "rw.po")) if entry.msgstr]
    assert [entry.msgid for entry in said if SURE.get(entry.msgid.lower()) != entry.msgstr.lower()] == []
    assert [entry.msgid for entry in said if not entry.tcomment.startswith("unreviewed")] == []


def test_bringing_a_catalogue_up_to_date_keeps_the_mark(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / folder.name))
    update_catalogue(load_lab(copy), "rw")
    assert entries(copy) == entries(folder)


def entries(folder: Path) -> list[tuple[str, str, str]]:
    """What a translator sees: English, Kinyarwanda, comment."""
    return [(one.msgid, one.msgstr, one.tcomment) for one in polib.pofile(str(folder / "locale" / "rw.po"))]
