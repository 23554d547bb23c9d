"""A learner's server starts without the hub's handlers and database layer (images/steps/lazy_hub_imports.py)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jupyterhub
import pytest

from images.steps import lazy_hub_imports

LOADED = """
import json, sys
import jupyterhub.singleuser.extension, jupyterhub.scopes
names = [name for name in ("sqlalchemy", "jupyterhub.orm", "jupyterhub.handlers") if name in sys.modules]
user = jupyterhub.scopes.orm.User.__name__
print(json.dumps([jupyterhub.__file__, names, user, "sqlalchemy" in sys.modules]))
"""


@pytest.fixture(scope="module")
def changed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installed JupyterHub, changed as in the learner's image."""
    folder = tmp_path_factory.mktemp("site") / "jupyterhub"
    shutil.copytree(Path(jupyterhub.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    lazy_hub_imports.main(folder)
    return folder


def test_the_single_user_server_loads_no_database_layer_until_it_is_asked_for(changed_package: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=changed_package.parent,
        env={"PYTHONPATH": str(changed_package.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    place, at_start, user, afterwards = json.loads(done.stdout)
    assert Path(place).parent == changed_package
    assert at_start == []
    assert (user, afterwards) == ("User", True)


def test_another_version_of_jupyterhub_ends_the_build_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"jupyterhub/log.py has 0 lines like 'from \.x import y', not one\."
    ):
        lazy_hub_imports.changed_text("import z\n", (("from .x import y\n", ""),), "log.py")
