"""A case behind the API: each entry is posted as a clerk's program would, on the day on which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adjudicate import clock, db
from adjudicate.cases.queries import marker
from adjudicate.cases.registry import Registry
from tests.api.harness import Api, start
from tests.workflows.acts.judging import Refused, Told
from tests.workflows.acts.reader import PAPER
from tests.workflows.runner import ROOT, shipped
from tests.workflows.script import plain

OFFICES = {"provincial": "GD", "national": "CN"}
PARTY_KEYS = ("party", "role", "represents")


@contextmanager
def application(url: str, documents: Path) -> Iterator[Api]:
    """The application under the shipped law, with one person of every office who may do everything there."""
    rules = shipped().offices
    roles = list(rules.kinds[rules.usual].roles)
    people = {office: (office, roles) for office in OFFICES.values()}
    with start(url, ROOT / "workflows", documents, people=people) as api:
        yield api


class OverHttp:
    """A case behind the API; the paper that the scripts speak of is registered in it."""

    def __init__(self, api: Api, workflow: str) -> None:
        self.api, self.workflow = api, workflow
        levels = next(iter(shipped().versions_by_key[workflow].values())).workflow.levels
        self.who = OFFICES["national" if "national" in levels else "provincial"]
        self.case_id: str | None = None

    def enter(self, data: dict[str, Any]) -> Told:
        """Post one entry. Raises Refused."""
        _play(self.api.registry, data["effective_on"])
        body = {name: plain(value) for name, value in data.items() if name not in {"roles", "joins"}}
        body["effective_on"] = data["effective_on"].isoformat()
        body["parties"] = [_party(one) for one in data.get("joins") or ()]
        if self.case_id is None:
            answer = self.api.post("/v1/cases", {"workflow": self.workflow, **body}, self.who)
        else:
            answer = self.api.record(self.case_id, body, self.who)
        told = answer.json()
        if answer.status_code != 201:
            reasons = told.get("reasons") or []
            names = {one.get("condition") or one["code"] for one in reasons} | {told["code"]}
            raise Refused(told["code"], names, "; ".join(one["en"] for one in reasons) or str(told.get("detail")))
        if self.case_id is None:
            self.case_id = str(told["case_id"])
            self._register()
        marks = tuple((one["condition"], one.get("weight")) for one in told["irregularities"])
        advice = tuple(one.get("condition") or one["code"] for one in told["advice"])
        return Told(marks, advice, told["act"]["thread"])

    def _register(self) -> None:
        headers = self.api.headers(self.who, Content_Type="text/plain", Idempotency_Key=f"paper-{self.case_id}")
        path = f"/v1/cases/{self.case_id}/documents?name=paper.txt"
        answer = self.api.client.post(path, content=PAPER, headers=headers)
        assert answer.status_code == 201, answer.text


def _party(one: dict[str, Any]) -> dict[str, Any]:
    given = {name: one[name] for name in PARTY_KEYS if one.get(name) is not None}
    return {"id": given.pop("party"), "name": f"当事人{one['party']}", **given}


def _play(registry: Registry, day: Any) -> None:
    """Another case may have been entered on later days; the sandbox plays an earlier one all the same."""
    db.run(registry.engine, lambda tx: marker.play(tx, day, by="command-line", at=clock.now()))
