"""`./isomo upgrade` in a clone of this checkout: git and the migrations are real, `up` only migrates."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from hub.isomo_settings import parse_settings
from hub.ops.checkout_versions import Checkout
from hub.ops.verbs.upgrade import find_change, last_record
from hub.store.database_connections import newest_revision
from hub.verb_errors import IsomoError
from tests.support.backup_installation import Installed
from tests.support.small_stores import COURSE, LEARNERS, RIGHT, hand_in

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """\
import os, pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).parent))
if sys.argv[1] == "up":
    from hub.isomo_settings import load_settings
    from hub.store import Store
    Store.migrate(load_settings())
    sys.exit(1 if pathlib.Path(__file__).with_name("broken").exists() else 0)
from hub.command_line import main
sys.exit(main())
"""
MIGRATION = '''\
"""A column."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{before}", None, None


def upgrade() -> None:
    op.add_column("lease", sa.Column("tried", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("lease") as table:
        table.drop_column("tried")
'''


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=Isomo", "-c", "user.email=isomo@example.org")
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Clone:
    """A remote repository with a version 1, and a checkout of it with an installation."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.remote, self.here = folder / "remote", folder / "here"
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "hub", "images", "labs/kit", "graders/__init__.py", "graders/contract", "pyproject.toml", "jupyterhub_config.py"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in listed.stdout.splitlines():
            if (ROOT / name).is_file():
                target = self.remote / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((ROOT / name).read_bytes())
        (self.remote / "isomo").write_text(STAND_IN)
        (self.remote / ".gitignore").write_text("__pycache__/\n.isomo/\n")
        git(self.remote, "init", "--quiet", "--initial-branch=main")
        self.commit("first")
        git(folder, "clone", "--quiet", str(self.remote), str(self.here))
        self.installed = Installed(folder / "installation", monkeypatch)
        text = (self.installed.folder / "isomo.toml").read_text().partition("[backup]")[0]
        (self.installed.folder / "isomo.toml").write_text(text)

    def commit(self, subject: str) -> str:
        git(self.remote, "add", "--all")
        git(self.remote, "commit", "--quiet", "--message", subject)
        return git(self.remote, "rev-parse", "HEAD")

    def newer(self, *, broken: bool = False) -> str:
        """A version 2 with a migration, at the remote."""
        path = self.remote / "hub/store/migrations/versions/9999_a_column.py"
        path.write_text(MIGRATION.format(before=newest_revision()))
        (self.remote / "broken").touch() if broken else None
        return self.commit("second")

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "PYTHONPATH": str(self.here),
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [sys.executable, str(self.here / "isomo"), *words],
            cwd=self.here, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def head(self) -> str:
        return git(self.here, "rev-parse", "HEAD")

    @property
    def revision(self) -> str | None:
        return self.installed.store.database.revision()


@pytest.fixture
def clone(tmp_path, monkeypatch):
    return Clone(tmp_path, monkeypatch)


def test_an_upgrade_is_checked_made_and_taken_back_and_loses_nothing(clone):
    first, second = clone.head, clone.newer()
    checked = clone.verb("upgrade", "--check")
    assert checked.returncode == 0, checked.stderr
    assert "9999_a_column" in checked.stdout
    assert "Nothing was changed." in checked.stdout
    assert (clone.head, clone.revision) == (first, newest_revision())

    done = clone.verb("upgrade")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clone.head, clone.revision) == (second, "9999")
    assert list((clone.installed.settings.state / "upgrades").glob("*/isomo.sqlite"))

    hand_in(clone.installed.store, LEARNERS[0], RIGHT + b"\n")
    back = clone.verb("upgrade", "--back")
    assert back.returncode == 0, back.stdout + back.stderr
    assert "What was handed in meanwhile is kept." in back.stdout
    assert (clone.head, clone.revision) == (first, newest_revision())
    assert len(clone.installed.store.attempts.list(COURSE)) == 5


@pytest.mark.full
def test_a_version_that_does_not_start_is_left_by_itself(clone):
    first = clone.head
    clone.newer(broken=True)
    done = clone.verb("upgrade")
    assert done.returncode == 1
    assert "The new version did not start. Returning to the version before." in done.stdout
    assert (clone.head, clone.revision) == (first, newest_revision())


def test_an_upgrade_refuses_what_it_cannot_take_back(tmp_path):
    remote, here = tmp_path / "remote", tmp_path / "here"
    remote.mkdir()
    git(remote, "init", "--quiet", "--initial-branch=main")
    (remote / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    git(remote, "add", "--all")
    git(remote, "commit", "--quiet", "--message", "first")
    git(tmp_path, "clone", "--quiet", str(remote), str(here))
    checkout = Checkout(here)
    newest = Namespace(to=None, offline=False)
    assert find_change(checkout, newest) is None
    with pytest.raises(IsomoError, match="There is no version v9"):
        find_change(checkout, Namespace(to="v9", offline=True))
    (here / "pyproject.toml").write_text("")
    with pytest.raises(IsomoError, match=r"Files of the checkout were changed: pyproject\.toml\."):
        find_change(checkout, newest)
    git(here, "commit", "--quiet", "--all", "--message", "own")
    with pytest.raises(IsomoError, match="does not build on the version that is here"):
        find_change(checkout, newest)
    git(here, "remote", "set-url", "origin", str(here / "nothing"))
    with pytest.raises(IsomoError, match="The remote repository does not answer"):
        find_change(checkout, newest)
    with pytest.raises(IsomoError, match="no version to return to"):
        last_record(parse_settings({"state": str(tmp_path / "state")}))
