"""`nbgrader autograde` in a trainer's own server: it says where work is graded, and runs none of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from images.image_contents import find_recipe
from tests.support.course_labs import problem

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "c = get_config()\nfrom graders.nbgrader import drop_in; drop_in.install(c)\n"
TOUCHED = "import pathlib; pathlib.Path({place!r}).touch()"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The files of ours that a trainer's server has, and nothing else of this checkout."""
    place = tmp_path_factory.mktemp("image")
    for files in find_recipe("lab").files:
        if files.place == "/opt/isomo" and not files.strip:
            for path in ROOT.glob(files.pattern):
                if path.is_file() and path.suffix in (".py", ".po"):
                    there = place / path.relative_to(ROOT)
                    there.parent.mkdir(parents=True, exist_ok=True)
                    there.write_bytes(path.read_bytes())
    return place


def nbgrader(server, course, *words, **env):
    there = {**os.environ, "PYTHONPATH": str(server), "HOME": str(course), "ISOMO_LANG": "en"}
    there |= {
        "JUPYTERHUB_API_TOKEN": "secret",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **env,
    }
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=course, env=there, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def course(tmp_path):
    """A course folder with one submission that leaves a file behind if it runs."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    ran = TOUCHED.format(place=str(tmp_path / "ran"))
    for place, content in (("source/ps1", problem("a")), ("submitted/amina.k/ps1", problem("a", ran))):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "ps1.ipynb").write_bytes(content)
    return tmp_path


def test_the_drop_in_line_runs_no_learners_code_and_says_where_work_is_graded(server, course):
    code, said = nbgrader(server, course, "autograde", "ps1", "--create")
    assert code == 1, said
    assert "Nothing was graded: learners' work is not run in your own server" in said
    assert "use Grade again on the lab's page" in said
    assert "Traceback" not in said
    assert not (course / "ran").exists()
    assert not (course / "autograded").exists()


def test_it_says_so_in_french_too(server, course):
    code, said = nbgrader(server, course, "autograde", "ps1", ISOMO_LANG="fr")
    assert code == 1
    assert "Rien n’a été corrigé" in said


def test_a_computer_on_which_the_engine_is_not_complete_says_what_is_missing(server, course):
    code, said = nbgrader(server, course, "autograde", "ps1", "--create", JUPYTERHUB_API_TOKEN="")
    assert code == 1
    assert (
        "Nothing was graded: the Isomo grading engine is not complete on this computer (No module named"
        in said
    )
    assert not (course / "ran").exists()


def test_the_other_commands_work_beside_it(server, course):
    code, said = nbgrader(server, course, "generate_assignment", "ps1", "--create")
    assert code == 0, said
    assert (course / "release" / "ps1" / "ps1.ipynb").is_file()
