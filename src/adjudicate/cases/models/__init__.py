"""The tables of cases: history that is only ever added to, and the caches that are folded from it; no query here."""

from adjudicate.cases.models.case_file import (
    case_officers,
    document_requests,
    documents,
    file_entries,
    file_particulars,
)
from adjudicate.cases.models.history import cases, docket_counters, docket_numbers, event_particulars, events
from adjudicate.cases.models.kept_texts import calendars, holiday_notices, law_texts
from adjudicate.cases.models.material import idempotency, marker, outbox, worker_heartbeats
from adjudicate.cases.models.work_lists import agenda, case_numbers, case_people, deadlines, hearings, parties

__all__ = [
    "agenda",
    "calendars",
    "case_numbers",
    "case_officers",
    "case_people",
    "cases",
    "deadlines",
    "docket_counters",
    "docket_numbers",
    "document_requests",
    "documents",
    "event_particulars",
    "events",
    "file_entries",
    "file_particulars",
    "hearings",
    "holiday_notices",
    "idempotency",
    "law_texts",
    "marker",
    "outbox",
    "parties",
    "worker_heartbeats",
]
