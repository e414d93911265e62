"""Whether the law, the calendars and the notices kept in the database are still what their digests say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from adjudicate.cases.calendar_store import calendar_from_json
from adjudicate.definition import kept
from adjudicate.errors import KeptLawUnreadable
from adjudicate.law.text import Text
from adjudicate.verification.findings import Finding
from adjudicate.verification.queries import whole_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, RowMapping


def kept_text_findings(tx: Connection) -> Iterator[Finding]:
    """Compute every digest anew; a missing text is found with the case that needs it."""
    for row in whole_record.kept_laws(tx):
        if (why := _amiss(row)) is not None:
            short = row["digest"][:12]
            yield Finding.of_all(f"所存法律文本 {short} 被改动{why.zh}", f"the kept law {short} was changed{why.en}")
    for row in whole_record.kept_calendars(tx):
        if not _calendar_holds(row):
            short = row["digest"][:12]
            yield Finding.of_all(f"所存日历 {short} 被改动", f"the kept calendar {short} was changed")
    for place, row in enumerate(whole_record.kept_notices(tx), start=1):
        if row["place"] != place or hashlib.sha256(row["source"].encode()).hexdigest() != row["digest"]:
            yield Finding.of_all(f"第 {place} 号放假通知缺失或被改动", f"holiday notice {place} is missing or changed")
            return


def _amiss(row: RowMapping) -> Text | None:
    """What is wrong with a kept law, beside its digest perhaps a sentence; None where it is what its row names."""
    try:
        rulebook = kept.read(row["format"], row["texts"], row["workflow"], row["law_day"], row["region"])
    except KeptLawUnreadable as error:
        return Text(f"：{error.zh}", f": {error.en}")
    return None if rulebook.digest == row["digest"] else Text("", "")


def _calendar_holds(row: RowMapping) -> bool:
    try:
        calendar = calendar_from_json(row["body"])
        return (calendar.digest, calendar.code) == (row["digest"], row["code"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
