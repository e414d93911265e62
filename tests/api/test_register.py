"""An administrator's day by the API alone: offices and people come, move, stand in and leave, and all is on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adjudicate import db
from adjudicate.cases.queries.outbox import ERASED_ANSWER
from adjudicate.verification.verifying import verify
from tests.api.harness import OPENING, REQUEST

if TYPE_CHECKING:
    from tests.api.harness import Api

HUZHOU = {
    "code": "HU", "region": "330500", "name_zh": "湖州", "name_en": "Huzhou", "docket_name": "湖", "level": "city",
    "parent": "ZJ",
}  # fmt: skip


def token(api: Api, who: str, by: str = "nation-admin") -> None:
    """Give a person of the register a token by the API and remember it under the person's id."""
    answer = api.post(f"/v1/people/{who}/tokens", {"label": "test"}, by)
    assert answer.status_code == 201, answer.text
    api.tokens[who] = answer.json()["token"]


def patch(api: Api, path: str, body: Any, who: str = "nation-admin") -> Any:
    return api.client.patch(path, json=body, headers=api.headers(who))


def add(api: Api, who: str, office: str, *roles: str, by: str = "nation-admin") -> Any:
    return api.post("/v1/people", {"id": who, "name": f"{who}某", "office": office, "roles": list(roles)}, by)


def kinds(api: Api) -> list[tuple[str, str]]:
    """What the administrative ledger says happened, and who did it."""
    from adjudicate.access.administration import ADMINISTRATION
    from adjudicate.ledger import entries_of

    with db.reading(api.registry.engine) as tx:
        return [(entry.row["kind"], entry.row["actor"]) for entry in entries_of(tx, ADMINISTRATION)]


@pytest.mark.finding("E11")
def test_a_day_of_an_administrator(api: Api) -> None:
    assert api.post("/v1/offices", HUZHOU, "nation-admin").status_code == 201
    for who, role in (("ann", "clerk"), ("ben", "clerk"), ("eve", "chief")):
        assert add(api, who, "HU", role).status_code == 201
        token(api, who)
    opened = api.post("/v1/cases", {**REQUEST, "office": "HU"}, "ann")
    assert opened.status_code == 201, opened.text
    case_id = opened.json()["case_id"]

    # One moves: the former office's cases are no longer hers.
    assert patch(api, "/v1/people/ann", {"office": "GZ", "roles": ["clerk"]}).status_code == 200
    assert api.get(f"/v1/cases/{case_id}", "ann").status_code == 404
    assert api.get("/v1/me", "ann").json()["office"] == "GZ"

    # One stands in for her at the former office, in requests that say so.
    stands_in = {"office": "HU", "role": "chief", "stands_in_for": "eve"}
    assert add(api, "sam", "WZ", "clerk").status_code == 201
    token(api, "sam")
    assert api.get(f"/v1/cases/{case_id}", "sam").status_code == 404
    appointed = api.post("/v1/people/sam/appointments", stands_in, "nation-admin")
    assert appointed.status_code == 201, appointed.text
    assert api.get(f"/v1/cases/{case_id}", "sam").status_code == 404
    assert api.get(f"/v1/cases/{case_id}", "sam", Adjudicate_Office="HU").status_code == 200
    assert api.get("/v1/me", "sam", Adjudicate_Office="HU").json()["roles"] == ["chief"]
    assert api.get("/v1/me", "sam", Adjudicate_Office="CN").status_code == 403

    # One leaves: the token ends at once, and what was recorded stays true.
    assert api.record(case_id, OPENING, "ben").status_code == 201
    left = patch(api, "/v1/people/ben", {"left": True, "reason": "调离"})
    assert left.status_code == 200
    assert left.json()["left_at"] is not None
    assert [one["in_force"] for one in left.json()["appointments"]] == [False]
    assert api.get("/v1/me", "ben").status_code == 401
    assert api.post("/v1/people/ben/tokens", {}, "nation-admin").status_code == 422

    assert verify(api.registry) == []
    told = kinds(api)
    for what in ("office_added", "person_added", "token_issued", "person_moved", "appointment_given", "person_left"):
        assert (what, "nation-admin") in told


