"""A document that an act names lies on the file of its case; what the office has to issue is met by registering it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from adjudicate.verification.verifying import verify
from tests.api.course import OFFICERS, TODAY, Course, act
from tests.api.harness import start
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api

NOWHERE = "sha-256:" + "a" * 64
SM3 = "sm3:" + "a" * 64
EVIDENCE = act("evidence_submitted", "2026-03-10", "requester", party="p1")


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The application on the shipped law."""
    with start(database_url, ROOT / "workflows", tmp_path / "documents", people=OFFICERS, today=TODAY) as made:
        yield made


def refused(answer: Any, *pointers: str) -> list[dict[str, Any]]:
    """The reasons of a refusal for documents that are not registered, once they stand at these places."""
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["code"] == "facts-invalid"
    assert [one["code"] for one in body["reasons"]] == ["document-not-registered"] * len(pointers), body
    assert [one["details"]["pointer"] for one in body["reasons"]] == list(pointers)
    return list(body["reasons"])


@pytest.mark.finding("E4")
def test_a_proof_of_service_that_is_not_registered_in_the_case_is_refused(office: Api) -> None:
    course = Course.begin(office).docketed()
    other = Course.begin(office)
    sent = act("service_attempted", "2026-03-05", "case_officer", party="p2", document="request_copy", method="direct")
    thread = course.happen(sent)["act"]["thread"]
    done = act("service_completed", "2026-03-06", "case_officer", thread=thread)
    for proof in (NOWHERE, other.registered("他案的送达回证")):
        (reason,) = refused(course.try_it({**done, "facts": {"proof": proof}}), "/facts/proof")
        assert "送达证明" in reason["zh"]
        assert "Proof of service" in reason["en"]
    (reason,) = refused(course.try_it({**done, "facts": {"proof": SM3}}), "/facts/proof")
    assert "登记时给出的那一种" in reason["zh"]
    course.happen({**done, "facts": {"proof": course.registered()}})


@pytest.mark.finding("E4")
def test_each_piece_of_evidence_is_registered_also_in_a_late_entry_and_in_a_correction(office: Api) -> None:
    course = Course.begin(office).docketed()
    kept = course.registered("合同")
    filed = {**EVIDENCE, "facts": {"evidence_documents": [kept, NOWHERE]}}
    refused(course.try_it(filed), "/facts/evidence_documents/1")
    later = course.happen({**EVIDENCE, "effective_on": "2026-03-20"})["act"]["sequence"]
    refused(course.try_it(filed), "/facts/evidence_documents/1")
    for changed, status in ((filed, 422), ({**filed, "facts": {"evidence_documents": [kept]}}, 201)):
        body = {"corrections": [{"target": later, "reason": "漏记", "act": changed}]}
        path = f"/v1/cases/{course.case_id}/rectifications"
        answer = office.post(path, body, "head", If_Match=office.etag(course.case_id, "head"))
        assert answer.status_code == status, answer.text


@pytest.mark.finding("E4")
def test_what_the_first_act_names_is_still_to_be_registered_and_stays_when_that_act_is_corrected(office: Api) -> None:
    given = {"rights_notice_text": "权利告知", "rights_notice_method": "written", "rights_notice_document": NOWHERE}
    told = act("rights_notice_given", "2026-03-02", "case_officer", **given)
    parties = [{"role": "requester", "name": "甲公司"}]
    opened = office.post("/v1/cases", {"workflow": "patent-adjudication", **told, "parties": parties}, "officer")
    assert opened.status_code == 201, opened.text
    assert "document-not-registered" in [one["code"] for one in opened.json()["advice"]]
    course = Course(office, opened.json()["case_id"])
    (missing,) = office.get(f"/v1/cases/{course.case_id}/documents", "officer").json()["documents_missing"]
    assert (missing["fact"], missing["digest"], missing["party"]) == ("rights_notice_document", NOWHERE, None)
    corrected = {**told, "facts": {**given, "rights_notice_text": "权利告知书"}}
    body = {"corrections": [{"target": 1, "reason": "误记", "act": corrected}]}
    path = f"/v1/cases/{course.case_id}/rectifications"
    answer = office.post(path, body, "head", If_Match=office.etag(course.case_id, "head"))
    assert answer.status_code == 201, answer.text
    corrected["facts"]["rights_notice_document"] = course.registered("权利告知书")
    body["corrections"][0]["target"] = answer.json()["act"]["sequence"]
    answer = office.post(path, body, "head", If_Match=office.etag(course.case_id, "head"))
    assert answer.status_code == 201, answer.text
    assert office.get(f"/v1/cases/{course.case_id}/documents", "officer").json()["documents_missing"] == []


