"""Opens a lab as a learner sees it: JupyterLab on this machine, a fresh home, no hub."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from labs.authoring.lab_build import built_files
from labs.datasets.learners_data import DATA
from labs.kit.home_files import Home
from labs.kit.lab_folder import Place

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("jupyterlab", "anywidget", "pandas", "sklearn", "matplotlib", "ipykernel")
MISSING = (
    "./isomo lab {verb} needs what learners have, and here is missing: {missing}. "
    "Run ./isomo test unit once: it installs them, and this verb then finds them."
)

NO_SCRIPT = "{name} has no hidden.py. Write its hidden.json by hand, or a hidden.py that makes it."
STOPPED = "{name}/hidden.py stopped: {said}"


def run_elsewhere(words: list[str]) -> int | None:
    """Run a verb where learners' libraries are, if they are not here; None if they are."""
    found = learners_python()
    if found is None:
        raise FileNotFoundError(MISSING.format(missing=missing_packages(), verb=words[0]))
    if found == sys.executable:
        return None
    return subprocess.run([found, "-m", "labs.authoring", *words], cwd=ROOT, check=False).returncode


def missing_packages() -> str:
    """Return what learners have and this Python has not."""
    return ", ".join(name for name in NEEDED if not importlib.util.find_spec(name))


def learners_python() -> str | None:
    """Return a Python that has what learners have: this one, else that of the tests."""
    if all(importlib.util.find_spec(name) for name in NEEDED):
        return sys.executable
    other = ROOT / ".isomo" / "env-test" / "bin" / "python"
    return str(other) if other.exists() else None


def lay_out(folder: Path, language: str, root: Path) -> Home:
    """Return a home below `root` with the lab in it, as if it had just been opened."""
    version, files = built_files(folder)
    start = f"release/{language}/"
    released = {
        name.removeprefix(start): content for name, content in files.items() if name.startswith(start)
    }
    home = Home(root)
    Place(home, folder.name[3:]).begin("preview", version, language, released)
    return home


def command(
    python: str, home: Home, slug: str, port: int, *, browser: bool
) -> tuple[list[str], dict[str, str]]:
    """Return the command that starts JupyterLab there, and its environment."""
    words = [python, "-m", "jupyterlab", f"--ServerApp.root_dir={home.root}", f"--ServerApp.port={port}"]
    words += ["--ServerApp.jpserver_extensions={'labs.kit.kit_server': True}", "--LabApp.news_url=None"]
    words += [f"--LabApp.default_url=/doc/tree/labs/{slug}/{slug}.ipynb"]
    if os.geteuid() == 0:
        words.append("--allow-root")
    if not browser:
        words.append("--no-browser")
    env = {
        **os.environ,
        "HOME": str(home.root),
        "PYTHONPATH": str(ROOT),
        "ISOMO_DATA": str(DATA),
    }
    config = ":".join(str(ROOT / "images" / "jupyter" / part) for part in ("learner", "common"))
    env |= {"JUPYTER_CONFIG_PATH": config, "PYTHONDONTWRITEBYTECODE": "1"}
    return words, env


def preview_lab(folder: Path, language: str, port: int, *, browser: bool) -> int:
    """Open a lab until Ctrl+C; the home is thrown away afterwards."""
    found = learners_python()
    if found is None:
        raise FileNotFoundError(MISSING.format(missing=missing_packages(), verb="preview"))
    ready_data(found)
    root = Path(tempfile.mkdtemp(prefix="isomo-preview-"))
    try:
        home = lay_out(folder, language, root)
        words, env = command(found, home, folder.name[3:], port, browser=browser)
        return subprocess.run(words, env=env, check=False).returncode
    finally:
        shutil.rmtree(root, ignore_errors=True)


def make_hidden_data(folder: Path) -> Path:
    """Make the data that only the lab's judge has; the answer is its file.

    Raises FileNotFoundError if the lab has no `hidden.py`, ValueError with the last line of what went wrong in it.
    """
    script, found = folder / "hidden.py", learners_python()
    if not script.is_file():
        raise FileNotFoundError(NO_SCRIPT.format(name=folder.name))
    if found is None:
        raise FileNotFoundError(MISSING.format(missing=missing_packages(), verb="hidden"))
    ready_data(found)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [found, str(script)], check=False, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise ValueError(STOPPED.format(name=folder.name, said=said))
    return folder / "hidden.json"


def ready_data(python: str) -> None:
    """Have the learners' data ready, by a Python that can make it."""
    subprocess.run([python, "-m", "labs.datasets", "ready"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
