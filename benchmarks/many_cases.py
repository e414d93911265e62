"""A database of as many cases as are wanted, by set-based SQL: skewed offices, ten years, five deadlines a case."""

# ruff: noqa: E501 - SQL is easier to compare with the tables unbroken

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text

from adjudicate import clock, db
from adjudicate.access import tokens
from adjudicate.access.administration import COMMAND_LINE
from adjudicate.access.caller import Caller
from adjudicate.cases.models import cases
from benchmarks.office import WORKFLOW, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from benchmarks.office import BenchOffice

SLOTS = 20_000
YEARS = 10
GRANTS = 2_250
TABLES = ("cases", "parties", "deadlines", "agenda", "hearings", "case_numbers", "case_people", "grants")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
SYLLABLES = "安邦宝昌成创达德鼎东方飞丰福光广国海航恒宏华辉汇佳嘉建江捷金锦晶景凯康科乐力利联龙隆美民明铭宁鹏普强庆"
TRADES = "机械电子科技照明家具五金化工医疗汽车阀门"


@dataclass(frozen=True)
class ManyCases:
    """The database and who looks at it: callers by scope, and two people by whom `mine` is asked."""

    office: BenchOffice
    cases: int
    callers: dict[str, Caller]
    tokens: dict[str, str]
    sizes: dict[str, int]


@dataclass(frozen=True)
class Dialect:
    """The few words in which the two databases differ."""

    sqlite: bool

    def numbers(self, count: int) -> str:
        """A table n of the numbers from 1 on."""
        if self.sqlite:
            return (
                f"(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c) t"
            )
        return f"(SELECT generate_series(1, {count})::bigint AS n) t"

    def case_id(self, n: str) -> str:
        if self.sqlite:
            return f"printf('01900000-0000-7000-8000-%012d', {n})"
        return f"'01900000-0000-7000-8000-' || lpad(CAST({n} AS text), 12, '0')"

    def day(self, first: str, days: str) -> str:
        if self.sqlite:
            return f"date('{first}', ({days}) || ' days')"
        return f"(DATE '{first}' + CAST({days} AS int))"

    def instant(self, day: str, n: str) -> str:
        if self.sqlite:
            return f"{day} || printf(' 08:%02d:%02d.%06d', {n} % 60, {n} % 59, {n} % 999983)"
        return (
            f"(CAST({day} AS timestamptz) + {n} % 3600 * INTERVAL '1 second' + {n} % 999983 * INTERVAL '1 microsecond')"
        )

    def whole(self, number: str) -> str:
        return f"CAST({number} AS INTEGER)" if self.sqlite else f"CAST(floor({number}) AS int)"

    def padded(self, number: str, width: int) -> str:
        return f"printf('%0{width}d', {number})" if self.sqlite else f"lpad(CAST({number} AS text), {width}, '0')"

    def true(self, condition: str) -> str:
        return f"({condition})"


def chance(n: str, salt: int) -> str:
    """A number from 0 up to 1 that looks random and is the same in every run."""
    return f"((({n}) * {2654435761 + 2 * salt * 40503} + {salt} * 97531) % 1000003 / 1000003.0)"


def character(of: str, n: str) -> str:
    """One character of a text."""
    return f"substr('{of}', CAST(1 + ({n}) % {len(of)} AS int), 1)"


def build(url: str, cases: int, tell: Callable[[str], None]) -> ManyCases:
    """Migrate an empty database and fill it; the secondary indexes are made when the rows are there."""
    office = prepare(url)
    # The product's own engine bounds each statement, and begins transactions by itself on SQLite.
    engine = create_engine(url)
    dialect = Dialect(engine.dialect.name == "sqlite")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        if dialect.sqlite:
            plain.exec_driver_sql("PRAGMA foreign_keys=OFF")
            plain.exec_driver_sql("PRAGMA synchronous=OFF")
        else:
            plain.exec_driver_sql("SET session_replication_role = replica")
        sizes = _offices(plain, cases)
        # They read what `prepare` wrote, which SQLite allows no more once this connection writes.
        statements = list(_fill(office, cases, dialect, sizes))
        if dialect.sqlite:
            plain.exec_driver_sql("BEGIN")
        kept = list(_indexes(plain, dialect))
        for name, _ in kept:
            plain.exec_driver_sql(f"DROP INDEX {name}")
        for what, statement in statements:
            tell(f"filling {what}")
            plain.execute(text(statement.replace(":", "\\:")), {})
        for name, definition in kept:
            tell(f"building {name}")
            plain.exec_driver_sql(definition)
        if dialect.sqlite:
            plain.exec_driver_sql("COMMIT")
            plain.exec_driver_sql("PRAGMA foreign_keys=ON")
        else:
            plain.exec_driver_sql("SET session_replication_role = origin")
    engine.dispose()
    office.tidy()
    callers, issued = db.run(office.registry.engine, lambda tx: _people(tx, sizes))
    return ManyCases(office, cases, callers, issued, sizes)


