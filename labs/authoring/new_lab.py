"""`./isomo lab new`: a lab's folder, from a small example that works."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from labs.authoring import lab_spec
from labs.authoring.lab_numbers import next_number
from labs.authoring.lab_preview import make_hidden_data
from labs.authoring.lab_sentences import LANGUAGES, update_catalogue

TEMPLATE = Path(__file__).with_name("template")
FORM = "A lab's folder is two digits and words in small letters with hyphens, for example 14-my-lab; this is {name!r}."
TAKEN = "There is a lab {name} already. Choose another number and name."


def create_lab(name: str) -> Path:
    """Make `labs/NAME` from the example; returns its folder.

    Raises ValueError if the name has another form, FileExistsError if its number or name is taken.
    """
    if not lab_spec.FOLDER.match(name):
        raise ValueError(FORM.format(name=name))
    for other in lab_spec.lab_folders():
        if other.name[:2] == name[:2] or other.name[3:] == name[3:]:
            raise FileExistsError(TAKEN.format(name=other.name))
    folder = lab_spec.LABS / name
    aside = folder.with_name(f".{name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(TEMPLATE, aside, ignore=shutil.ignore_patterns("__pycache__"))
    for path in aside.rglob("*.py"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"\bFOLDER\b", name, re.sub(r"\bSLUG\b", name[3:], text)), "utf-8")
    about = aside / "lab.toml"
    about.write_text(about.read_text("utf-8").replace("NUMBER", str(next_number()), 1), "utf-8")
    make_hidden_data(aside)
    aside.rename(folder)
    for language in LANGUAGES[1:]:
        update_catalogue(lab_spec.load_lab(folder), language)
    return folder
