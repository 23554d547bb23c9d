"""Build the pages of this repository as a site: `python -m docs.site.site_build FOLDER`.

The pages are copied into another folder first: the site begins with the front page, and has pages of reference that are
made from the code. Sphinx stops at the first link that leads nowhere.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from docs.site.reference_pages import PAGES

ROOT = Path(__file__).resolve().parents[2]


def listed(folder: str) -> tuple[str, ...]:
    """Return the pages of a folder of docs/, in the order of their names."""
    return tuple(f"docs/{folder}/{path.stem}" for path in sorted((ROOT / "docs" / folder).glob("*.md")))


CONTENTS: dict[str, tuple[str, ...]] = {
    "Tutorials": listed("tutorials"),
    "How to": listed("how-to"),
    "By person": (
        "docs/learner",
        "docs/trainer",
        "docs/coordinator",
        "docs/administrator",
        "docs/data-team",
    ),
    "Courses and labs": (
        "docs/authoring",
        "docs/languages",
        "docs/datasets",
        "docs/nbgrader-engine",
        "docs/traceability",
    ),
    "Reference": (*listed("reference"), *(f"docs/reference/{name}" for name in PAGES)),
    "Why it is so": (
        "docs/architecture",
        "docs/plan-for-a-nation",
        "docs/security",
        "docs/visual-language",
        "docs/decisions/index",
    ),
    "The project": (
        *("docs/developer", "docs/roadmap", "CHANGELOG", "CONTRIBUTING"),
        *("SECURITY", "CODE_OF_CONDUCT", "LICENSES"),
    ),
}


def toctree(pages: Iterator[str] | tuple[str, ...], caption: str = "", *, hidden: bool = False) -> str:
    """Return Sphinx's list of pages."""
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:"] * hidden + [":maxdepth: 1"]
    return "\n".join(["```{toctree}", *options, "", *pages, "```"])


def pages_of(root: Path) -> Iterator[Path]:
    """Yield the files of the site: the pages, their pictures, and the licence that one of them links."""
    yield from sorted(root.glob("*.md"))
    yield from sorted(root.glob("docs/**/*.md"))
    yield from sorted(root.glob("docs/pictures/*.png"))
    yield root / "LICENSE"


def linked(text: str) -> str:
    """Let a link to the folder of decisions lead to their list, and one to the front page to the site's first page."""
    text = re.sub(r"\]\(((?:\w+/)*decisions)/\)", r"](\1/index.md)", text)
    return re.sub(r"\]\(((?:\.\./)*)README\.md\)", r"](\1index.md)", text)


def lay_out(source: Path) -> None:
    """Put everything that Sphinx reads into `source`."""
    for path in pages_of(ROOT):
        to = source / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            to.write_text(linked(path.read_text("utf-8")), "utf-8")
        else:
            shutil.copyfile(path, to)
    front = (source / "README.md").rename(source / "index.md")
    trees = [toctree(pages, caption, hidden=True) for caption, pages in CONTENTS.items()]
    front.write_text("\n\n".join([front.read_text("utf-8"), *trees, ""]), "utf-8")
    decisions = source / "docs" / "decisions"
    names = (path.stem for path in sorted(decisions.glob("*.md")))
    (decisions / "index.md").write_text(
        f"# Decisions\n\nWhat was decided, and why.\n\n{toctree(names)}\n", "utf-8"
    )
    reference = source / "docs" / "reference"
    reference.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (reference / f"{name}.md").write_text(page(), "utf-8")


def build(out: Path) -> int:
    """Build the site into `out`; returns Sphinx's exit code."""
    source = out.with_name(f"{out.name}-source")
    shutil.rmtree(source, ignore_errors=True)
    lay_out(source)
    return run_sphinx(source, out)


def run_sphinx(source: Path, out: Path) -> int:
    """Make HTML of the pages in `source`; a warning is an error. Returns the exit code."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    command += ["-d", str(source.with_name(f"{source.name}-read"))]
    return subprocess.run([*command, "-c", str(Path(__file__).parent), source, out], check=False).returncode


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1])))
