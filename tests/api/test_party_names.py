"""Who a party is through voided, restored and corrected acts: an id means one party for ever, the live act names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from adjudicate import db
from adjudicate.cases.queries import reads
from adjudicate.cases.rebuild import rebuild
from adjudicate.cases.rows import people_of
from adjudicate.verification.verifying import verify

if TYPE_CHECKING:
    from tests.api.harness import Api

JOIN = {"event": "party_added", "effective_on": "2026-03-04"}


def join(api: Api, case_id: str, name: str, **more: Any) -> int:
    """Let an opponent join; the sequence of the act."""
    party = {"role": "opponent", "name": name, **more}
    answer = api.record(case_id, {**JOIN, "parties": [party]})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["act"]["sequence"])


def rectify(api: Api, case_id: str, *corrections: dict[str, Any]) -> Any:
    body = {"corrections": [{"reason": "录入有误", **each} for each in corrections]}
    return api.post(f"/v1/cases/{case_id}/rectifications", body, "chief", If_Match=api.etag(case_id))


def void(api: Api, case_id: str, target: int) -> int:
    answer = rectify(api, case_id, {"target": target})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["act"]["sequence"])


def joined(api: Api, case_id: str, *, after: int | None = None) -> dict[str, str]:
    """The names of those who joined later, now or as known after a row of the stream."""
    query = ""
    if after is not None:
        rows = api.get(f"/v1/cases/{case_id}/events").json()["data"]
        moment = next(row["recorded_at"] for row in rows if row["sequence"] == after)
        query = f"?as_of={quote(moment)}"
    parties = api.get(f"/v1/cases/{case_id}{query}").json()["parties"]
    return {party["id"]: party["name"] for party in parties if party["id"] not in ("p1", "p2")}


def check_record(api: Api) -> None:
    """The record verifies, and writing its lists anew changes no name."""
    before = api.rows("SELECT case_id, party, name, particulars FROM parties ORDER BY case_id, party")
    assert verify(api.registry) == []
    rebuild(api.registry)
    assert api.rows("SELECT case_id, party, name, particulars FROM parties ORDER BY case_id, party") == before


def test_who_joins_after_a_voided_party_gets_another_id(api: Api) -> None:
    case_id = api.docketed()
    first = join(api, case_id, "丙公司")
    void(api, case_id, first)
    join(api, case_id, "丁公司")
    assert joined(api, case_id) == {"p4": "丁公司"}
    assert joined(api, case_id, after=first) == {"p3": "丙公司"}
    check_record(api)


def test_the_id_of_a_voided_party_cannot_be_asked_for(api: Api) -> None:
    case_id = api.docketed()
    void(api, case_id, join(api, case_id, "丙公司"))
    body = {**JOIN, "parties": [{"id": "p3", "role": "opponent", "name": "丁公司"}]}
    answer = api.record(case_id, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-party")
    assert "所填的编号已属于另一名当事人" in answer.text


def test_an_id_that_somebody_chose_is_passed_over_when_the_next_is_given(api: Api) -> None:
    case_id = api.docketed()
    void(api, case_id, join(api, case_id, "丙公司", id="p4"))
    join(api, case_id, "丁公司")
    join(api, case_id, "戊公司")
    assert joined(api, case_id) == {"p5": "丁公司", "p6": "戊公司"}


def test_the_restored_party_has_its_own_name_and_not_that_of_the_one_after(api: Api) -> None:
    case_id = api.docketed()
    third = join(api, case_id, "丙公司", address="杭州")
    voiding = void(api, case_id, third)
    fourth = join(api, case_id, "丁公司")
    void(api, case_id, fourth)
    void(api, case_id, voiding)
    assert joined(api, case_id) == {"p3": "丙公司"}
    assert api.get(f"/v1/cases/{case_id}").json()["parties"][-1]["address"] == "杭州"
    check_record(api)


def test_an_id_given_twice_by_a_former_release_means_the_party_of_the_live_act(api: Api) -> None:
    case_id = api.docketed()
    third = join(api, case_id, "丙公司")
    voiding = void(api, case_id, third)
    fourth = join(api, case_id, "丁公司", id="q")
    void(api, case_id, fourth)
    void(api, case_id, voiding)
    with db.reading(api.registry.engine) as tx:
        rows = [dict(row) for row in reads.event_rows(tx, case_id)]
    reused = next(row for row in rows if row["sequence"] == fourth)
    reused["joins"] = [{**reused["joins"][0], "party": "p3"}]
    reused["particulars"] = {"people": {"p3": reused["particulars"]["people"]["q"]}}
    assert people_of(rows)["p3"].name == "丙公司"


def test_a_corrected_name_holds_from_the_correction_on_and_the_id_stays(api: Api) -> None:
    case_id = api.docketed()
    third = join(api, case_id, "丙公司")
    act = {**JOIN, "parties": [{"role": "opponent", "name": "丙股份公司"}]}
    corrected = rectify(api, case_id, {"target": third, "act": act})
    assert corrected.status_code == 201, corrected.text
    assert joined(api, case_id) == {"p3": "丙股份公司"}
    assert joined(api, case_id, after=third) == {"p3": "丙公司"}
    void(api, case_id, corrected.json()["act"]["sequence"])
    assert joined(api, case_id) == {"p3": "丙公司"}
    check_record(api)


def test_a_corrected_day_leaves_the_party_its_name(api: Api) -> None:
    case_id = api.docketed()
    third = join(api, case_id, "丙公司")
    act = {**JOIN, "effective_on": "2026-03-05"}
    assert rectify(api, case_id, {"target": third, "act": act}).status_code == 201
    assert joined(api, case_id) == {"p3": "丙公司"}
    check_record(api)


@pytest.mark.parametrize("other", ["丁公司", "丙公司"])
def test_a_voiding_and_a_new_joining_in_one_rectification_are_two_parties(api: Api, other: str) -> None:
    case_id = api.docketed()
    third = join(api, case_id, "丙公司")
    act = {**JOIN, "parties": [{"role": "opponent", "name": other}]}
    noted = api.record(case_id, {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "误"}})
    target = noted.json()["act"]["sequence"]
    answer = rectify(api, case_id, {"target": third}, {"target": target, "act": act})
    assert answer.status_code == 201, answer.text
    assert joined(api, case_id) == {"p4": other}
    check_record(api)