def due(course: Course, **query: str) -> dict[str, Any]:
    """What the office has to issue in the case, by document: the id, and the digest of what was issued."""
    path = f"/v1/cases/{course.case_id}/documents"
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = course.api.get(f"{path}?{asked}" if asked else path, course.who)
    assert answer.status_code == 200, answer.text
    return {one["document"]: (one.get("id"), one["digest"]) for one in answer.json()["documents_due"]}


def issued(course: Course, text: str, fulfils: str) -> Any:
    """A document registered for one that is due; its digest."""
    answer = course.paper(text, fulfils=fulfils)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["digest"]


@pytest.mark.finding("E4")
def test_registering_a_document_for_one_that_is_due_fulfils_it(office: Api) -> None:
    course = Course.begin(office).docketed()
    asked, nothing = due(course)["notice_to_answer"]
    assert nothing is None
    before = office.get(f"/v1/cases/{course.case_id}/documents", "officer").json()
    first = course.paper("答辩通知书", fulfils=asked)
    assert first.status_code == 201, first.text
    assert due(course)["notice_to_answer"] == (asked, first.json()["digest"])
    assert due(course)["notice_of_panel"][1] is None
    assert course.paper("答辩通知书", fulfils=due(course)["notice_of_panel"][0]).status_code == 200
    assert due(course)["notice_of_panel"][1] == first.json()["digest"]
    again = course.paper("答辩通知书（改）", fulfils=asked)
    assert due(course)["notice_to_answer"] == (asked, again.json()["digest"])
    assert due(course, as_of=first.json()["registered_at"])["notice_to_answer"] == (asked, first.json()["digest"])
    assert len(before["documents_due"]) == len(due(course))
    assert verify(office.registry) == []


@pytest.mark.finding("E4")
def test_a_document_that_nothing_asks_for_is_not_registered_as_issued(office: Api) -> None:
    course = Course.begin(office).docketed()
    asked = str(due(course)["notice_to_answer"][0])
    for wrong in (asked.replace("notice_to_answer", "ruling"), "1/notice_to_answer", "99/notice_to_answer"):
        answer = course.paper("裁决书", fulfils=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "document-not-due")
    assert course.paper("裁决书", fulfils="ruling").status_code == 422
    assert office.get(f"/v1/cases/{course.case_id}/documents", "officer").json()["documents"] == []


def rectify(course: Course, target: int, body: dict[str, Any] | None) -> int:
    """Put an act right, or make it void; the number of the new row."""
    change = {"target": target, "reason": "误记", **({} if body is None else {"act": body})}
    path = f"/v1/cases/{course.case_id}/rectifications"
    etag = course.api.etag(course.case_id, "head")
    answer = course.api.post(path, {"corrections": [change]}, "head", If_Match=etag)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["act"]["sequence"])


@pytest.mark.finding("E4")
def test_what_a_void_act_asked_for_is_no_longer_due_and_what_a_correction_asks_for_is(office: Api) -> None:
    course = Course.begin(office).docketed()
    chosen = {"evidence_length": "15 days"}
    told = course.happen(act("evidence_notice_issued", "2026-03-10", "panel", **chosen))["act"]["sequence"]
    paper = issued(course, "举证通知书", f"{told}/evidence_notice")
    again = rectify(course, told, act("evidence_notice_issued", "2026-03-11", "panel", **chosen))
    assert due(course)["evidence_notice"] == (f"{told}/evidence_notice", paper)
    rectify(course, again, None)
    assert due(course)["evidence_notice"][1] == paper
    void = rectify(course, told, None)
    assert "evidence_notice" not in due(course)
    assert course.paper("举证通知书", fulfils=f"{told}/evidence_notice").json()["code"] == "document-not-due"
    rectify(course, void, None)
    assert due(course)["evidence_notice"][1] == paper
    other = act("formalities_period_set", "2026-03-11", "panel", formalities_length="10 days")
    moved = rectify(course, told, other)
    assert "evidence_notice" not in due(course)
    assert due(course)["notice_to_complete_formalities"] == (f"{moved}/notice_to_complete_formalities", None)
    assert verify(office.registry) == []


@pytest.mark.finding("E4")
def test_verification_finds_a_request_called_fulfilled_behind_the_engine_s_back(office: Api) -> None:
    course = Course.begin(office).docketed()
    digest = issued(course, "答辩通知书", due(course)["notice_to_answer"][0])
    assert verify(office.registry) == []
    for changed in (
        "digest = NULL WHERE document = 'notice_to_answer'",
        f"digest = '{digest}' WHERE document = 'notice_of_panel'",
    ):
        with office.registry.engine.begin() as tx:
            tx.execute(text(f"UPDATE document_requests SET {changed}"))
        assert any("案卷记录" in one.zh for one in verify(office.registry))
