"""The project's own files as the architecture tests read them; it judges nothing."""

from __future__ import annotations

import ast
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_PRODUCTS = {
    *(".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"),
    *("__pycache__", "adjudicate.egg-info", "build", "dist", "var"),
}
BY_PRODUCT_NAMES = (".pyc", ".db", ".db-wal", ".db-shm", ".log")
PACKAGE = ROOT / "src" / "adjudicate"


@dataclass(frozen=True)
class Source:
    """One Python file, read and parsed once."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def name(self) -> str:
        """The path inside the package, such as `api/errors.py`; outside it, the path from the root."""
        inside = self.path.is_relative_to(PACKAGE)
        return self.path.relative_to(PACKAGE if inside else ROOT).as_posix()

    def at(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"

    def strings(self) -> Iterator[ast.Constant]:
        """String constants that a running program can see: all but docstrings."""
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node

    def imports(self) -> Iterator[tuple[ast.stmt, str, str]]:
        """Each imported name as (statement, module, name); the name is empty for a plain `import module`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name, ""
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield node, node.module or "", alias.name


@cache
def product() -> tuple[Source, ...]:
    """Every Python file of the product, each parsed once for all the rules."""
    return tuple(Source(path) for path in sorted(PACKAGE.rglob("*.py")))


def everything() -> list[Source]:
    """Every Python file of the project: product, migrations, tests, benchmarks and tools."""
    folders = (PACKAGE, ROOT / "migrations", ROOT / "tests", ROOT / "benchmarks", ROOT / "tools")
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    programs = [path for path in sorted((ROOT / "tools").iterdir()) if path.is_file() and not path.suffix]
    python = [path for path in programs if "python" in path.read_text(encoding="utf-8").partition("\n")[0]]
    return [Source(path) for path in (*paths, *python)]


def tracked() -> list[Path]:
    """Every file under version control, or about to be; without git, all files that are no by-product."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not BY_PRODUCTS.intersection(path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file() and not path.name.endswith(BY_PRODUCT_NAMES)]