@pytest.mark.finding("E11")
def test_a_court_sees_the_case_granted_to_it_and_nothing_else(api: Api) -> None:
    case_id, other = api.docketed(), api.docketed()
    court = {**HUZHOU, "code": "COURT", "kind": "tribunal", "name_zh": "某法院", "parent": "CN"}
    assert api.post("/v1/offices", court, "nation-admin").status_code == 201
    assert add(api, "judge", "COURT", "clerk").status_code == 422
    assert add(api, "judge", "COURT", "tribunal").status_code == 201
    token(api, "judge")
    assert api.get("/v1/cases", "judge").json()["data"] == []
    grant = {"office": "COURT", "kind": "outside"}
    assert api.post(f"/v1/cases/{case_id}/grants", grant, "chief").status_code == 201
    assert [row["id"] for row in api.get("/v1/cases", "judge").json()["data"]] == [case_id]
    assert api.get(f"/v1/cases/{case_id}", "judge").status_code == 200
    assert api.get(f"/v1/cases/{other}", "judge").status_code == 404
    assert [row["code"] for row in api.get("/v1/offices", "judge").json()["data"]] == ["COURT"]
    assert [row["id"] for row in api.get("/v1/people", "judge").json()["data"]] == ["judge"]
    assert api.get("/v1/people/clerk", "judge").status_code == 404
    assert api.get("/v1/offices/HZ", "judge").status_code == 404
    opened = api.post("/v1/cases", {**REQUEST, "office": "COURT"}, "judge")
    assert (opened.status_code, opened.json()["code"]) == (422, "office-unknown")
    assert verify(api.registry) == []


@pytest.mark.finding("E11")
def test_no_account_is_given_a_partys_role(api: Api) -> None:
    answer = add(api, "zhang", "HZ", "claimant")
    assert answer.status_code == 422
    assert answer.json()["code"] == "actor-invalid"
    assert "claimant" not in {role for kind in api.get("/v1/roles").json()["office_kinds"] for role in kind["roles"]}


@pytest.mark.finding("E11")
def test_who_ended_a_grant_is_on_record(api: Api) -> None:
    case_id = api.docketed()
    grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}, "chief").json()
    path = f"/v1/cases/{case_id}/grants/{grant['id']}"
    assert api.client.delete(path, headers=api.headers("clerk")).status_code == 204
    (row,) = api.get(f"/v1/cases/{case_id}/grants").json()["data"]
    assert (row["granted_by"], row.get("ended_by")) == ("chief", "clerk")
    assert row["ended_at"] is not None
    assert verify(api.registry) == []


@pytest.mark.finding("E11")
@pytest.mark.parametrize("what", ["grant", "document"])
def test_to_grant_access_and_to_register_a_document_asks_a_role(sqlite_api: Api, what: str) -> None:
    case_id = sqlite_api.docketed()
    assert "admin" in sqlite_api.tokens, "nobody here is an administrator and nothing more"
    if what == "grant":
        answer = sqlite_api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}, "admin")
    else:
        headers = sqlite_api.headers("admin", Content_Type="text/plain")
        answer = sqlite_api.client.post(f"/v1/cases/{case_id}/documents?name=a.txt", content=b"a", headers=headers)
    assert (answer.status_code, answer.json().get("code")) == (403, "not-permitted")


def test_who_does_not_administer_changes_nobody(sqlite_api: Api) -> None:
    assert add(sqlite_api, "zoe", "HZ", "clerk", by="chief").status_code == 403
    assert sqlite_api.post("/v1/offices", HUZHOU, "chief").status_code == 403
    assert patch(sqlite_api, "/v1/people/clerk", {"left": True}, "chief").status_code == 403


def test_an_administrator_of_a_city_reaches_no_other_city(sqlite_api: Api) -> None:
    assert add(sqlite_api, "zoe", "WZ", "clerk", by="admin").status_code == 422
    assert patch(sqlite_api, "/v1/people/neighbour", {"left": True}, "admin").status_code == 404
    assert patch(sqlite_api, "/v1/people/clerk", {"office": "WZ", "roles": ["clerk"]}, "admin").status_code == 422
    assert sqlite_api.get("/v1/people/neighbour", "admin").status_code == 404


def test_nobody_locks_themselves_out(sqlite_api: Api) -> None:
    answer = patch(sqlite_api, "/v1/people/admin", {"left": True}, "admin")
    assert answer.status_code == 422
    assert sqlite_api.get("/v1/me", "admin").json()["may"] == ["administer"]


