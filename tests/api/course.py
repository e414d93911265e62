"""A dispute under the shipped law over HTTP, walked as far as a test needs it; it asserts only that it gets there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.api.harness import Api

TODAY = date(2026, 4, 30)
OFFICERS = {
    "officer": ("GZ", ["case_officer", "panel"]),
    "head": ("GZ", ["head", "case_officer", "panel"]),
    "colleague": ("HZ", ["case_officer", "panel"]),
}
PANEL = ["甲", "乙", "丙"]
HEARING = {
    "hearing_on": "2026-04-15",
    "hearing_time": "09:30",
    "hearing_room": "第一审理庭",
    "hearing_mode": "in_person",
    "hearing_openness": "open",
}


def act(event: str, on: str, by: str, **more: Any) -> dict[str, Any]:
    """The body of an act; what is none of its own fields is a fact."""
    own = {"party", "thread", "parties", "reason", "accept_irregular"}
    facts = {name: value for name, value in more.items() if name not in own}
    body = {"event": event, "effective_on": on, "by": by, "facts": facts}
    return body | {name: value for name, value in more.items() if name in own}


@dataclass
class Course:
    """One case, and who acts in it."""

    api: Api
    case_id: str
    who: str = "officer"

    @classmethod
    def begin(cls, api: Api, who: str = "officer", **facts: Any) -> Course:
        """A request by 甲 against 乙, received on 2 March 2026."""
        given = {"patent_number": "ZL202320000001.0", "patent_kind": "utility_model"}
        parties = [{"role": "requester", "name": "甲公司"}, {"role": "respondent", "name": "乙公司"}]
        case_id = api.open(
            who, workflow="patent-adjudication", by="requester", facts={**given, **facts}, parties=parties
        )
        return cls(api, case_id, who)

    def try_it(self, body: dict[str, Any], **headers: str) -> Any:
        """The answer to an act."""
        return self.api.record(self.case_id, body, self.who, **headers)

    def happen(self, *bodies: dict[str, Any]) -> Any:
        """Record each act; the last answer's body."""
        found: Any = None
        for body in bodies:
            answer = self.try_it(body)
            assert answer.status_code == 201, (body["event"], answer.text)
            found = answer.json()
        return found

    def paper(self, text: str = "送达回证", **query: str) -> Any:
        """Register a document of this text; the answer."""
        headers = self.api.headers(self.who, Content_Type="text/plain")
        named = "&".join(f"{name}={value}" for name, value in {"name": "paper.txt", **query}.items())
        path = f"/v1/cases/{self.case_id}/documents?{named}"
        return self.api.client.post(path, content=text.encode(), headers=headers)

    def registered(self, text: str = "送达回证") -> str:
        """A document of this text, registered, as a fact names it."""
        answer = self.paper(text)
        assert answer.status_code in {200, 201}, answer.text
        return str(answer.json()["fact"])

    def docketed(self, panel: list[str] = PANEL) -> Course:
        """Docketed on 4 March."""
        self.happen(act(
            "case_docketed", "2026-03-04", "case_officer", panel=panel, requester_standing="patentee",
            respondent_clear=True, request_specific=True, within_jurisdiction=True, other_route="none",
            papers_complete=True, requester_origin="mainland", fixed_domicile={"p2": "in_prc"},
        ))  # fmt: skip
        return self

    def served(self, document: str, party: str, on: str) -> None:
        """A document served on a party in person, with its proof."""
        sent = self.happen(act(
            "service_attempted", on, "case_officer", party=party, document=document, method="direct"
        ))  # fmt: skip
        thread = sent["act"]["thread"]
        self.happen(act("service_completed", on, "case_officer", thread=thread, proof=self.registered()))

    def before_the_hearing(self, panel: list[str] = PANEL) -> Course:
        """Docketed, the request served on 5 March, the evidence stage opened on 30 March."""
        self.docketed(panel)
        self.served("request_copy", "p2", "2026-03-05")
        self.happen(
            act("service_on_respondents_completed", "2026-03-06", "case_officer"),
            act("evidence_stage_opened", "2026-03-30", "panel"),
        )
        return self

    def scheduled(self, panel: list[str] = PANEL, **changed: Any) -> Any:
        """A hearing set on 31 March for 15 April; the answer's body."""
        self.before_the_hearing(panel)
        return self.happen(act("hearing_scheduled", "2026-03-31", "panel", **{**HEARING, **changed}))
