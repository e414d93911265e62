"""Copies the law and the migrations, which lie beside `src`, into the built package; pyproject.toml says the rest."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
COPIED = ("workflows", "migrations")
# What the program never reads: examples that test the law, and tables for signature, generated from it.
LEFT_OUT = shutil.ignore_patterns("scenarios", "REVIEW.md", "OPEN-POINTS.md", "__pycache__")


class BuildWithLaw(build_py):
    """Builds the package with the folders in it. An editable install copies nothing: it reads them beside `src`."""

    def run(self) -> None:
        """Build from nothing, so that a file deleted since the last build does not come back."""
        if self.editable_mode:
            super().run()
            return
        package = Path(self.build_lib) / "adjudicate"
        shutil.rmtree(package, ignore_errors=True)
        super().run()
        for folder in COPIED:
            shutil.copytree(ROOT / folder, package / folder, ignore=LEFT_OUT)


setup(cmdclass={"build_py": BuildWithLaw})
