"""The locks serve every Python and processor that an office may have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from images.lock_files import LOCKS, SETS

PROCESSORS = ("x86_64-manylinux_2_36", "aarch64-manylinux_2_36")


@pytest.mark.full
@pytest.mark.parametrize("processor", PROCESSORS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("name", SETS)
def test_every_package_has_a_wheel(name: str, python: str, processor: str, tmp_path: Path) -> None:
    """Debian 12 has Python 3.11, Ubuntu 24.04 has 3.12, Debian 13 has 3.13; nothing is built from source."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--target", str(tmp_path)]
    command += ["--python-version", python, "--python-platform", processor]
    command += ["--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", str(LOCKS / f"{name}.txt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stderr
