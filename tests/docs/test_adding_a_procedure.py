"""The walkthrough of CONTRIBUTING.md is carried out as written: one folder, no Python, and it answers over HTTP."""

from __future__ import annotations

import re
import shutil
import uuid
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from adjudicate import db
from adjudicate.api.app import create_app
from adjudicate.cases import sandbox
from adjudicate.cases.registry import Registry
from adjudicate.definition.catalogue import load
from adjudicate.settings import Settings
from tests import register
from tests.surroundings import ROOT
from tests.workflows import runner, script

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = re.findall(
    r"`workflows/([^`]+\.yaml)`[^`]*\n```yaml\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S
)


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """The shipped law with the one folder that the walkthrough writes."""
    folder = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", folder)
    for name, text in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


class Desk:
    """A clerk and a head of one office, talking to the service over HTTP."""

    def __init__(self, client: TestClient, registry: Registry, tokens: dict[str, str]) -> None:
        self.client, self.registry, self.tokens = client, registry, tokens
        self.case, self.etag = "", ""

    def today(self, day: date) -> None:
        db.run(self.registry.engine, lambda tx: sandbox.move_today(tx, day))

    def send(self, role: str, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[role]}", "Idempotency-Key": str(uuid.uuid4())}
        if self.case:
            headers["If-Match"] = self.client.get(f"/v1/cases/{self.case}", headers=headers).headers["ETag"]
        return self.client.post(path, json=body, headers=headers)

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.tokens['head']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def desk(sqlite_url: str, law: Path, tmp_path: Path) -> Iterator[Desk]:
    """The service on an empty database with that law, in a sandbox."""
    settings = Settings(database_url=sqlite_url, sandbox=True, workflows=law, documents=tmp_path / "documents")
    registry = Registry.start(settings)
    at = datetime(2025, 3, 1, tzinfo=UTC)

    def people(tx: Any) -> dict[str, str]:
        names = {"name_zh": "某省局", "name_en": "A provincial office", "docket_name": "粤"}
        register.add_office(tx, register.rules_in(registry), "GD", "440000", "provincial", **names)
        found = {}
        for role in ("case_officer", "head"):
            actor = role.replace("_", "-")
            register.add_person(tx, register.rules_in(registry), actor, "GD", [role], at=at)
            found[role] = register.token_of(tx, actor)
        return found

    tokens = db.run(registry.engine, people)
    with TestClient(create_app(settings, registry=registry)) as client:
        yield Desk(client, registry, tokens)
    registry.close()


def test_the_walkthrough_writes_one_folder_of_yaml_and_no_python() -> None:
    assert [name for name, _ in FILES] == ["typical-case/2024-04-25.yaml", "typical-case/scenarios/selection.yaml"]


def test_the_new_file_passes_every_check(law: Path) -> None:
    from adjudicate.checks import check

    report = check(law)
    assert [str(fault) for fault in report.faults if "typical-case" in fault.file] == []


def test_the_worked_example_runs(law: Path) -> None:
    (scenario,) = script.read_file(law / "typical-case/scenarios/selection.yaml", "selection.yaml")
    assert runner.run(scenario, load(law)).standing.state == "published"


def test_a_case_of_the_new_procedure_is_opened_refused_marked_and_closed_over_http(desk: Desk) -> None:
    desk.today(date(2025, 4, 1))
    assert "typical-case" in [one["key"] for one in desk.get("/v1/workflows")["data"]]
    opened = desk.send("case_officer", "/v1/cases", {
        "workflow": "typical-case", "event": "case_nominated", "effective_on": "2025-03-03", "by": "case_officer",
        "facts": {"summary": "实用新型专利侵权纠纷", "review_time": "10 working_days"},
    })  # fmt: skip
    assert opened.status_code == 201, opened.text
    desk.case = opened.json()["case_id"]
    due = {one["name"]: one["due_on"] for one in desk.get(f"/v1/cases/{desk.case}/deadlines")["data"]}
    assert due == {"review": "2025-03-17"}
    events = f"/v1/cases/{desk.case}/events"
    selected = {
        "event": "case_selected",
        "effective_on": "2025-03-21",
        "by": "head",
        "facts": {"reviewers": ["甲", "乙"]},
    }
    refused = desk.send("head", events, selected)
    assert (refused.status_code, refused.json()["code"]) == (409, "guards-unmet")
    assert [one["condition"] for one in refused.json()["reasons"]] == ["enough_reviewers"]
    late = selected | {"facts": {"reviewers": ["甲", "乙", "丙"]}}
    assert desk.send("head", events, late).json()["code"] == "irregular-not-accepted"
    marked = desk.send("head", events, late | {"accept_irregular": True, "reason": "评审专家集中出差"})
    assert marked.status_code == 201, marked.text
    assert [one["condition"] for one in marked.json()["irregularities"]] == ["review_in_time"]
    published = {"event": "case_published", "effective_on": "2025-03-24", "facts": {"published_at": "官网"}}
    assert desk.send("case_officer", events, published).status_code == 201
    assert desk.get(f"/v1/cases/{desk.case}")["stage"]["state"] == "published"