def _offices(plain: Connection, cases: int) -> dict[str, int]:
    """31 provinces and 345 cities by Zipf's law; returns the cases of each city, the largest first."""
    cities = [f"P{number % 31 + 1:02d}C{number // 31 + 1:02d}" for number in range(345)]
    rows = [(f"P{number:02d}", "CN", f"CN/P{number:02d}/", "provincial") for number in range(1, 32)]
    rows += [(city, city[:3], f"CN/{city[:3]}/{city}/", "city") for city in cities]
    rows += [(name, "P31", f"CN/P31/{name}/", "city") for name in ("EMPTY", "GUEST")]
    kind = plain.execute(text("SELECT kind FROM offices WHERE code = 'CN'")).scalar_one()
    for code, parent, path, level in rows:
        plain.execute(
            text(
                "INSERT INTO offices (code, region, name_zh, name_en, docket_name, level, parent, path, kind)"
                " VALUES (:code, '330100', :code, :code, :code, :level, :parent, :path, :kind)"
            ),
            {"code": code, "parent": parent, "path": path, "level": level, "kind": kind},
        )
    weights = [1 / (rank + 1) for rank in range(len(cities))]
    shares = [max(1, round(SLOTS * weight / sum(weights))) for weight in weights]
    plain.exec_driver_sql("CREATE TEMPORARY TABLE slots (slot INTEGER PRIMARY KEY, office VARCHAR(32), size INTEGER)")
    slots = [
        (city, round(cases * share / sum(shares)))
        for city, share in zip(cities, shares, strict=True)
        for _ in range(share)
    ]
    plain.execute(
        text("INSERT INTO slots VALUES (:slot, :office, :size)"),
        [{"slot": slot, "office": city, "size": size} for slot, (city, size) in enumerate(slots)],
    )
    now = clock.now().replace(tzinfo=None) if plain.dialect.name == "sqlite" else clock.now()
    plain.execute(
        text(
            "INSERT INTO actors (id, name, office, roles, created_at)"
            " SELECT 'registrar-' || code, code, code, '[\"case_officer\"]', :at FROM offices WHERE code <> 'HZ'"
        ),
        {"at": now},
    )
    plain.execute(
        text(
            "INSERT INTO appointments (id, actor, office, role, from_at, given_by, given_at)"
            " SELECT 'first-' || office, id, office, 'case_officer', :at, :by, :at FROM actors"
            " WHERE id LIKE 'registrar-%'"
        ),
        {"at": now, "by": COMMAND_LINE},
    )
    plain.exec_driver_sql("CREATE TEMPORARY TABLE total AS SELECT count(*) AS slots FROM slots")
    return dict(slots)


