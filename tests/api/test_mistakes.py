"""Forty mistakes and more on purpose over HTTP: each answer names cause and remedy, alike in Chinese and English."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from adjudicate import db
from adjudicate.definition.catalogue import load
from tests.api.course import HEARING
from tests.api.harness import start
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.api.harness import Api

TODAY = "2026-04-20"
LAW = ROOT / "workflows"
PEOPLE = {
    "officer": ("HZ", ["case_officer"]),
    "panel": ("HZ", ["panel"]),
    "head": ("HZ", ["head", "case_officer"]),
    "administrator": ("HZ", ["administrator"]),
    "stranger": ("GZ", ["case_officer"]),
}
MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8")) or []
DOCKETING = {
    "panel": ["甲", "乙", "丙"],
    "requester_standing": "patentee",
    "respondent_clear": True,
    "request_specific": True,
    "within_jurisdiction": True,
    "other_route": "none",
    "papers_complete": True,
    "requester_origin": "mainland",
    "fixed_domicile": {"p2": "in_prc", "p3": "in_prc"},
}
HELD = {
    "hearing_held_on": "2026-04-15",
    "hearing_course": "both_sides",
    "attendance": ["p1", "p2", "p3"],
    "heard_by": ["甲", "乙", "丙"],
}
GIVEN = {"DOCKETING": DOCKETING, "HEARING": HEARING, "HELD": HELD}
# Names of the protocol, which have no Chinese.
PROTOCOL = re.compile(r"Idempotency-Key|If-Match|Authorization|ETag|JSON|UTF-8|HTTP")
# People on a list are called as they call themselves, in either language.
NAMES = re.compile("[甲乙丙丁]")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def opening(received: str) -> dict[str, Any]:
    return {
        "workflow": "patent-adjudication",
        "event": "request_received",
        "effective_on": received,
        "by": "requester",
        "facts": {"patent_number": "ZL202320000001.0", "patent_kind": "utility_model"},
        "parties": [
            {"role": "requester", "name": "甲公司"},
            {"role": "respondent", "name": "乙公司"},
            {"role": "respondent", "name": "丙公司"},
        ],
    }


def done(answer: Any) -> Any:
    assert answer.status_code == 201, answer.text
    return answer


def act(api: Api, case_id: str, event: str, on: str, who: str = "officer", **more: Any) -> Any:
    return done(api.record(case_id, {"event": event, "effective_on": on, **more}, who))


def registered(api: Api, case_id: str, text: str) -> str:
    """A receipt on the file of the case, as a fact names it."""
    headers = api.headers("officer", Content_Type="text/plain")
    path = f"/v1/cases/{case_id}/documents?name=receipt.txt"
    return str(done(api.client.post(path, content=text.encode(), headers=headers)).json()["fact"])


def served(api: Api, case_id: str, party: str, document: str, sent: str, on: str) -> None:
    """A document served on a party in person, with its receipt on file."""
    facts = {"document": document, "method": "direct"}
    answer = act(api, case_id, "service_attempted", sent, party=party, facts=facts)
    receipt = {"received_by": "addressee", "proof": registered(api, case_id, f"{party} {document}")}
    act(api, case_id, "service_completed", on, thread=answer.json()["act"]["thread"], facts=receipt)


def furnished(api: Api) -> dict[str, str]:
    """The cases at which the mistakes are made; what is refused leaves them as they are."""
    cases = {
        name: str(done(api.post("/v1/cases", opening(day), "officer")).json()["case_id"])
        for name, day in (
            ("requested", "2026-04-13"),
            ("overdue", "2026-03-02"),
            ("docketed", "2026-03-02"),
            ("hearing", "2026-03-02"),
        )
    }
    cases["refused"] = str(done(api.post("/v1/cases", opening("2026-04-13"), "officer", key="used")).json()["case_id"])
    grounds = {"non_docketing_ground": "out_of_scope", "non_docketing_reasons": "不属于本机关管辖"}
    act(api, cases["refused"], "case_not_docketed", "2026-04-15", facts=grounds)
    served(api, cases["refused"], "p1", "non_docketing_notice", "2026-04-16", "2026-04-16")
    act(api, cases["refused"], "refusal_filed", "2026-04-17")
    case_id = cases["docketed"]
    act(api, case_id, "case_docketed", "2026-03-04", facts=DOCKETING)
    served(api, case_id, "p2", "request_copy", "2026-03-05", "2026-03-06")
    request = {"document": "request_copy", "method": "direct"}
    act(api, case_id, "service_attempted", "2026-03-09", party="p3", facts=request)
    to_a_hearing(api, cases["hearing"])
    return cases


def to_a_hearing(api: Api, case_id: str) -> None:
    """Docketed, served on both, notified of a hearing on 15 April."""
    act(api, case_id, "case_docketed", "2026-03-04", facts=DOCKETING)
    for party in ("p2", "p3"):
        served(api, case_id, party, "request_copy", "2026-03-05", "2026-03-06")
    act(api, case_id, "service_on_respondents_completed", "2026-03-06")
    act(api, case_id, "evidence_stage_opened", "2026-03-30", "panel")
    act(api, case_id, "hearing_scheduled", "2026-03-31", "panel", facts=HEARING)
    for party in ("p1", "p2", "p3"):
        served(api, case_id, party, "hearing_notice", "2026-04-01", "2026-04-01")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("mistakes")
    url = f"sqlite:///{folder / 'a.db'}"
    db.migrate(url)
    with start(url, LAW, folder / "documents", people=PEOPLE, today=date.fromisoformat(TODAY)) as api:
        yield api, furnished(api)


def asked(api: Api, cases: dict[str, str], mistake: dict[str, Any], language: str) -> Any:
    """Make the mistake and return what answers it."""
    who, case_id = mistake.get("who", "officer"), cases.get(mistake.get("at", ""), "")
    path = mistake.get("path", "/v1/cases/{case}/events" if case_id else "/v1/cases").format(case=case_id)
    body = mistake.get("body")
    if isinstance(body, dict):
        body = dict(body)
        for given in GIVEN.keys() & body.get("facts", {}).keys():
            body["facts"] = {**GIVEN[given], **{k: v for k, v in body["facts"].items() if k != given}}
        if "event" in body:
            body.setdefault("effective_on", TODAY)
        if not case_id and "event" in body:
            body = {**opening(TODAY), **body}
        for party in body.get("parties", []):
            party["name"] = party["name"].replace("LONG", "长" * 301)
    headers = api.headers(who, Accept_Language=language)
    if (body is not None and "path" not in mistake) or path.endswith("/rectifications"):
        headers |= {"Idempotency-Key": f"mistake-{next(api.keys)}"}
        headers |= {"If-Match": api.etag(case_id, "officer")} if case_id else {}
    for name, value in mistake.get("headers", {}).items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
    if "raw" in mistake:
        return api.client.post(path, content=mistake["raw"], headers={**headers, "Content-Type": "application/json"})
    method = "GET" if body is None else "POST"
    return api.client.request(method, path, headers=headers, **({} if body is None else {"json": body}))


def sentences(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every pair of sentences that a problem shows beside its `detail`."""
    for part in ("reasons", "errors"):
        yield from ((one["zh"], one["en"]) for one in body.get(part, []))


