"""A learner's server starts without the hub's handlers and database layer (images/steps/lazy_hub_imports.py)."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema
import jupyterhub
import pytest

from images.steps import lazy_hub_imports

PACKAGES = (aiohttp, jsonschema, jupyterhub)

TRIED = """
import json, ssl, sys
made = []
real, ssl.create_default_context = ssl.create_default_context, lambda *a, **k: made.append(1) or real(*a, **k)
import aiohttp.connector, jsonschema
at_start = len(made)
contexts = [aiohttp.connector._verified_ssl_context() for _ in range(2)]
checker = jsonschema.Draft7Validator.FORMAT_CHECKER
print(json.dumps([
    aiohttp.__file__, at_start, len(made), contexts[0].verify_mode == ssl.CERT_REQUIRED,
    [name for name in ("arrow", "isoduration", "uri_template", "webcolors") if name in sys.modules],
    checker.conforms("someone at home", "email"),
]))
"""

LOADED = """
import json, sys
import jupyterhub.singleuser.extension, jupyterhub.scopes
names = [name for name in ("sqlalchemy", "jupyterhub.orm", "jupyterhub.handlers") if name in sys.modules]
user = jupyterhub.scopes.orm.User.__name__
print(json.dumps([jupyterhub.__file__, names, user, "sqlalchemy" in sys.modules]))
"""


@pytest.fixture(scope="module")
def changed_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the installed JupyterHub, changed as in the learner's image; next to it the other changed packages."""
    site = tmp_path_factory.mktemp("site")
    for package in PACKAGES:
        folder = Path(package.__file__).parent
        shutil.copytree(folder, site / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
    lazy_hub_imports.main(site)
    return site / "jupyterhub"


def run_in(site: Path, code: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=site,
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def test_the_single_user_server_loads_no_database_layer_until_it_is_asked_for(changed_package: Path) -> None:
    place, at_start, user, afterwards = run_in(changed_package.parent, LOADED)
    assert Path(place).parent == changed_package
    assert at_start == []
    assert (user, afterwards) == ("User", True)


def test_certificates_are_read_at_the_first_use_of_tls_and_formats_that_nobody_uses_are_not_loaded(
    changed_package: Path,
) -> None:
    place, at_start, afterwards, verifies, loaded, conforms = run_in(changed_package.parent, TRIED)
    assert Path(place).parent.parent == changed_package.parent
    assert (at_start, afterwards, verifies) == (0, 1, True)
    assert (loaded, conforms) == ([], False)


def test_changed_files_are_compiled_once_in_the_image_and_not_at_each_start(changed_package: Path) -> None:
    for package, files in lazy_hub_imports.CHANGES.items():
        for name in files:
            source = changed_package.parent / package / name
            code = Path(importlib.util.cache_from_source(str(source))).read_bytes()
            assert int.from_bytes(code[8:12], "little") == int(source.stat().st_mtime), name


def test_another_version_of_jupyterhub_ends_the_build_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"jupyterhub/log\.py has 0 lines like 'from \.x import y', not one\."
    ):
        lazy_hub_imports.changed_text("import z\n", (("from .x import y\n", ""),), "jupyterhub/log.py")
