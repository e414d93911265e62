"""What a process holds for every command: law, calendars, clock and engine, and which of them a case is judged by."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from adjudicate.cases import kill_points
from adjudicate.cases.calendar_store import calendar_from_json, calendar_to_json, with_notices
from adjudicate.cases.errors import no_such_office, no_such_procedure
from adjudicate.cases.queries import law as law_queries
from adjudicate.cases.queries import writing
from adjudicate.cases.sandbox import guard_sandbox, sandbox_clock
from adjudicate.db import connect, require_migrated
from adjudicate.definition import catalogue as catalogues
from adjudicate.definition import kept
from adjudicate.errors import KeptLawUnreadable, NoLawInForce
from adjudicate.failures import Unavailable, explained
from adjudicate.law.calendars import calendar_for, load_calendars
from adjudicate.law.year_tables import parse_year
from adjudicate.states.fold import LegalContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection, Engine

    from adjudicate.clock import Clock, Moment
    from adjudicate.definition.catalogue import Catalogue
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.law.calendars import Calendar
    from adjudicate.settings import Settings
    from adjudicate.states.fold import Laws


# The threads that read are more: each needs its connection for a small part of its time.
READS_AT_ONCE = 10
# An office may be renamed and closed; where it stands it stays.
FIXED_OF_OFFICE = ("code", "region", "level", "parent", "path", "kind")


@dataclass(frozen=True, slots=True)
class PinnedLaws:
    """The versions of a procedure as a case knows them: those it was pinned to, and for others those now loaded."""

    loaded: Laws
    pinned: Mapping[date, Rulebook]

    def select(self, on: date) -> Rulebook:
        """The version in force on a day. Raises NoLawInForce."""
        chosen = self.loaded.select(on)
        return self.pinned.get(chosen.day, chosen)

    def at(self, day: date) -> Rulebook:
        """The version whose first day in force this is. Raises NoLawInForce."""
        return self.pinned.get(day) or self.loaded.at(day)


@dataclass
class Registry:
    """One for each process. Nothing that it caches grows stale.

    Kept laws and calendars are known by digest, and a calendar of now by the place of the newest notice in it. The
    loaded law is that of the process. Of an office only what no command changes is remembered, `FIXED_OF_OFFICE`:
    whoever changes that by hand restarts the processes.

    `engine` is for commands and the worker, `reads` for whatever only reads: a pool of its own on PostgreSQL, so that
    commands that wait for a lock leave the reads their connections. On SQLite a writer waits without a connection.
    """

    engine: Engine
    settings: Settings
    clock: Clock
    catalogue: Catalogue
    shipped: dict[str, Calendar]
    _reads: Engine | None = None
    _calendars: dict[tuple[str, int], Calendar] = field(default_factory=dict)
    _kept_calendars: dict[str, Calendar] = field(default_factory=dict)
    _kept_laws: dict[tuple[str, str], Rulebook] = field(default_factory=dict)
    _laws: dict[tuple[str, str], Laws] = field(default_factory=dict)
    _pinned: dict[tuple[str, str, tuple[str, ...]], PinnedLaws] = field(default_factory=dict)
    _stored: set[str] = field(default_factory=set)
    _offices: dict[str, dict[str, Any]] = field(default_factory=dict)
    _reading_law: Lock = field(default_factory=Lock)

    @classmethod
    def start(cls, settings: Settings, *, pool_size: int = 20) -> Registry:
        """Connect to a migrated database and load the law.

        Raises NotMigrated, SandboxMismatch, DefinitionError, and Unavailable, which then says which database and why.
        """
        url, limits = settings.database_url, settings.limits
        engine = connect(url, pool_size=pool_size, limits=limits, create=False)
        reads = None
        if engine.dialect.name == "postgresql":
            reads = connect(url, pool_size=READS_AT_ONCE, limits=limits, create=False)
        try:
            require_migrated(engine)
            try:
                guard_sandbox(engine, settings)
            except Unavailable as error:
                raise explained(error, engine.url) from error
            kill_points.arm(settings.crash_at if settings.sandbox else "")
            clock = sandbox_clock(sandbox=settings.sandbox)
            shipped = load_calendars(settings.workflows / "calendars")
            return cls(engine, settings, clock, catalogues.load(settings.workflows), shipped, reads)
        except BaseException:
            engine.dispose()
            raise

    @property
    def reads(self) -> Engine:
        """The engine for what only reads."""
        return self.engine if self._reads is None else self._reads

    def fresh(self) -> Registry:
        """The same on the same database with nothing remembered of what the database holds."""
        return Registry(self.engine, self.settings, self.clock, self.catalogue, self.shipped, self._reads)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.reads.dispose()

    def moment(self, tx: Connection) -> Moment:
        """What time it is for this transaction."""
        return self.clock.read(tx)

    def calendar(self, tx: Connection, region: str) -> Calendar:
        """The calendar of a region now: the shipped one with all loaded notices."""
        return self.calendar_with(tx, region, writing.newest_notice(tx))

    def calendar_with(self, tx: Connection, region: str, newest: int | None) -> Calendar:
        """The calendar of a region when the newest loaded notice is the one at this place."""
        key = (region, newest or 0)
        if key not in self._calendars:
            # Later notices may have been committed since the place was read.
            rows = [row for row in law_queries.notices(tx) if row["place"] <= key[1]]
            tables = [parse_year(row["source"], source=f"notice {row['place']}") for row in rows]
            self._calendars[key] = with_notices(calendar_for(self.shipped, region), region, tables)
        return self._calendars[key]

    def laws(self, workflow: str, region: str) -> Laws:
        """The versions of a procedure as loaded now. Raises WorkflowUnknown."""
        found = self._laws.get((workflow, region))
        if found is not None:
            return found
        if workflow not in self.catalogue.keys():  # noqa: SIM118 - a catalogue is no mapping, and incidents are no procedures
            raise no_such_procedure(self.catalogue.titles())
        self._laws[workflow, region] = laws = self.catalogue.laws(workflow, region)
        return laws

    def legal(self, tx: Connection, row: Mapping[Any, Any]) -> LegalContext:
        """The law a stored case is pinned to, and the calendar of today. `row` is a row of `cases`."""
        newest = row["notices"] if "notices" in row else writing.newest_notice(tx)
        return LegalContext(self.laws_of(tx, row), self.calendar_with(tx, row["region"], newest))

    def laws_of(self, tx: Connection, row: Mapping[Any, Any]) -> Laws:
        """The versions a case knows, as it was pinned to them."""
        return self.laws_by_digest(tx, row["workflow"], row["region"], row["laws"].values())

    def laws_by_digest(self, tx: Connection, workflow: str, region: str, digests: Iterable[str]) -> Laws:
        """The loaded versions of a procedure, with those of these digests as they then read."""
        wanted = (workflow, region, tuple(digests))
        if wanted not in self._pinned:
            rulebooks = [self.kept_law(tx, workflow, region, digest) for digest in wanted[2]]
            pinned = {rulebook.day: rulebook for rulebook in rulebooks}
            self._pinned[wanted] = PinnedLaws(self.laws(workflow, region), pinned)
        return self._pinned[wanted]

    def kept_law(self, tx: Connection, workflow: str, region: str, digest: str) -> Rulebook:
        """The version of this digest as it then read. Raises LookupError, KeptLawUnreadable."""
        key = (digest, region)
        if key not in self._kept_laws:
            self._kept_laws[key] = self._law_from_database(tx, workflow, region, digest)
        return self._kept_laws[key]

    def _law_from_database(self, tx: Connection, workflow: str, region: str, digest: str) -> Rulebook:
        row = law_queries.law(tx, digest)
        if row is None:
            raise KeptLawUnreadable(
                zh=f"数据库中没有摘要为 {digest[:12]} 的法律文本",
                en=f"the law with the digest {digest[:12]} is not kept in the database",
            )
        same = _loaded_with(self.laws(workflow, region), row["law_day"], digest)
        if same is not None:
            return same
        # Reading takes a good part of a second: of the threads that want the same law at once only one reads it.
        with self._reading_law:
            found = self._kept_laws.get((digest, region))
            if found is None:
                found = kept.read(row["format"], row["texts"], workflow, row["law_day"], region)
            if found.digest != digest:
                raise KeptLawUnreadable(
                    zh=f"所存法律文本 {digest[:12]} 与其摘要不符",
                    en=f"the kept law {digest[:12]} is not what its digest says",
                )
            self._kept_laws[digest, region] = found
            return found

    def kept_calendar(self, tx: Connection, digest: str) -> Calendar:
        """A calendar that dated deadlines once, out of the database."""
        if digest not in self._kept_calendars:
            row = law_queries.calendar(tx, digest)
            if row is None:
                raise KeptLawUnreadable(
                    zh=f"数据库中没有摘要为 {digest[:12]} 的工作日历",
                    en=f"the calendar with the digest {digest[:12]} is not kept in the database",
                )
            self._kept_calendars[digest] = calendar_from_json(row["body"])
        return self._kept_calendars[digest]

    def keep_law(self, tx: Connection, rulebook: Rulebook, moment: Moment, *, written: set[str]) -> None:
        """Keep the law a case is judged by; `written` are the digests of what this transaction wrote already."""
        if self._must_store(tx, rulebook.digest, law_queries.has_law, written):
            row = {"digest": rulebook.digest, "workflow": rulebook.key, "law_day": rulebook.day}
            row["format"] = rulebook.kept.format
            law_queries.keep_law(
                tx, {**row, "region": rulebook.region, "texts": dict(rulebook.kept.body), "kept_at": moment.at}
            )

    def keep_calendar(self, tx: Connection, calendar: Calendar, moment: Moment, *, written: set[str]) -> None:
        """Keep the calendar a case is dated by; `written` as for `keep_law`."""
        if self._must_store(tx, calendar.digest, law_queries.has_calendar, written):
            row = {"digest": calendar.digest, "code": calendar.code, "body": calendar_to_json(calendar)}
            law_queries.keep_calendar(tx, {**row, "kept_at": moment.at})

    def _must_store(
        self, tx: Connection, digest: str, is_stored: Callable[[Connection, str], bool], written: set[str]
    ) -> bool:
        # Only what an earlier transaction committed may be remembered: this one may yet be rolled back.
        if digest in self._stored or digest in written:
            return False
        if is_stored(tx, digest):
            self._stored.add(digest)
            return False
        written.add(digest)
        return True

    def office(self, tx: Connection, code: str) -> dict[str, Any]:
        """What no command changes of one office. Raises OfficeUnknown."""
        if code not in self._offices:
            row = writing.office_row(tx, code)
            if row is None:
                raise no_such_office()
            self._offices[code] = {name: row[name] for name in FIXED_OF_OFFICE}
        return self._offices[code]


def _loaded_with(loaded: Laws, first_day: date, digest: str) -> Rulebook | None:
    try:
        rulebook = loaded.at(first_day)
    except NoLawInForce:
        return None
    return rulebook if rulebook.digest == digest else None
