"""How far an administrator reaches: nobody obtains, by the tokens of others, a role that is not theirs to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adjudicate.verification.verifying import verify

if TYPE_CHECKING:
    from tests.api.harness import Api


def appoint(api: Api, who: str, office: str, role: str, by: str = "nation-admin", **more: Any) -> str:
    """Give a person a role beside their own ones; the appointment's id."""
    answer = api.post(f"/v1/people/{who}/appointments", {"office": office, "role": role, **more}, by)
    assert answer.status_code == 201, answer.text
    ids = [one["id"] for one in answer.json()["appointments"] if one["office"] == office and one["role"] == role]
    return str(ids[-1])


def end(api: Api, who: str, appointment: str, by: str) -> Any:
    return api.client.delete(f"/v1/people/{who}/appointments/{appointment}", headers=api.headers(by))


@pytest.mark.finding("P3")
@pytest.mark.parametrize("later", [False, True])
def test_who_administers_a_city_gets_no_token_of_one_who_holds_a_role_further_up(api: Api, *, later: bool) -> None:
    more = {"from_at": "2199-01-01T00:00:00Z"} if later else {}
    appoint(api, "clerk", "CN", "admin", **more)
    answer = api.post("/v1/people/clerk/tokens", {}, "admin")
    assert (answer.status_code, answer.json().get("code")) == (403, "not-permitted")
    assert api.post("/v1/people/clerk/tokens", {}, "nation-admin").status_code == 201
    assert verify(api.registry) == []


@pytest.mark.finding("P3")
@pytest.mark.parametrize("how", ["appointed", "moved"])
def test_a_token_that_a_city_issued_before_does_not_gain_a_role_further_up(api: Api, how: str) -> None:
    kept = api.post("/v1/people/clerk/tokens", {}, "admin").json()["token"]
    if how == "appointed":
        appoint(api, "clerk", "CN", "admin")
    else:
        moved = {"office": "CN", "roles": ["admin"]}
        assert api.client.patch("/v1/people/clerk", json=moved, headers=api.headers("nation-admin")).is_success
    api.tokens["kept"] = kept
    assert api.get("/v1/me", "kept", Adjudicate_Office="CN").status_code == 401
    # What was issued from above, or on the machine itself, goes on.
    assert api.get("/v1/me", "clerk", Adjudicate_Office="CN").json()["may"] == ["administer"]
    assert verify(api.registry) == []


@pytest.mark.finding("P3")
def test_a_role_is_ended_by_who_administers_its_office_wherever_the_person_works(api: Api) -> None:
    appointment = appoint(api, "clerk", "CN", "admin")
    assert end(api, "clerk", appointment, "admin").status_code == 403
    assert end(api, "clerk", appointment, "nation-admin").status_code == 204

    # Under the province when appointed there, and out of its reach since.
    api.post("/v1/people", {"id": "zj", "name": "某", "office": "ZJ", "roles": ["admin"]}, "nation-admin")
    api.tokens["zj"] = api.post("/v1/people/zj/tokens", {}, "nation-admin").json()["token"]
    appointment = appoint(api, "clerk", "ZJ", "chief", "zj")
    moved = {"office": "GZ", "roles": ["clerk"]}
    assert api.client.patch("/v1/people/clerk", json=moved, headers=api.headers("nation-admin")).is_success
    assert [one["id"] for one in api.get("/v1/people/clerk", "zj").json()["appointments"]].count(appointment) == 1
    assert end(api, "clerk", appointment, "zj").status_code == 204
    # With the role gone, the person is no concern of the province's any more.
    assert api.get("/v1/people/clerk", "zj").status_code == 404
    assert verify(api.registry) == []


def test_who_leaves_is_let_go_by_the_own_office_and_every_role_ends(api: Api) -> None:
    appoint(api, "clerk", "CN", "admin")
    left = api.client.patch("/v1/people/clerk", json={"left": True}, headers=api.headers("admin"))
    assert left.status_code == 200
    assert not any(one["in_force"] for one in left.json()["appointments"])
    assert api.get("/v1/me", "clerk", Adjudicate_Office="CN").status_code == 401


def patch(api: Api, who: str, body: Any, by: str = "nation-admin") -> Any:
    return api.client.patch(f"/v1/people/{who}", json=body, headers=api.headers(by))


def in_force(api: Api, who: str) -> list[tuple[str, str, bool]]:
    """The roles held now: office, role, and whether an end is known."""
    held = api.get(f"/v1/people/{who}", "nation-admin").json()["appointments"]
    return sorted((one["office"], one["role"], one["until_at"] is not None) for one in held if one["in_force"])


SOON = "2199-01-01T00:00:00Z"


