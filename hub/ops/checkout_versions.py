"""Versions of the checkout that Isomo runs from: which one is here, which are newer, how to go to one."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

MIGRATIONS = "hub/store/migrations/versions/"
LOCKS = "images/locks/"


@dataclass(frozen=True)
class Change:
    """Difference between two commits of the checkout."""

    commit: str
    version: str
    commits: int
    migrations: tuple[str, ...]
    packages: bool


class Checkout:
    """A git checkout, driven through git itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Root looks after a checkout that may belong to somebody else.
        safe = ("-c", f"safe.directory={self.folder}", "-c", "advice.detachedHead=false")
        try:
            return subprocess.run(
                ["git", *safe, *words], cwd=self.folder, capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise IsomoError(
                _("git is not installed."), _("Install it, then try again: apt install git")
            ) from None

    def git(self, *words: str) -> str:
        """Run git and return what it says. Raises IsomoError if it fails."""
        done = self._run(*words)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            raise IsomoError(
                _("git {what} failed: {reason}").format(what=words[0], reason=last),
                _("Isomo was changed in no way. Check the checkout with git status, then try again."),
            )
        return done.stdout.strip()

    @property
    def head(self) -> str:
        """Return the commit that is here."""
        return self.git("rev-parse", "HEAD")

    @property
    def branch(self) -> str:
        """Return the branch that is checked out; "" if it is a bare commit."""
        return self._run("symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()

    def require_clean(self) -> None:
        """Raise IsomoError if tracked files were changed: an upgrade would mix them with the new version."""
        changed = self.git("diff", "--name-only", "HEAD").splitlines()
        if changed:
            raise IsomoError(
                _("Files of the checkout were changed: {names}.").format(names=", ".join(changed[:5])),
                _("Commit them, or take the change back (git stash), then try again."),
            )

    def fetch(self) -> None:
        """Ask the remote repository for newer versions. Raises IsomoError if it does not answer."""
        done = self._run("fetch", "--quiet", "--tags")
        if done.returncode:
            raise IsomoError(
                _("The remote repository does not answer: {reason}").format(
                    reason=(done.stderr.strip().splitlines() or [""])[-1]
                ),
                _("Check the network, or use what was fetched before: ./isomo upgrade --offline"),
            )

    def resolve(self, wanted: str | None) -> str:
        """Return the commit of a tag, branch or commit; without one, the newest of this branch's remote."""
        found = self._run("rev-parse", "--verify", "--quiet", f"{wanted or '@{upstream}'}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.strip()
        if wanted:
            raise IsomoError(
                _("There is no version {name} in this checkout.").format(name=wanted),
                _("Versions: git tag --list. Fetch newer ones without --offline."),
            )
        raise IsomoError(
            _("This checkout follows no branch of a remote repository."),
            _("Name the version: ./isomo upgrade --to VERSION"),
        )

    def is_newer(self, commit: str) -> bool:
        """Return whether `commit` builds on what is here."""
        return self._run("merge-base", "--is-ancestor", "HEAD", commit).returncode == 0

    def change_to(self, commit: str) -> Change:
        """Return what an upgrade from here to `commit` brings."""
        paths = self.git("diff", "--name-only", "--diff-filter=A", f"HEAD..{commit}", "--", MIGRATIONS)
        locks = self.git("diff", "--name-only", f"HEAD..{commit}", "--", LOCKS)
        count = self.git("rev-list", "--count", f"HEAD..{commit}")
        names = tuple(Path(line).stem for line in paths.splitlines() if line.endswith(".py"))
        return Change(commit, self.version_of(commit), int(count), names, bool(locks))

    def version_of(self, commit: str) -> str:
        """Return the version that the project gave itself in `commit`."""
        return str(tomllib.loads(self.git("show", f"{commit}:pyproject.toml"))["project"]["version"])

    def go_to(self, commit: str) -> None:
        """Put the files of `commit` here; a branch moves with them."""
        if self.branch:
            self.git("reset", "--keep", "--quiet", commit)
        else:
            self.git("checkout", "--quiet", "--detach", commit)
