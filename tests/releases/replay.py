"""Worked examples of a release recorded over HTTP on their own days, each up to where it is to stay."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tests.workflows.script import Event, Scenario, plain, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api

PAPER = "$paper "
CORRECTIONS = {"corrects", "voids", "together"}


@dataclass
class Replay:
    """One example on its way: the office that has it, its case, and the row that each numbered event became."""

    scenario: Scenario
    office: str
    events: list[Event]
    case_id: str | None = None
    sequences: dict[int, int] = field(default_factory=dict)

    def schedule(self) -> Iterator[tuple[date, Event]]:
        """Every event with the day on which it is recorded; what would be refused is left out."""
        today = date.min
        for event in self.events:
            days = (event.data.get("today"), event.data.get("effective_on"))
            today = max(today, *(day for day in days if day is not None))
            if "refused" not in event.data and {"event", *CORRECTIONS} & set(event.data):
                yield today, event

    def record(self, api: Api, event: Event) -> None:
        """Record one event today."""
        data = event.data
        if CORRECTIONS & set(data):
            changes = [self._correction(one) for one in data.get("together") or [data]]
            given = api.etag(str(self.case_id), self.office)
            path = f"/v1/cases/{self.case_id}/rectifications"
            answer = api.post(path, {"corrections": changes}, self.office, If_Match=given)
        elif self.case_id is None:
            body = {"workflow": self.scenario.workflow, **self._act(api, data)}
            answer = api.post("/v1/cases", body, self.office)
        else:
            answer = api.record(self.case_id, self._act(api, data), self.office)
        assert answer.status_code == 201, (self.scenario.file, self.scenario.name, event.number, answer.text)
        done = answer.json()
        self.case_id = done["case_id"]
        self.sequences[event.number] = [one for one in done["entries"] if one["kind"] in {"act", "voided"}][-1][
            "sequence"
        ]

    def _correction(self, data: dict[str, Any]) -> dict[str, Any]:
        found = {"target": self.sequences[data.get("corrects", data.get("voids"))], "reason": data.get("reason")}
        return found if "voids" in data else {**found, "act": self._act(None, {**data, "reason": None})}

    def _act(self, api: Api | None, data: dict[str, Any]) -> dict[str, Any]:
        joins = data.get("joins") or ()
        parties = [
            {
                "id": one["party"],
                "role": one["role"],
                "name": f"{one['party']}（虚构）公司",
                "represents": one.get("represents"),
            }
            for one in joins
        ]
        at = data.get("effective_at")
        body = {
            "event": data["event"],
            "effective_on": data["effective_on"].isoformat(),
            "effective_at": at.isoformat() if isinstance(at, datetime) else at,
            "by": data.get("by"),
            "thread": data.get("thread"),
            "party": data.get("party"),
            "facts": self._papers(api, plain(data.get("facts") or {})),
            "parties": [{key: value for key, value in party.items() if value is not None} for party in parties],
            "reason": data.get("reason"),
            "accept_irregular": bool(data.get("accept_irregular")),
            "before": self.sequences[data["before"]] if "before" in data else None,
        }
        return {key: value for key, value in body.items() if value is not None}

    def _papers(self, api: Api | None, value: Any) -> Any:
        """Facts with each `$paper name` registered in the case as a document of that name."""
        if isinstance(value, dict):
            return {key: self._papers(api, inner) for key, inner in value.items()}
        if not (isinstance(value, str) and value.startswith(PAPER)) or api is None:
            return value
        headers = api.headers(self.office, Content_Type="text/plain")
        path = f"/v1/cases/{self.case_id}/documents?name={value.removeprefix(PAPER)}.txt"
        answer = api.client.post(path, content=f"{value}（虚构）".encode(), headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return f"sha-256:{answer.json()['digest']}"


def replays(workflows: Path, wanted: dict[str, Any]) -> list[Replay]:
    """Every example that is wanted, cut where it is to stay and continued where that is wanted."""
    found = []
    for file, listed in wanted["examples"].items():
        folder, name = file.split("/")
        known = {one.name: one for one in read_file(workflows / folder / "scenarios" / name, file)}
        for until, title in listed:
            scenario = known[title]
            more = [Event(until + n, 0, one) for n, one in enumerate(wanted["then"].get(title, ()), start=1)]
            events = [*(one for one in scenario.events if one.number <= until), *more]
            found.append(Replay(scenario, wanted["office_of"][scenario.region], events))
    return found