@pytest.mark.finding("P15")
def test_other_roles_at_home_leave_a_role_elsewhere_alone(api: Api) -> None:
    appoint(api, "clerk", "GZ", "clerk")
    assert patch(api, "clerk", {"office": "HZ", "roles": ["chief"]}).status_code == 200
    assert in_force(api, "clerk") == [("GZ", "clerk", False), ("HZ", "chief", False)]
    # Whoever moves away takes nothing of the former office along.
    appoint(api, "clerk", "HZ", "clerk", until_at=SOON)
    assert patch(api, "clerk", {"office": "WZ", "roles": ["clerk"]}).status_code == 200
    assert in_force(api, "clerk") == [("GZ", "clerk", False), ("WZ", "clerk", False)]
    assert verify(api.registry) == []


@pytest.mark.finding("P15")
def test_a_role_until_a_date_at_home_can_be_made_one_without_an_end(api: Api) -> None:
    appoint(api, "clerk", "HZ", "chief", until_at=SOON)
    assert api.get("/v1/people/clerk", "nation-admin").json()["roles"] == ["clerk"]
    moved = patch(api, "clerk", {"office": "HZ", "roles": ["clerk", "chief"]})
    assert moved.status_code == 200, moved.text
    assert moved.json()["roles"] == ["chief", "clerk"]
    assert in_force(api, "clerk") == [("HZ", "chief", False), ("HZ", "clerk", False)]
    assert verify(api.registry) == []


@pytest.mark.finding("P15")
def test_the_roles_listed_of_a_person_are_those_that_do_not_run_out(api: Api) -> None:
    dated = appoint(api, "clerk", "HZ", "chief", until_at=SOON)
    assert patch(api, "clerk", {"office": "HZ", "roles": ["admin"]}).json()["roles"] == ["admin"]
    assert in_force(api, "clerk") == [("HZ", "admin", False), ("HZ", "chief", True)]
    assert end(api, "clerk", dated, "nation-admin").status_code == 204
    appoint(api, "clerk", "HZ", "clerk")
    assert api.get("/v1/people/clerk", "nation-admin").json()["roles"] == ["admin", "clerk"]
    assert verify(api.registry) == []


def entries(api: Api) -> list[tuple[str, str | None]]:
    """What the administrative ledger says happened, and why."""
    return api.rows("SELECT kind, reason FROM administration_entries ORDER BY place")


@pytest.mark.finding("P17")
@pytest.mark.parametrize(
    "what",
    [
        ("/v1/people/clerk", {"left": True, "reason": "调离"}, "person_left"),
        ("/v1/people/clerk", {"name": "新名", "reason": "更名"}, "person_renamed"),
        ("/v1/people/clerk", {"office": "WZ", "roles": ["chief"], "reason": "调动"}, "person_moved"),
        ("/v1/offices/GZ", {"docket_name": "穗", "reason": "统一"}, "office_changed"),
    ],
    ids=lambda what: what[2],
)
def test_a_repeated_change_answers_alike_and_is_recorded_once_with_its_reason(api: Api, what: Any) -> None:
    path, body, kind = what
    answers = [api.client.patch(path, json=body, headers=api.headers("nation-admin")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    assert answers[0].json() == answers[1].json()
    assert [one for one in entries(api) if one[0] == kind] == [(kind, body["reason"])]
    assert verify(api.registry) == []


@pytest.mark.finding("P17")
def test_an_office_that_is_closed_twice_is_closed_once(api: Api) -> None:
    assert patch(api, "stranger", {"left": True}).status_code == 200
    close = {"closed": True, "reason": "撤并"}
    answers = [api.client.patch("/v1/offices/GZ", json=close, headers=api.headers("nation-admin")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [one for one in entries(api) if one[0] == "office_closed"] == [("office_closed", "撤并")]


@pytest.mark.finding("P18")
def test_who_holds_no_role_any_more_sees_nothing_but_themselves(api: Api) -> None:
    case_id = api.docketed()
    (held,) = api.get("/v1/people/clerk", "nation-admin").json()["appointments"]
    appoint(api, "clerk", "WZ", "clerk")
    assert end(api, "clerk", held["id"], "nation-admin").status_code == 204
    for path in ("/v1/cases", f"/v1/cases/{case_id}", "/v1/people", "/v1/offices", "/v1/summary", "/v1/deadlines"):
        answer = api.get(path, "clerk")
        assert (answer.status_code, answer.json().get("code")) == (403, "not-permitted"), path
    assert api.get("/v1/me", "clerk").json()["roles"] == []
    assert api.get("/v1/cases", "clerk", Adjudicate_Office="WZ").status_code == 200
    mine = api.get("/v1/people/clerk/tokens", "clerk").json()["data"]
    gone = api.client.delete(f"/v1/people/clerk/tokens/{mine[0]['id']}", headers=api.headers("clerk"))
    assert gone.status_code == 204
    assert api.get("/v1/me", "clerk").status_code == 401
    assert verify(api.registry) == []
