"""A database with its documents and the command line on it, and the members of a backup; no test is here."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from sqlalchemy import text

from adjudicate import db
from adjudicate.cli import main
from tests.integration.served import Office

if TYPE_CHECKING:
    from pathlib import Path


TODAY = date(2026, 3, 5)
CONTENT = "证据一".encode() * 50_000
Members = dict[str, bytes]


@dataclass
class Place:
    """A database with its folder of documents, and the command line on it."""

    office: Office

    def run(self, *words: str, **more: str) -> Any:
        return CliRunner().invoke(main, list(words), env=self.office.environment(**more))

    def well(self, *words: str) -> str:
        """What a command prints; it must not fail."""
        done = self.run(*words)
        assert done.exit_code == 0, f"{words}: {done.output}{done.exception!r}"
        return str(done.stdout)

    def refused(self, *words: str) -> str:
        """The one line in which a command says why not."""
        done = self.run(*words)
        assert done.exit_code == 2, f"{done.output}{done.exception!r}"
        lines = str(done.stderr).strip().splitlines()
        assert re.search(r"[\u4e00-\u9fff].* / [^\u4e00-\u9fff]+$", lines[-1]), lines
        return lines[-1]

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        engine = db.connect(self.office.url)
        try:
            with db.reading(engine) as tx:
                return [tuple(row) for row in tx.execute(text(sql), values)]
        finally:
            engine.dispose()

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table as text."""
        engine = db.connect(self.office.url)
        try:
            with db.reading(engine) as tx:
                return {
                    table.name: sorted(repr(tuple(row)) for row in tx.execute(table.select()))
                    for table in db.metadata.sorted_tables
                }
        finally:
            engine.dispose()

    def is_untouched(self) -> bool:
        """Whether there is no table at all."""
        if self.office.url.startswith("sqlite"):
            return self.rows("SELECT name FROM sqlite_master") == []
        return self.rows("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == []


def members_of(path: Path) -> Members:
    with tarfile.open(path) as archive:
        return {each.name: archive.extractfile(each).read() for each in archive.getmembers()}  # type: ignore[union-attr]


def put_together(path: Path, members: Members, *, summed: bool = True) -> Path:
    """A backup of these members; with their own digests at the end unless asked otherwise."""
    if summed:
        content = {name: data for name, data in members.items() if name != "SHA256SUMS"}
        lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content.items()]
        members = {**content, "SHA256SUMS": "".join(lines).encode()}
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def digest_of(folder: Path, digest: str) -> str:
    return hashlib.sha256((folder / digest[:2] / digest).read_bytes()).hexdigest()
