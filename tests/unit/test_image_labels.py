"""An image says what it is and from which commit, and keeps the licences of its packages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hub.ops import image_builder, local_images
from images import image_contents

PREFIX = "org.opencontainers.image."


@pytest.mark.parametrize("name", [each.name for each in image_contents.RECIPES])
def test_each_image_has_the_usual_labels_and_its_own(name):
    labels = image_builder.config_of(image_contents.find_recipe(name), local_images.made_of(name, "0123"))[
        "Labels"
    ]
    assert labels[f"{PREFIX}title"] == f"isomo-{name}"
    assert labels[f"{PREFIX}version"] == "0.1.0"
    assert labels[f"{PREFIX}licenses"] == "BSD-3-Clause"
    assert labels[local_images.MADE] == f"{name}:0123"
    assert all(labels[key] for key in labels if key.startswith(PREFIX))


def test_the_revision_is_a_commit_and_nothing_outside_a_repository(tmp_path):
    assert re.fullmatch(r"[0-9a-f]{40}", image_builder.checkout_commit())
    assert image_builder.checkout_commit(tmp_path) == ""


def test_the_base_keeps_the_licences_of_its_packages_and_nothing_else_of_their_documents(tmp_path):
    """The lines of the step that concern documents, run on a folder."""
    step = (local_images.STEPS / "base.sh").read_text("utf-8")
    assert not re.search(r"rm -rf [^\n]*/usr/share/doc", step)
    lines = [line for line in step.splitlines() if line.startswith("find /usr/share/doc")]
    for name in ("tar/copyright", "tar/changelog.gz", "empty/NEWS.gz", "deep/examples/a.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    script = "\n".join(lines).replace("/usr/share/doc", str(tmp_path))
    subprocess.run(["sh", "-eu", "-c", script], check=True)
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [
        Path("tar"),
        Path("tar/copyright"),
    ]