@cache
def keys_of_the_law() -> frozenset[str]:
    """Every name that the definitions give to something, but for single words that are plain English too."""
    found: set[str] = set()
    loaded = load(LAW)
    for kind in ("procedure", "incident"):
        for key in loaded.keys(kind):
            for day in loaded.versions(key):
                workflow = loaded.versions_by_key[key][day].workflow
                parts = (workflow.facts, workflow.conditions, workflow.states, workflow.deadlines, workflow.parties)
                found.update(name for part in parts for name in part)
                found.update(option for fact in workflow.facts.values() for option in fact.choice or ())
                found.update(step.event for step in workflow.steps)
    found |= {*loaded.registers.roles, *loaded.registers.documents}
    return frozenset(name for name in found if "_" in name)


def assert_good(zh: str, en: str) -> None:
    """The sentences hold no key and no id, each is in its own language, and neither says much less than the other."""
    for sentence in (zh, en):
        assert sentence.strip()
        assert not set(re.findall(r"[a-z]+(?:_[a-z]+)+", sentence)) & keys_of_the_law(), sentence
        assert not re.search(
            r"\bp\d+\b|[a-z]-\d+\b|[0-9a-f]{12}|working_days|\b(pydantic|JSON schema|str|dict)\b", sentence
        )
    assert not re.search(r"[A-Za-z]", PROTOCOL.sub("", zh)), zh
    assert not CHINESE.search(NAMES.sub("", en)), en
    assert re.findall(r"\d{4}-\d\d-\d\d", zh) == re.findall(r"\d{4}-\d\d-\d\d", en)
    assert 1 < len(en) / len(zh) < 7, (zh, en)


@pytest.mark.finding("E3")
def test_forty_mistakes_and_more_are_made() -> None:
    assert len({mistake["mistake"] for mistake in MISTAKES}) == len(MISTAKES) >= 40


@pytest.mark.finding("E3")
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: str(mistake["mistake"]).replace(" ", "-"))
def test_a_mistake_is_answered_with_cause_and_remedy(
    office: tuple[Api, dict[str, str]], mistake: dict[str, Any]
) -> None:
    api, cases = office
    answers = {language: asked(api, cases, mistake, language) for language in ("zh", "en")}
    for language, answer in answers.items():
        assert (answer.status_code, answer.json()["code"]) == (mistake["status"], mistake["code"]), answer.text
        assert answer.json()["detail"] == mistake[language]
    zh, en = (answer.json() for answer in answers.values())
    assert list(sentences(zh)) == list(sentences(en))
    for pair in ((mistake["zh"], mistake["en"]), (zh["title"], en["title"]), *sentences(zh)):
        assert_good(*pair)


@pytest.mark.finding("E3")
def test_whatever_may_be_next_says_why_not_in_labels(office: tuple[Api, dict[str, str]]) -> None:
    api, cases = office
    for case_id in cases.values():
        for step in api.get(f"/v1/cases/{case_id}/next", "officer").json()["data"]:
            for reason in (*step["refusals"], *step["irregularities"], *step["advice"]):
                assert_good(reason["zh"], reason["en"])
