"""Builds the grading wheel: pyproject.toml says what is in it, but has no words for a file next to the packages."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHORTCUT = Path("graders/nbgrader/isomo-warm-autograde.pth")


class BuildWithShortcut(build_py):
    """Puts the `.pth` file where Python looks for one: at the top of site-packages."""

    def run(self) -> None:
        """Copy the packages, then the file."""
        super().run()
        self.copy_file(str(SHORTCUT), self._shortcut())

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return what was written."""
        return [*super().get_outputs(include_bytecode), self._shortcut()]

    def _shortcut(self) -> str:
        return str(Path(self.build_lib) / SHORTCUT.name)


setup(cmdclass={"build_py": BuildWithShortcut})
