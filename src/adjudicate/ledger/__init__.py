"""Ledgers: chained entries that say which rows some tables hold from then on; the room knows none of those tables.

There is one for the administration of the whole database and one for the file of each case. Whoever changes a table
that a ledger keeps appends an entry, and `append` writes the rows of both; `Replay` gives the rows that follow from the
entries, so that verification compares them with what the tables hold.
"""

from adjudicate.ledger.entries import ERASED, PARTICULARS, Change, Entry, Head, KeptTable, Ledger, Replay, hash_of
from adjudicate.ledger.queries import append, entries_of, erase, kept_rows, newest_of

__all__ = [
    "ERASED",
    "PARTICULARS",
    "Change",
    "Entry",
    "Head",
    "KeptTable",
    "Ledger",
    "Replay",
    "append",
    "entries_of",
    "erase",
    "hash_of",
    "kept_rows",
    "newest_of",
]
