"""The administrative ledger: every change of offices, people, roles, tokens, notices and the sandbox's day, chained.

Only administrative commands append to it, under the lock of its head. A command on a case reads the tables that it
keeps and neither locks nor reads the head.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from adjudicate import clock
from adjudicate.access import queries
from adjudicate.access.models import administration_entries, administration_particulars
from adjudicate.ledger import Head, KeptTable, Ledger, append

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection

    from adjudicate.ledger import Change

# Who acts where no person of the register does.
COMMAND_LINE = "command-line"
MIGRATION = "migration"
PROGRAM = "program"
NO_PERSON = frozenset({COMMAND_LINE, MIGRATION, PROGRAM})

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

    The entry bears the real time, also where a sandbox plays another day.
    """
    queries.move_head(tx, append(tx, ADMINISTRATION, SCOPE, locked_head(tx), replace(change, at=clock.now())))


def begin(tx: Connection) -> None:
    """Begin an administrative change: what it looks at stays as it is until the transaction ends.

    Whoever checks first and locks later may check what another change is about to overwrite.
    """
    locked_head(tx)


def locked_head(tx: Connection) -> Head:
    """Where the ledger ends; its row stays locked until the transaction ends."""
    return queries.locked_head(tx, Head(0, ADMINISTRATION.first_link(SCOPE)))


def new_row(table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A whole row of a table that the ledger keeps: what is given, and nothing in the other columns."""
    return {**dict.fromkeys(ADMINISTRATION.tables[table].table.c.keys()), **given}
