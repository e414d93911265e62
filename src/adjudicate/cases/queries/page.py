"""The one place that merges what is the caller's own with what is granted into the rows of a page, by key."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import ARRAY

from adjudicate.access.models import offices
from adjudicate.cases.models import cases
from adjudicate.db import Json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Select, Table

    from adjudicate.access.queries import Sight

Keys = list[tuple[Any, ...]]
# What few cases meet is looked up first and drives; what more than this many meet is asked along the list's own order.
FEW = 500
# How far the list's own order is followed before everything that meets the filters is looked up after all.
STRETCH = 5_000
# Up to here, the cases that meet a filter are fetched and given to the list by their ids, which takes its index case by
# case. More than these stay in the database.
MANY = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The table that a list is taken from, and its order: `keys`, of which the last are unique together.

    `where` are conditions on columns of the table alone. `flags` are boolean columns that stand between office and keys
    in the index of this order, where the list is not narrowed by them. `walked`: an index leads through the whole
    table in this order.
    """

    table: Table
    case_id: ColumnElement[str]
    keys: tuple[ColumnElement[Any], ...]
    where: tuple[ColumnElement[bool], ...] = ()
    flags: tuple[ColumnElement[bool], ...] = ()
    walked: bool = True

    @property
    def office(self) -> ColumnElement[str]:
        """The office whose case a row belongs to."""
        found: ColumnElement[str] = self.table.c.office
        return found

    @property
    def by_opening(self) -> bool:
        """Whether this is the cases themselves by opening day."""
        return self.keys[0] is cases.c.opened_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """A filter that is answered by a table of its own, which carries the office and the opening day of the case.

    `looked_up` are conditions that `where` implies and an index answers: worth their cost where many cases are looked
    for, not where one is asked. `personal`: `where` names one person, whose rows are one range of an index whatever
    the office. `ordered`: the table is read in the order of opening days.
    """

    table: Table
    where: tuple[ColumnElement[bool], ...]
    looked_up: tuple[ColumnElement[bool], ...] = ()
    personal: bool = False
    ordered: bool = True

    def meets(self, case_id: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether one case meets the filter; written so that no planner looks up all cases that do."""
        asked = select(literal(1)).where(self.table.c.case_id == case_id, *self.where).limit(1)
        return asked.correlate_except(self.table).scalar_subquery().is_not(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which rows are wanted: `limit` of them behind the row with the keys `after`, within one office if it is named."""

    descending: bool
    after: Sequence[Any] | None
    limit: int
    office: str | None = None

    def order(self, keys: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """What to sort by."""
        return [key.desc() if self.descending else key.asc() for key in keys]

    def behind(self, keys: Sequence[ColumnElement[Any]]) -> tuple[ColumnElement[bool], ...]:
        """The condition that rows lie behind `after`."""
        if self.after is None:
            return ()
        start = tuple_(*(literal(value, key.type) for value, key in zip(self.after, keys, strict=True)))
        place = tuple_(*keys)
        return (place < start if self.descending else place > start,)


def page(tx: Connection, sight: Sight, source: Source, span: Span, hits: Sequence[Hits] = ()) -> Keys:
    """The keys of the rows that the caller may see and that meet all conditions and filters, in order.

    Of `hits` the first should be the one that the fewest cases meet.
    """
    if span.office is not None:
        source = replace(source, where=(*source.where, source.office == span.office))
    if not hits:
        return _rows(tx, _merged(tx, sight, source, span))
    seen = Seen(tx, sight, span.office)
    first, others = hits[0], hits[1:]
    narrowed = replace(source, where=(*source.where, *(one.meets(source.case_id) for one in others)))
    if first.ordered and source.by_opening:
        return _in_order(seen, first, narrowed, span)
    few = seen.cases(first, limit=FEW + 1)
    if len(few) <= FEW:
        return _among(tx, narrowed, span, few)
    found = _walk(seen, source, span, hits) if source.walked else None
    if found is not None:
        return found
    # Many cases meet the filter, and too few of them are near here in the list's order.
    many = seen.cases(first, limit=MANY + 1)
    return _among(tx, narrowed, span, many) if len(many) <= MANY else _among_all(seen, narrowed, span, first)


def _rows(tx: Connection, statement: Select[Any]) -> Keys:
    return [tuple(row) for row in tx.execute(statement)]


def among(tx: Connection, wanted: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """Whether a column has one of these values, given as one parameter however many they are."""
    if tx.dialect.name == "sqlite":
        listed = func.json_each(bindparam(None, list(texts), type_=Json())).table_valued("value")
        return wanted.in_(select(listed.c.value))
    return wanted == any_(bindparam(None, list(texts), type_=ARRAY(wanted.type)))


def _plain(source: Source, span: Span, *where: ColumnElement[bool]) -> Select[Any]:
    """The first rows of a source in its order, under more conditions."""
    keys = source.keys
    conditions = (*where, *source.where, *span.behind(keys))
    return select(*keys).where(*conditions).order_by(*span.order(keys)).limit(span.limit)


def _merged(tx: Connection, sight: Sight, source: Source, span: Span) -> Select[Any]:
    """The page where every condition stands in the source itself: own rows and granted ones, merged."""
    sqlite = tx.dialect.name == "sqlite"
    own = _own_on_sqlite(sight, source, span) if sqlite else _own_on_postgresql(sight, source, span)
    theirs = _granted_on_sqlite(sight, source, span) if sqlite else _granted_on_postgresql(sight, source, span)
    both = union_all(select(own.subquery("own")), select(theirs.subquery("theirs"))).subquery("page")
    return select(both).order_by(*span.order(list(both.c))).limit(span.limit)


def _own_on_sqlite(sight: Sight, source: Source, span: Span) -> Select[Any]:
    """SQLite leaves the range of each office by itself as soon as no row of it can be on the page."""
    flagged = [flag.in_((False, True)) for flag in source.flags]
    return _plain(source, span, source.office.in_(sight.offices()), *flagged)


def _granted_on_sqlite(sight: Sight, source: Source, span: Span) -> Select[Any]:
    return _plain(source, span, source.case_id.in_(sight.granted()), source.office.not_in(sight.offices()))


def _own_on_postgresql(sight: Sight, source: Source, span: Span) -> Select[Any]:
    """A page of n rows comes from at most n ranges of the index: those whose first row is among the n first.

    So each office is asked for its first row, and the n best for n rows each.
    """
    arms = [offices.c.code.label("office")]
    place: Any = offices
    for number, flag in enumerate(source.flags):
        both = values(column("flag", Boolean), name=f"flag_{number}").data([(False,), (True,)])
        arms.append(both.c.flag.label(flag.name))
        place = place.join(both, true())
    under = [offices.c.path.startswith(sight.path, autoescape=True)]
    if span.office is not None:
        under.append(offices.c.code == span.office)

    def rows(of: Sequence[ColumnElement[Any]], limit: int) -> Any:
        matching = [source.office == of[0], *(flag == given for flag, given in zip(source.flags, of[1:], strict=True))]
        return _plain(source, replace(span, limit=limit), *matching).correlate_except(source.table).lateral()

    head = rows([arm.element for arm in arms], 1)
    heads = select(*arms, *head.c).select_from(place.join(head, true())).where(*under)
    first = heads.order_by(*span.order(list(head.c))).limit(span.limit).cte("heads")
    row = rows([first.c[arm.name] for arm in arms], span.limit)
    own = select(*row.c).select_from(first.join(row, true()))
    return own.order_by(*span.order(list(row.c))).limit(span.limit)


def _granted_on_postgresql(sight: Sight, source: Source, span: Span) -> Select[Any]:
    """Case by case: as a join the planner would read the whole index in order and ask of each row whether it is one."""
    granted = sight.granted().subquery("granted")
    conditions = [source.case_id == granted.c.case_id, source.office.not_in(sight.offices())]
    conditions += [*source.where, *span.behind(source.keys)]
    row = select(*source.keys).where(*conditions).offset(0).correlate_except(source.table).lateral()
    theirs = select(*row.c).select_from(granted.join(row, true()))
    return theirs.order_by(*span.order(list(row.c))).limit(span.limit)


@dataclass(frozen=True, slots=True)
class Seen:
    """The cases within sight, all or of one office, as conditions on any table that carries the office of its case."""

    tx: Connection
    sight: Sight
    office: str | None
    codes: list[str] = field(init=False)

    def __post_init__(self) -> None:
        codes = [code for code in self.sight.codes(self.tx) if self.office in {None, code}]
        object.__setattr__(self, "codes", codes)

    def own(self, office: ColumnElement[str]) -> ColumnElement[bool]:
        return among(self.tx, office, self.codes)

    def granted(self, case_id: ColumnElement[str], office: ColumnElement[str]) -> ColumnElement[bool]:
        opened = case_id.in_(self.sight.granted())
        return opened if self.office is None else and_(opened, office == self.office)

    def places(self, hits: Hits) -> list[tuple[ColumnElement[bool], ...]]:
        """The conditions that a filter's rows are within sight, to be asked one after the other."""
        own = self.own(hits.table.c.office)
        granted = self.granted(hits.table.c.case_id, hits.table.c.office)
        # The granted cases are looked up one by one; an index over all texts would not help.
        return [(or_(own, granted),)] if hits.personal else [(own, *hits.looked_up), (granted,)]

    def read(self, hits: Hits, limit: int, span: Span | None = None) -> Keys:
        """The opening day and id of cases that meet a filter, in the order and behind the place of `span`."""
        shown = (hits.table.c.opened_on, hits.table.c.case_id)
        found: Keys = []
        for place in self.places(hits):
            statement = select(*shown).distinct().where(*place, *hits.where, *(span.behind(shown) if span else ()))
            if span is not None:
                statement = statement.order_by(*span.order(shown))
            elif hits.ordered:
                statement = statement.order_by(*(one.desc() for one in shown))
            found += _rows(self.tx, statement.limit(limit))
        return sorted(set(found), reverse=span is None or span.descending)

    def cases(self, hits: Hits, *, limit: int) -> list[str]:
        """The ids of cases that meet a filter, at most about `limit`."""
        return [case_id for _, case_id in self.read(hits, limit)]


def _among(tx: Connection, source: Source, span: Span, cases: Collection[str]) -> Keys:
    return _rows(tx, _plain(source, span, among(tx, source.case_id, cases)))


def _among_all(seen: Seen, source: Source, span: Span, hits: Hits) -> Keys:
    """The page of a source among all cases that meet a filter, without fetching them."""
    met = [select(hits.table.c.case_id).where(*place, *hits.where) for place in seen.places(hits)]
    return _rows(seen.tx, _plain(source, span, source.case_id.in_(union_all(*met))))


def _in_order(seen: Seen, hits: Hits, source: Source, span: Span) -> Keys:
    """A page of cases by opening day: the filter's own table has them in that order, and each is asked for the rest."""
    if source.where:
        asked = select(literal(1)).where(cases.c.id == hits.table.c.case_id, *source.where)
        meets = asked.correlate(hits.table).scalar_subquery().is_not(None)
        hits = replace(hits, where=(*hits.where, meets))
    return seen.read(hits, span.limit, span)[: span.limit]


def _walk(seen: Seen, source: Source, span: Span, hits: Sequence[Hits]) -> Keys | None:
    """The page out of the next stretch of the source in its own order; None if the stretch does not fill it."""
    shown = [*source.keys, source.case_id.label("of_case"), source.office.label("of_office")]
    conditions = (*source.where, *span.behind(source.keys))
    stretch = select(*shown).where(*conditions).order_by(*span.order(source.keys)).limit(STRETCH).subquery("stretch")
    keys = list(stretch.c)[: len(source.keys)]
    case_id, office = stretch.c.of_case, stretch.c.of_office
    visible = or_(seen.own(office), seen.granted(case_id, office))
    met = select(*keys).where(visible, *(one.meets(case_id) for one in hits))
    found = _rows(seen.tx, met.order_by(*span.order(keys)).limit(span.limit))
    if len(found) < span.limit and seen.tx.execute(select(func.count()).select_from(stretch)).scalar() == STRETCH:
        return None
    return found
