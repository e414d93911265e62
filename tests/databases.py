"""Fresh databases for the tests, copied from a template that was migrated once; it starts no server itself."""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DIALECTS = ("sqlite", "postgresql")


def with_psycopg(url: str) -> str:
    """The same PostgreSQL address, naming the driver the product uses."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else f"{scheme}://{rest}"


@dataclass
class Databases:
    """Makes and drops databases; `server` is asked for its address only when PostgreSQL is first wanted."""

    folder: Path
    server: Callable[[], str]
    migrate: Callable[[str], None]
    _templates: dict[str, str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    def create(self, dialect: str, *, migrated: bool = True) -> str:
        """A new database of one's own, migrated unless asked otherwise; returns its SQLAlchemy URL."""
        url = self._sqlite(migrated=migrated) if dialect == "sqlite" else self._postgresql(migrated=migrated)
        self._made.append(url)
        return url

    def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected to it."""
        self._made.remove(url)
        self._remove(url)

    def close(self) -> None:
        """Remove whatever is left, the templates last."""
        for url in (*self._made, *self._templates.values()):
            self._remove(url)
        self._made.clear()
        self._templates.clear()

    def _template(self, dialect: str) -> str:
        if dialect not in self._templates:
            url = self._sqlite(migrated=False) if dialect == "sqlite" else self._postgresql(migrated=False)
            self._templates[dialect] = url
            self.migrate(url)
            if dialect == "sqlite":
                self._fold_in_the_wal(url)
        return self._templates[dialect]

    def _sqlite(self, *, migrated: bool) -> str:
        path = self.folder / f"{uuid.uuid4().hex}.db"
        if migrated:
            shutil.copyfile(str(make_url(self._template("sqlite")).database), path)
        return f"sqlite:///{path}"

    @staticmethod
    def _fold_in_the_wal(url: str) -> None:
        connection = sqlite3.connect(str(make_url(url).database))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def _postgresql(self, *, migrated: bool) -> str:
        name = f"adjudicate_{uuid.uuid4().hex}"
        if migrated:
            template = str(make_url(self._template("postgresql")).database)
            self._disconnect_all(template)
            self._administer("CREATE DATABASE {} TEMPLATE {}", name, template)
        else:
            self._administer("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", name)
        return make_url(self.server()).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement: LiteralString, *names: str) -> None:
        address = self.server().replace("+psycopg", "", 1)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _disconnect_all(self, name: str) -> None:
        # A template that anyone is connected to cannot be copied; a migration's pool may not be closed yet.
        address = self.server().replace("+psycopg", "", 1)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def _remove(self, url: str) -> None:
        database = str(make_url(url).database)
        if url.startswith("sqlite"):
            for suffix in ("", "-wal", "-shm"):
                (self.folder / f"{database}{suffix}").unlink(missing_ok=True)
        else:
            self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)
