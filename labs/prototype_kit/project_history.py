"""A project's git history: what the bench commits, and which commit a run was trained with.

dulwich reads and writes git's own files, so that a project has its history in a server without the program git.
"""

from __future__ import annotations

from pathlib import Path

from dulwich import porcelain
from dulwich.errors import NotGitRepository
from dulwich.repo import Repo

from labs.prototype_kit.data_intake import person_here


def commit_files(folder: Path, message: str) -> str:
    """Commit all files of the project that .gitignore does not name; return the commit, in 40 hex digits."""
    if not (folder / ".git").exists():
        porcelain.init(folder)
    who = f"{person_here()} <{person_here()}@localhost>".encode()
    with Repo(folder) as repo:
        porcelain.add(repo)
        return porcelain.commit(repo, message=message.encode(), author=who, committer=who).decode()


def code_commit(folder: Path) -> str:
    """Return the commit of the project's code, in 12 hex digits, with a + if files that it has were changed since.

    Empty if the project has no history.
    """
    try:
        with Repo(folder) as repo:
            commit = repo.head().decode()[:12]
            status = porcelain.status(repo, untracked_files="no")
    except (NotGitRepository, KeyError):
        return ""
    return commit + ("+" if status.unstaged or any(status.staged.values()) else "")
