"""The docket number of a case through revocations, corrections and time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from adjudicate.verification.verifying import verify

if TYPE_CHECKING:
    from tests.api.harness import Api

NUMBER = "HZ测字〔2026〕1号"
REVOKED = {"event": "opening_revoked", "effective_on": "2026-03-04"}


def revoked(api: Api) -> tuple[str, int]:
    """A case whose docketing was revoked, and the sequence of the revocation."""
    case_id = api.docketed()
    answer = api.record(case_id, REVOKED, "chief")
    assert answer.status_code == 201, answer.text
    return case_id, int(answer.json()["act"]["sequence"])


def rectify(api: Api, case_id: str, target: int, act: dict[str, Any] | None = None) -> Any:
    correction = {"target": target, "reason": "录入有误", **({} if act is None else {"act": act})}
    body = {"corrections": [correction]}
    return api.post(f"/v1/cases/{case_id}/rectifications", body, "chief", If_Match=api.etag(case_id))


def number_after(api: Api, case_id: str, sequence: int) -> str | None:
    rows = api.get(f"/v1/cases/{case_id}/events").json()["data"]
    moment = next(row["recorded_at"] for row in rows if row["sequence"] == sequence)
    found: str | None = api.get(f"/v1/cases/{case_id}?as_of={quote(moment)}").json()["docket_number"]
    return found


def test_a_case_as_known_after_a_revocation_bears_no_number_and_before_it_does(api: Api) -> None:
    case_id, sequence = revoked(api)
    assert number_after(api, case_id, sequence) is None
    assert number_after(api, case_id, sequence - 1) == NUMBER
    assert number_after(api, case_id, 1) is None


@pytest.mark.parametrize("act", [None, {"event": "noted", "effective_on": "2026-03-04", "facts": {"remark": "x"}}])
def test_an_act_that_made_a_number_void_cannot_be_undone_and_the_refusal_names_the_number(
    api: Api, act: dict[str, Any] | None
) -> None:
    case_id, sequence = revoked(api)
    answer = rectify(api, case_id, sequence, act)
    assert (answer.status_code, answer.json()["code"]) == (409, "correction-not-possible")
    assert f"案号“{NUMBER}”作废，作废的案号不再恢复" in answer.text
    assert verify(api.registry) == []


def test_the_day_of_a_revocation_can_be_put_right_and_still_it_cannot_be_undone(api: Api) -> None:
    case_id, sequence = revoked(api)
    corrected = rectify(api, case_id, sequence, {**REVOKED, "effective_on": "2026-03-05"})
    assert corrected.status_code == 201, corrected.text
    again = corrected.json()["act"]["sequence"]
    assert api.get(f"/v1/cases/{case_id}").json()["docket_number"] is None
    assert number_after(api, case_id, again) is None
    remark = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}}
    assert rectify(api, case_id, again, remark).json()["code"] == "correction-not-possible"
    # The correction itself can be: then the first revocation holds again.
    assert rectify(api, case_id, again).status_code == 201
    assert api.get(f"/v1/cases/{case_id}").json()["stage"]["state"] == "dropped"
    assert verify(api.registry) == []


def rename(api: Api, office: str, docket_name: str) -> Any:
    return api.client.patch(
        f"/v1/offices/{office}", json={"docket_name": docket_name}, headers=api.headers("nation-admin")
    )


@pytest.mark.finding("P10")
def test_the_next_number_after_a_renaming_bears_the_new_name(api: Api) -> None:
    first = api.docketed()
    assert rename(api, "HZ", "杭").status_code == 200
    second = api.docketed()
    numbers = [api.get(f"/v1/cases/{case_id}").json()["docket_number"] for case_id in (first, second)]
    assert numbers == [NUMBER, "杭测字〔2026〕2号"]
    assert verify(api.registry) == []


@pytest.mark.finding("P10")
def test_no_two_open_offices_begin_their_docket_numbers_alike(sqlite_api: Api) -> None:
    answer = rename(sqlite_api, "HZ", "WZ")
    assert (answer.status_code, answer.json()["code"]) == (422, "office-invalid")
    office = {
        "code": "HU", "region": "330500", "name_zh": "湖州", "name_en": "Huzhou", "docket_name": "HZ", "level": "city",
        "parent": "ZJ",
    }  # fmt: skip
    answer = sqlite_api.post("/v1/offices", office, "nation-admin")
    assert (answer.status_code, answer.json()["code"]) == (422, "office-invalid")
    # An outside body numbers no cases.
    assert sqlite_api.post("/v1/offices", {**office, "kind": "tribunal"}, "nation-admin").status_code == 201
    assert rename(sqlite_api, "HZ", "HZ").status_code == 200
