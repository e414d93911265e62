"""The finding on the wheel: what `pip install` brings must hold the law and the migrations."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT_FROM = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "src", "migrations", "workflows")


@pytest.mark.finding("E14")
def test_the_wheel_holds_the_law_and_the_migrations(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in BUILT_FROM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
        elif source.exists():
            shutil.copy2(source, tree / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    built = subprocess.run([*command, "--wheel-dir", str(tmp_path), str(tree)], capture_output=True, check=False)
    assert built.returncode == 0, built.stderr.decode()
    (wheel,) = tmp_path.glob("*.whl")
    names = ZipFile(wheel).namelist()
    for held in ("workflows/roles.yaml", "workflows/instruments.yaml", "migrations/env.py"):
        assert any(name.endswith(f"adjudicate/{held}") for name in names), f"the wheel has no {held}"