def test_a_token_ends_by_itself_unless_the_command_line_says_otherwise(sqlite_api: Api) -> None:
    token(sqlite_api, "clerk")
    row = sqlite_api.get("/v1/people/clerk/tokens", "clerk").json()["data"][0]
    ends = datetime.fromisoformat(row["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < ends < timedelta(days=91)
    assert row["issued_by"] == "nation-admin"


def test_a_repeated_command_of_an_administrator_happens_once(sqlite_api: Api) -> None:
    body = {"id": "zoe", "name": "周", "office": "HZ", "roles": ["clerk"]}
    answers = [sqlite_api.post("/v1/people", body, "admin", key="same") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert kinds(sqlite_api).count(("person_added", "admin")) == 1


def test_an_office_with_people_is_not_closed_and_a_closed_one_opens_no_case(sqlite_api: Api) -> None:
    assert sqlite_api.post("/v1/offices", HUZHOU, "nation-admin").status_code == 201
    assert add(sqlite_api, "zoe", "HU", "clerk").status_code == 201
    assert patch(sqlite_api, "/v1/offices/HU", {"closed": True}).status_code == 422
    assert patch(sqlite_api, "/v1/people/zoe", {"office": "HZ", "roles": ["clerk"]}).status_code == 200
    assert patch(sqlite_api, "/v1/offices/HU", {"closed": True}).status_code == 200
    answer = sqlite_api.post("/v1/cases", {**REQUEST, "office": "HU"}, "nation")
    assert answer.json()["code"] == "office-unknown"
    assert add(sqlite_api, "yan", "HU", "clerk").status_code == 422


def test_the_name_of_who_left_can_be_erased_and_both_chains_stay_whole(api: Api) -> None:
    assert add(api, "zoe", "HZ", "clerk").status_code == 201
    assert api.post("/v1/people/zoe/erasures", {"reason": "依申请"}, "nation-admin").status_code == 422
    assert patch(api, "/v1/people/zoe", {"left": True}).status_code == 200
    erased = api.post("/v1/people/zoe/erasures", {"reason": "依申请"}, "nation-admin")
    assert (erased.status_code, erased.json()["name"]) == (200, None)
    assert ("name_erased", "nation-admin") in kinds(api)
    assert verify(api.registry) == []


def test_an_erasure_across_events_and_a_document_leaves_the_chains_whole_and_is_on_record(api: Api) -> None:
    case_id = api.docketed()
    headers = api.headers("clerk", Content_Type="text/plain")
    path = f"/v1/cases/{case_id}/documents"
    document = api.client.post(f"{path}?name=张三的申请.txt", content="张三".encode(), headers=headers).json()["digest"]
    events = [row["sequence"] for row in api.get(f"/v1/cases/{case_id}/events").json()["data"]]
    body = {"events": events[:1], "documents": [document], "reason": "依申请删除"}
    refused = api.post(f"/v1/cases/{case_id}/erasures", body, "clerk")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    erased = api.post(f"/v1/cases/{case_id}/erasures", body, "chief")
    assert erased.status_code == 201, erased.text

    assert [row["name"] for row in api.get(f"/v1/cases/{case_id}").json()["parties"]] == [None, None]
    assert api.get("/v1/cases?party=公司").json()["data"] == []
    assert [row["name"] for row in api.get(path).json()["documents"]] == [None]
    assert api.get(f"{path}/{document}").status_code == 410
    assert not list(api.registry.settings.documents.rglob(document))
    again = api.post(f"/v1/cases/{case_id}/erasures", body, "chief")
    assert (again.status_code, again.json()["code"]) == (422, "nothing-to-erase")
    assert verify(api.registry, documents=True) == []
    # A fingerprint is a digest of what was asked: with the rest known, a number of four digits is found by trying.
    kept = api.rows("SELECT fingerprint FROM idempotency WHERE body = :body", body=ERASED_ANSWER)
    assert set(kept) == {("",)}
    # The case goes on.
    noted = {"event": "noted", "effective_on": "2026-03-04", "facts": {"remark": "x", "contact": "y"}}
    assert api.record(case_id, noted).status_code == 201
    assert verify(api.registry, documents=True) == []


def test_the_officer_in_charge_has_the_case_on_the_own_list_and_the_former_one_no_longer(api: Api) -> None:
    case_id = api.docketed("chief")
    assert api.get(f"/v1/cases/{case_id}").json()["officer"] is None
    path = f"/v1/cases/{case_id}/officer"

    def assign(who: str, by: str = "chief") -> Any:
        return api.client.put(path, json={"officer": who}, headers=api.headers(by))

    def mine(who: str) -> list[str]:
        return [row["id"] for row in api.get("/v1/cases?mine=true", who).json()["data"]]

    assert mine("clerk") == []
    assert assign("clerk").status_code == 200
    assert mine("clerk") == [case_id]
    assert assign("province").status_code == 200
    assert mine("clerk") == []
    assert mine("province") == [case_id]
    assert mine("chief") == [case_id]
    assert api.get(path).json()["officer"] == "province"
    assert [row["officer"] for row in api.get(path).json()["data"]] == ["clerk", "province"]
    assert assign("neighbour").json()["code"] == "officer-unknown"
    assert assign("clerk", by="admin").json()["code"] == "not-permitted"
    assert verify(api.registry) == []


def test_who_reassigns_the_cases_of_a_leaver_finds_them_by_officer_also_after_the_leave(api: Api) -> None:
    case_id, other = api.docketed("chief"), api.docketed("chief")
    path = f"/v1/cases/{case_id}/officer"

    def in_charge(who: str, more: str = "") -> list[str]:
        return [row["id"] for row in api.get(f"/v1/cases?officer={who}{more}", "chief").json()["data"]]

    def assign(who: str) -> int:
        return int(api.client.put(path, json={"officer": who}, headers=api.headers("chief")).status_code)

    assert assign("clerk") == 200
    assert (in_charge("clerk"), in_charge("clerk", "&closed=true")) == ([case_id], [])
    assert (in_charge("chief"), in_charge("nobody")) == ([], [])
    for listed in ("deadlines", "hearings"):
        rows = api.get(f"/v1/{listed}?officer=clerk", "chief").json()["data"]
        assert {row["case"]["id"] for row in rows} <= {case_id}
    assert api.get("/v1/deadlines?officer=clerk", "chief").json()["data"]
    assert api.get("/v1/cases?officer=clerk", "neighbour").json()["data"] == []
    left = api.client.patch(
        "/v1/people/clerk", json={"left": True, "reason": "退休"}, headers=api.headers("admin", key="leave")
    )
    assert left.status_code == 200, left.text
    assert in_charge("clerk") == [case_id]
    assert assign("province") == 200
    assert (in_charge("clerk"), in_charge("province")) == ([], [case_id])
    assert other not in in_charge("province")


def test_who_sits_on_the_panel_as_a_person_of_the_register_has_the_case_on_the_own_list(api: Api) -> None:
    case_id = api.open("chief")
    opened = {**OPENING, "facts": {**OPENING["facts"], "panel": ["clerk", "张三", "province"]}}
    assert api.record(case_id, opened, "chief").status_code == 201
    for who in ("clerk", "province", "chief"):
        assert [row["id"] for row in api.get("/v1/cases?mine=true", who).json()["data"]] == [case_id]
    assert verify(api.registry) == []


@pytest.mark.finding("P5")
@pytest.mark.parametrize("name", ["clock", "link", "command-line", "migration", "program", "Clock"])
def test_nobody_is_given_an_id_that_stands_for_the_program(sqlite_api: Api, name: str) -> None:
    answer = add(sqlite_api, name, "HZ", "clerk")
    assert (answer.status_code, answer.json().get("code")) == (422, "actor-invalid")
    assert sqlite_api.get(f"/v1/people/{name}", "nation-admin").status_code == 404


def tables_with(api: Api, words: str) -> list[str]:
    """Every table in which some column holds these words."""
    from adjudicate.db import metadata

    found = []
    with db.reading(api.registry.engine) as tx:
        for table in metadata.sorted_tables:
            rows = tx.execute(table.select()).mappings()
            if any(words in str(value) for row in rows for value in row.values()):
                found.append(table.name)
    return found


@pytest.mark.finding("P8")
def test_an_erased_name_stands_in_no_table_any_more(api: Api) -> None:
    person = {"id": "zoe", "name": "欧阳某某", "office": "HZ", "roles": ["clerk"]}
    assert api.post("/v1/people", person, "nation-admin", key="zoe").status_code == 201
    also = {"office": "WZ", "role": "clerk"}
    assert api.post("/v1/people/zoe/appointments", also, "nation-admin", key="also").status_code == 201
    assert patch(api, "/v1/people/zoe", {"name": "欧阳某"}).status_code == 200
    assert patch(api, "/v1/people/zoe", {"left": True}).status_code == 200
    assert "actors" in tables_with(api, "欧阳")
    assert api.post("/v1/people/zoe/erasures", {"reason": "依申请"}, "nation-admin").status_code == 200
    assert tables_with(api, "欧阳") == []
    # Who repeats the command learns that it was carried out, and gets no other person.
    again = api.post("/v1/people", person, "nation-admin", key="zoe")
    assert (again.status_code, again.json().get("code")) == (410, "answer-erased")
    assert verify(api.registry) == []


@pytest.mark.finding("P23")
def test_who_repeats_a_command_after_an_erasure_is_told_which_case_it_opened(api: Api) -> None:
    opened = api.post("/v1/cases", REQUEST, key="opening")
    case_id = opened.json()["case_id"]
    erased = api.post(f"/v1/cases/{case_id}/erasures", {"events": [1], "reason": "依申请"}, "chief")
    assert erased.status_code == 201, erased.text
    again = api.post("/v1/cases", REQUEST, key="opening")
    assert (again.status_code, again.json().get("code")) == (410, "answer-erased")
    assert again.headers["Location"] == opened.headers["Location"]
    assert case_id not in again.json()["detail"]
    assert "ETag" not in again.headers
    assert api.rows("SELECT count(*) FROM cases") == [(1,)]


def court(api: Api) -> None:
    """A court with a judge, who is named `judge`."""
    body = {**HUZHOU, "code": "COURT", "kind": "tribunal", "name_zh": "某法院", "parent": "CN"}
    assert api.post("/v1/offices", body, "nation-admin").status_code == 201
    assert add(api, "judge", "COURT", "tribunal").status_code == 201
    token(api, "judge")


@pytest.mark.finding("P25")
def test_a_court_does_not_learn_which_offices_there_are(sqlite_api: Api) -> None:
    court(sqlite_api)
    case_id = sqlite_api.docketed()
    sqlite_api.docketed()
    grant = {"office": "COURT", "kind": "outside"}
    assert sqlite_api.post(f"/v1/cases/{case_id}/grants", grant, "chief").status_code == 201
    for path in ("/v1/cases", "/v1/summary", "/v1/deadlines", "/v1/hearings", "/v1/people"):
        there, nowhere = (sqlite_api.get(f"{path}?office={office}", "judge") for office in ("WZ", "XX"))
        assert (there.status_code, there.text) == (nowhere.status_code, nowhere.text.replace('"XX"', '"WZ"')), path
    opened = [sqlite_api.post("/v1/cases", {**REQUEST, "office": office}, "judge") for office in ("WZ", "XX")]
    assert opened[0].content == opened[1].content
    # The office of a case granted to it is no secret.
    assert [row["id"] for row in sqlite_api.get("/v1/cases?office=HZ", "judge").json()["data"]] == [case_id]


@pytest.mark.finding("P25")
def test_no_access_is_granted_to_who_has_left_or_to_a_closed_office(sqlite_api: Api) -> None:
    case_id = sqlite_api.docketed()
    assert patch(sqlite_api, "/v1/people/stranger", {"left": True}).status_code == 200
    assert patch(sqlite_api, "/v1/offices/GZ", {"closed": True}).status_code == 200
    for holder, code in (({"actor": "stranger"}, "actor-invalid"), ({"office": "GZ"}, "office-unknown")):
        answer = sqlite_api.post(f"/v1/cases/{case_id}/grants", {**holder, "kind": "joint"}, "chief")
        assert (answer.status_code, answer.json().get("code")) == (422, code)
    assert sqlite_api.get(f"/v1/cases/{case_id}/grants").json()["data"] == []


@pytest.mark.finding("P25")
def test_the_list_of_people_is_paged_like_every_other_list(api: Api) -> None:
    names, path = [], "/v1/people?limit=3"
    while path:
        answer = api.get(path, "nation-admin")
        assert answer.status_code == 200, answer.text
        names += [row["id"] for row in answer.json()["data"]]
        link = answer.headers.get("Link")
        assert bool(link) == answer.json().get("page", {}).get("has_more")
        path = "" if link is None else link.split(">")[0].lstrip("<")
    assert names == sorted(["admin", "chief", "clerk", "nation", "nation-admin", "neighbour", "province", "stranger"])
    cursor = api.get("/v1/people?limit=3", "nation-admin").json()["page"]["next_cursor"]
    assert api.get(f"/v1/people?limit=3&cursor={cursor}", "nation").json()["code"] == "cursor-invalid"