def _indexes(plain: Connection, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The secondary indexes of the tables that are filled, with what makes them."""
    listed = ", ".join(f"'{table}'" for table in TABLES)
    if dialect.sqlite:
        query = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({listed})"
        )
    else:
        query = (
            f"SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename IN ({listed})"
            " AND indexname NOT LIKE 'pk_%'"
        )
    yield from ((row[0], row[1]) for row in plain.execute(text(query)))


def _fill(office: BenchOffice, cases: int, d: Dialect, sizes: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The statements that fill each table, by what they make."""
    yield from _fill_cases(office, cases, d)
    yield from _fill_around(office, cases, d, sizes)


def _workflow(office: BenchOffice) -> Any:
    return office.registry.catalogue.laws(WORKFLOW, "330100").at(_law_day(office)).main.workflow


def _due(office: BenchOffice, d: Dialect) -> str:
    """The day on which the running deadline of an open case is due: one in twenty is over."""
    return d.day(office.day.isoformat(), d.whole("e * 120 - 6"))


def _fill_cases(office: BenchOffice, cases: int, d: Dialect) -> Iterator[tuple[str, str]]:
    """The statements that fill the cases and their numbers, by what they make."""
    today = office.day
    first = (today - timedelta(days=365 * YEARS)).isoformat()
    workflow = _workflow(office)
    states = list(workflow.states)
    final = [name for name in states if workflow.states[name].final]
    going = [name for name in states if name not in final]
    age = f"{365 * YEARS} * (1 - n * 1.0 / {cases})"
    opened = d.whole(f"n * {365 * YEARS}.0 / {cases}")
    yield (
        "seeds",
        f"""CREATE TEMPORARY TABLE seeds AS SELECT n, slots.office, slots.size,
        {d.day(first, opened)} AS opened_on,
        ({chance("n", 2)} < CASE WHEN {age} < 120 THEN 0.9 WHEN {age} < 365 THEN 0.35 ELSE 0.01 END) AS open,
        {chance("n", 3)} AS c, {chance("n", 4)} AS e, {d.case_id("n")} AS id
        FROM {d.numbers(cases)} JOIN slots ON slots.slot = {d.whole(f"{chance('n', 1)} * (SELECT slots FROM total)")}""",
    )
    columns = (
        "law_day, law_digest, laws, calendar_digest, region, irregularities, standing, version, head_hash, workflow"
    )
    copied = ", ".join(f"source.{name.strip()}" for name in columns.split(","))
    stage = f"CASE WHEN open THEN {_choice(going, 'c')} ELSE {_choice(final, 'c')} END"
    changed = d.day(
        first,
        d.whole(
            f"min(n * {365 * YEARS}.0 / {cases} + c * 300, {365 * YEARS})"
            if d.sqlite
            else f"least(n * {365 * YEARS}.0 / {cases} + c * 300, {365 * YEARS})"
        ),
    )
    due = _due(office, d)
    year = (
        f"CAST(substr(CAST(s.opened_on AS {'TEXT' if d.sqlite else 'text'}), 1, 4) AS {'TEXT' if d.sqlite else 'text'})"
    )
    number = f"{year} || '2' || {d.padded('n % 10000000', 7)}"
    yield (
        "cases",
        f"""INSERT INTO cases (id, office, {columns}, docket_number, patent, stage, closed, opened_on, opened_at,
        opened_by, changed_at, next_due_on, settled_on)
        SELECT s.id, s.office, {copied}, s.office || '知裁字〔' || {year} || '〕' || n || '号', 'ZL' || {number} || '.' || n % 10,
        {stage}, NOT open, s.opened_on, {d.instant("s.opened_on", "n")}, 'registrar-' || s.office,
        {d.instant(changed, "n")}, CASE WHEN open AND e >= 0.03 THEN {due} END, '{today.isoformat()}'
        FROM seeds s, (SELECT * FROM cases WHERE id = '{office.case_id}') source""",
    )
    yield (
        "numbers",
        f"""INSERT INTO case_numbers (case_id, kind, number, office, opened_on)
        SELECT s.id, 'docket', lower(s.office) || '知裁字(' || {year} || ')' || n || '号', s.office, s.opened_on FROM seeds s
        UNION ALL SELECT s.id, 'patent', {number} || n % 10, s.office, s.opened_on FROM seeds s""",
    )


def _fill_around(office: BenchOffice, cases: int, d: Dialect, sizes: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The statements that fill what lies around the cases."""
    workflow = _workflow(office)
    names = [name for name, one in workflow.deadlines.items() if not one.per][:5]
    kinds = {name: workflow.deadlines[name].kind.value for name in names}
    due = _due(office, d)
    personal = f"{character(SURNAMES, 'n * 7 + p')} || {character(SYLLABLES, 'n / 3 + p * 5')}"
    personal += f" || CASE WHEN n % 3 = 0 THEN '' ELSE {character(SYLLABLES, 'n / 7 + p')} END"
    company = f"{character(SYLLABLES, 'n / 11 + p')} || {character(SYLLABLES, 'n * 13 + p * 3')}"
    company += (
        f" || {character(SYLLABLES, 'n / 5 + p * 17')} || {character(TRADES, 'n + p')} || {character(TRADES, 'n / 2')}"
    )
    name = f"CASE WHEN (n + p) % 10 = 0 THEN {personal} ELSE {company} || '有限公司' END"
    yield (
        "parties",
        f"""INSERT INTO parties (case_id, party, role, joined_on, name, name_key, particulars, office, opened_on)
        SELECT id, 'p' || p, CASE WHEN p = 1 THEN 'requester' ELSE 'respondent' END, opened_on, name, name, '{{}}', office,
        opened_on FROM (SELECT s.*, p, {name} AS name FROM seeds s, (SELECT 1 AS p UNION ALL SELECT 2) sides) named""",
    )
    listed = " UNION ALL ".join(
        f"SELECT {place} AS k, '{one}' AS name, '{kinds[one]}' AS kind" for place, one in enumerate(names)
    )
    running = "open AND k = n % 5"
    yield (
        "deadlines",
        f"""INSERT INTO deadlines (case_id, key, name, kind, status, trigger_on, started_on, due_on, provisional,
        ended_on, office)
        SELECT id, name, name, kind, CASE WHEN {running} THEN 'running' ELSE 'met' END, opened_on, opened_on,
        CASE WHEN {running} THEN CASE WHEN e >= 0.03 THEN {due} END ELSE opened_on END, {"0" if d.sqlite else "FALSE"},
        CASE WHEN {running} THEN NULL ELSE opened_on END, office FROM seeds, ({listed}) named""",
    )
    yield (
        "agenda",
        f"""INSERT INTO agenda (case_id, key, name, kind, started_on, due_on, office, opened_on, workflow, stage, closed)
        SELECT d.case_id, d.key, d.name, d.kind, d.started_on, d.due_on, c.office, c.opened_on, c.workflow, c.stage, c.closed
        FROM deadlines d JOIN cases c ON c.id = d.case_id WHERE d.status = 'running' AND d.case_id <> '{office.case_id}'""",
    )
    held = d.day(office.day.isoformat(), d.whole("CASE WHEN open THEN c * 90 - 10 ELSE c * -3000 END"))
    yield (
        "hearings",
        f"""INSERT INTO hearings (case_id, thread, hearing_on, time, room, held, office, workflow, stage, closed)
        SELECT c.id, '', {held}, '09:00', '第' || n % 7 || '庭', NOT open, c.office, c.workflow, c.stage, c.closed
        FROM seeds s JOIN cases c ON c.id = s.id WHERE n % 10 < 3""",
    )
    officer = "'officer-' || office || '-' || n % (1 + size / 600)"
    true = "1" if d.sqlite else "TRUE"
    yield (
        "people",
        f"""INSERT INTO case_people (case_id, actor, acted, office, opened_on)
        SELECT id, 'registrar-' || office, {true}, office, opened_on FROM seeds
        UNION ALL SELECT id, {officer}, {true}, office, opened_on FROM seeds""",
    )
    cities = list(sizes)
    yield (
        "grants",
        f"""INSERT INTO grants (id, case_id, office, kind, from_on, granted_by, granted_at)
        SELECT {d.case_id("n + 500000000000")}, id, CASE WHEN n % {max(1, cases // GRANTS)} = 0 THEN 'GUEST' ELSE '{cities[-1]}' END,
        'joint', opened_on, 'clerk', {d.instant("opened_on", "n")} FROM seeds
        WHERE n % {max(1, cases // GRANTS)} = 0 OR n % {max(2, cases // 10)} = 1""",
    )


def _choice(names: list[str], chance_: str) -> str:
    """One of the names; each is half as frequent as the one before it, so the last is rare."""
    limits, left = [], 1.0
    for name in names[:-1]:
        left /= 2
        limits.append(f"WHEN {chance_} >= {left:.6f} THEN '{name}'")
    return f"CASE {' '.join(limits)} ELSE '{names[-1]}' END"


def _law_day(office: BenchOffice) -> Any:
    with office.registry.engine.connect() as plain:
        return plain.execute(cases.select().where(cases.c.id == office.case_id)).mappings().one()["law_day"]


def _people(tx: Connection, sizes: dict[str, int]) -> tuple[dict[str, Caller], dict[str, str]]:
    """One caller for each scope, with a token."""
    by: dict[str, Any] = {"by": COMMAND_LINE, "at": clock.now()}
    by_size = sorted(sizes, key=lambda code: -sizes[code])
    middle = min(by_size, key=lambda code: abs(sizes[code] - sum(sizes.values()) // 400))
    scopes = {
        "nation": "CN",
        "province": "P01",
        "city": by_size[0],
        "middle": middle,
        "small": by_size[-1],
        "empty": "EMPTY",
        "granted": "GUEST",
    }
    callers, issued = {}, {}
    for scope, code in scopes.items():
        path = tx.execute(text("SELECT path FROM offices WHERE code = :code"), {"code": code}).scalar_one()
        actor = f"registrar-{code}"
        callers[scope] = Caller(
            actor=actor, name=code, roles=frozenset({"case_officer"}), office=code, office_path=path
        )
        issued[scope] = tokens.issue_token(tx, actor=actor, label="benchmark", **by)[1]
    return callers, issued
