"""The learner's desk, built once by its content: npm installs what its lock file names, esbuild bundles it.

What comes out lies in `.isomo/desk-DIGEST` and is copied into the lab image. There is no Node where learners work.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from hub.isomo_settings import CHECKOUT
from hub.node_programs import node_bin, npm_command
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError

SOURCE = CHECKOUT / "labs" / "desk"
FORM = ("labs/kit/static/form.js", "labs/kit/static/form.css")
"""Files of the kit that the desk uses as well."""
CACHE = CHECKOUT / ".isomo"
KEPT_BUILDS = 3
INSTALLED = ("package.json", "package-lock.json", ".npmrc")


def desk_sources() -> list[Path]:
    """Return every file that the desk is built from, without its tests."""
    own = [SOURCE / name for name in (*INSTALLED, "build.mjs")]
    more = sorted(path for path in (SOURCE / "src").rglob("*") if path.is_file())
    return [*own, *more, *(CHECKOUT / name for name in FORM)]


def source_digest() -> str:
    """Return twelve hex digits that change whenever the built desk may."""
    return _digest(desk_sources())


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(CHECKOUT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def ensure_desk() -> Path:
    """Return the folder of the built desk, after building it if its sources changed.

    Raises IsomoError if npm cannot fetch packages, or the desk cannot be built.
    """
    folder = CACHE / f"desk-{source_digest()}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "desk.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "names.json").is_file():
            _build(folder)
        _point_to(folder)
    return folder


def _point_to(folder: Path) -> None:
    """Let `.isomo/desk` lead to the folder, for servers that run from a checkout."""
    link = CACHE / "desk"
    if link.is_symlink() and link.readlink() == Path(folder.name):
        return
    aside = CACHE / "desk.part"
    aside.unlink(missing_ok=True)
    aside.symlink_to(folder.name)
    aside.replace(link)


def _build(folder: Path) -> None:
    workshop = prepared_workshop(dev=False)
    part = folder.with_suffix(".part")
    run_node(workshop / "labs" / "desk", "build.mjs", str(part))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    _remove_old(folder)


def _remove_old(folder: Path) -> None:
    """Remove old builds but the newest few: a tab that is open during an upgrade still loads parts of its own."""
    others = [old for old in CACHE.glob("desk-[0-9a-f]*") if old.is_dir() and old != folder]
    for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)


def prepared_workshop(*, dev: bool) -> Path:
    """Return a folder with the desk's packages and a copy of its sources; with `dev`, also what tests need."""
    kind = "dev" if dev else "build"
    workshop = CACHE / f"desk-workshop-{kind}-{_digest([SOURCE / name for name in INSTALLED])}"
    if not (workshop / "node_modules").is_dir():
        _install(workshop, dev=dev)
    copied = workshop / "labs"
    shutil.rmtree(copied, ignore_errors=True)
    skipped = shutil.ignore_patterns("node_modules", "built")
    shutil.copytree(SOURCE, copied / "desk", ignore=skipped)
    for name in FORM:
        (workshop / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, workshop / name)
    return workshop


def _install(workshop: Path, *, dev: bool) -> None:
    part = workshop.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in INSTALLED:
        shutil.copy(SOURCE / name, part / name)
    command = [*npm_command(), "ci", "--ignore-scripts", *([] if dev else ["--omit=dev"])]
    done = subprocess.run(command, cwd=part, env=_env(), capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise IsomoError(
            _("npm could not install what the learner's desk is built from:\n{last}").format(last=last),
            _(
                "Check that the npm mirror can be reached (npm config set registry names another), then try "
                "again. A machine without a network: copy .isomo/{folder} from one that has it."
            ).format(folder=workshop.name),
        )
    shutil.rmtree(workshop, ignore_errors=True)
    part.rename(workshop)


def run_node(folder: Path, *words: str) -> str:
    """Run Node in a folder; return what it wrote. Raises IsomoError with its last lines."""
    command = [str(node_bin() / "node"), *words]
    done = subprocess.run(command, cwd=folder, env=_env(), capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise IsomoError(
            _("The learner's desk could not be built:\n{last}").format(last=last),
            _("Remove the folder .isomo/desk-workshop-build-…, then try again."),
        )
    return done.stdout


def _env() -> dict[str, str]:
    env = {**os.environ, "PATH": f"{node_bin()}{os.pathsep}{os.environ.get('PATH', '')}"}
    if bundle := os.environ.get("SSL_CERT_FILE"):
        env.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    return env
