"""The administrative ledger: every change of offices, people, roles, tokens, notices and the sandbox's day, chained.

Only administrative commands append to it, under the lock of its head. A command on a case reads the tables that it
keeps and neither locks nor reads the head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate import clock
from adjudicate.access import queries
from adjudicate.access.models import administration_entries, administration_particulars
from adjudicate.definition.models import CLOCK, LINK
from adjudicate.ledger import Head, KeptTable, Ledger, append

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection

    from adjudicate.ledger import Change

# Who acts where no person of the register does.
COMMAND_LINE = "command-line"
MIGRATION = "migration"
PROGRAM = "program"
NO_PERSON = frozenset({COMMAND_LINE, MIGRATION, PROGRAM})
# What the record names as its writer where nobody is. A person with such an id would pass for it.
RESERVED = NO_PERSON | {CLOCK, LINK}

ADMINISTRATION = Ledger(
    entries=administration_entries,
    private=administration_particulars,
    tables={
        kept.name: kept
        for kept in (
            KeptTable(name="offices", key=("code",)),
            KeptTable(name="actors", key=("id",), private=("name",)),
            KeptTable(name="appointments", key=("id",)),
            KeptTable(name="tokens", key=("id",)),
            # The text of a notice is known by its digest.
            KeptTable(name="holiday_notices", key=("digest",), left_out=("source",)),
            KeptTable(name="marker", key=("id",)),
        )
    },
)
SCOPE = ""


def record(tx: Connection, change: Change) -> None:
    """Write the rows of a change into their tables and an entry about them. Raises ContentNotRecordable.

    `change.at` is real time, also where a sandbox plays another day: the moment that `begin` gave, at which the roles
    of who makes the change were looked up.
    """
    queries.move_head(tx, append(tx, ADMINISTRATION, SCOPE, locked_head(tx), change))


def begin(tx: Connection) -> datetime:
    """Begin an administrative change: what it looks at stays as it is until the transaction ends. Returns its moment.

    Whoever checks first and locks later may check what another change is about to overwrite, and whoever reads the
    clock first may record a time that another change has passed. Never before the last entry: clocks differ a little.
    """
    entered_at = queries.entered_at(tx, locked_head(tx).place)
    now = clock.now()
    return now if entered_at is None else max(now, entered_at)


def end_of_acts(tx: Connection, actor: str, at: datetime) -> datetime:
    """Wait for the acts that a person is just recording in cases; returns the moment, not before `at`, to end a role.

    A command on a case does not lock the ledger. It looks up its caller behind the lock of the case and reads the clock
    after that: without this wait, a role could end at a moment before that of an act that was still let pass, and
    verification, which compares the two, would report the act for ever.
    """
    queries.await_acts(tx, actor)
    return max(at, clock.now())


def locked_head(tx: Connection) -> Head:
    """Where the ledger ends; its row stays locked until the transaction ends."""
    return queries.locked_head(tx, Head(0, ADMINISTRATION.first_link(SCOPE)))


def new_row(table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A whole row of a table that the ledger keeps: what is given, and nothing in the other columns."""
    return {**dict.fromkeys(ADMINISTRATION.tables[table].table.c.keys()), **given}
