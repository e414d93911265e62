"""Nobody learns of a case that is neither under his office nor granted to him: shown on every route there is."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from adjudicate import clock, db
from adjudicate.access import people
from adjudicate.access.administration import COMMAND_LINE
from tests import register
from tests.api.harness import OPENING, REQUEST

if TYPE_CHECKING:
    from tests.api.harness import Api

PAPER = b"%PDF a paper of the hidden case"
DIGEST = hashlib.sha256(PAPER).hexdigest()
NOTE = {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}}
BODIES: dict[str, Any] = {
    "record_event": NOTE,
    "rectify_record": {"corrections": [{"target": 2, "reason": "x"}]},
    "grant_access": {"office": "WZ", "kind": "joint"},
    "erase_particulars": {"events": [1], "reason": "x"},
    "assign_officer": {"officer": "clerk"},
}
FILTERS = (
    "",
    "limit=1",
    "patent=ZL201510299950.3",
    "party=甲公司",
    "docket_number=HZ测字〔2026〕1号",
    "office=HZ",
    "stage=opened",
    "workflow=test-dispute",
    "closed=false",
    "mine=true",
    "officer=clerk",
)
LISTS = {
    "list_cases": ("/v1/cases", (*FILTERS, "sort=opened_on", "sort=changed_at", "due_before=2026-12-31")),
    "list_deadlines": (
        "/v1/deadlines",
        (*FILTERS, "sort=-due_on", "kind=duty", "status=met", "undated=true", "name=decision", "due_after=2026-01-01"),
    ),
    "list_hearings": ("/v1/hearings", (*FILTERS, "room=一庭", "held_after=2026-01-01")),
    "read_summary": ("/v1/summary", ("", "office=HZ", "office=GZ")),
    "read_article": ("/v1/articles/TEST/2", ("",)),
    "list_cases_of_article": ("/v1/articles/TEST/2/cases", ("", "limit=1", "office=HZ")),
}
# What says nothing about any case, whoever asks.
OF_NO_CASE = {
    *("list_workflows", "read_workflow", "read_version", "read_diagram", "read_due_date", "probe_alive", "probe_ready"),
    *("read_metrics", "read_problem", "read_today", "play_day", "open_case"),
    *("read_me", "list_roles", "list_offices", "read_office", "add_office", "change_office", "list_people"),
    *("read_person", "add_person", "change_person", "appoint_person", "end_appointment", "list_tokens", "issue_token"),
    *("revoke_token", "erase_name", "read_instrument"),
}


def operations(api: Api) -> list[tuple[str, str, str]]:
    """Every operation of the application as (id, method, path)."""
    document = api.client.get("/openapi.json").json()
    return [
        (operation["operationId"], method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def hidden_case(api: Api) -> dict[str, str]:
    """A case of Hangzhou with everything a case may have, and the names by which its parts are addressed."""
    case_id = api.docketed()
    hearing = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}
    assert api.record(case_id, {"event": "hearing_fixed", "effective_on": "2026-03-04", "facts": hearing}).is_success
    answer = api.client.post(
        f"/v1/cases/{case_id}/documents?name=x.pdf",
        content=PAPER,
        headers=api.headers("clerk", Content_Type="application/pdf"),
    )
    assert answer.status_code == 201, answer.text
    grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "WZ", "kind": "joint"})
    assert grant.status_code == 201, grant.text
    return {"case_id": case_id, "digest": DIGEST, "grant_id": grant.json()["id"], "key": "decision"}


def asked(api: Api, who: str, operation: str, method: str, path: str, names: dict[str, str]) -> tuple[Any, ...]:
    """What one answer tells: status, headers and body, with the id that was asked for blotted out."""
    url = path
    for name, value in names.items():
        url = url.replace(f"{{{name}}}", value)
    headers = api.headers(who, If_Match='"3-0"', Idempotency_Key=f"k-{uuid.uuid4()}", X_Request_Id="same")
    given: dict[str, Any] = {"json": BODIES[operation]} if operation in BODIES else {}
    if operation == "register_document":
        url += "?name=y.pdf"
        given = {"content": PAPER}
        headers["Content-Type"] = "application/pdf"
    answer = api.client.request(method.upper(), url, headers=headers, **given)
    told = {name: value.replace(names["case_id"], "…") for name, value in answer.headers.items()}
    return answer.status_code, told, answer.text.replace(names["case_id"], "…")


def test_every_route_is_either_about_one_case_a_list_or_about_no_case(api: Api) -> None:
    unknown = {name for name, _, path in operations(api) if "{case_id}" not in path} - set(LISTS) - OF_NO_CASE
    assert unknown == set()


def test_a_stranger_is_answered_alike_whether_the_case_exists_or_not_on_every_route(api: Api) -> None:
    names = hidden_case(api)
    nowhere = {**names, "case_id": str(uuid.uuid4())}
    seen = 0
    for operation, method, path in operations(api):
        if "{case_id}" in path:
            real = asked(api, "stranger", operation, method, path, names)
            assert real == asked(api, "stranger", operation, method, path, nowhere), operation
            assert real[0] == 404, (operation, real)
            assert asked(api, "clerk", operation, method, path, names)[0] != 404, operation
            seen += 1
    assert seen >= 16


def test_a_dry_run_and_a_read_as_of_tell_a_stranger_no_more(api: Api) -> None:
    names = hidden_case(api)
    nowhere = {**names, "case_id": str(uuid.uuid4())}
    for operation, method, path in operations(api):
        if "{case_id}" not in path:
            continue
        suffix = "?dry_run=true" if operation in {"record_event", "rectify_record"} else "?as_of=2026-03-05T20:00:00Z"
        real = asked(api, "stranger", operation, method, path + suffix, names)
        assert real == asked(api, "stranger", operation, method, path + suffix, nowhere), operation


def test_lists_counts_orders_and_cursors_are_the_same_before_and_after_a_hidden_case(api: Api) -> None:
    api.open("stranger")
    api.open("stranger", effective_on="2026-03-03")
    urls = [f"{path}?{narrow}" for path, filters in LISTS.values() for narrow in filters]
    before = [(url, api.get(url, "stranger", X_Request_Id="same")) for url in urls]
    hidden_case(api)
    api.today("2026-03-05")
    for url, then in before:
        now = api.get(url, "stranger", X_Request_Id="same")
        assert (now.status_code, now.content, now.headers) == (then.status_code, then.content, then.headers), url
    assert len(api.get("/v1/cases", "clerk").json()["data"]) == 1


def test_a_lapse_in_a_hidden_case_is_not_counted_for_a_stranger(api: Api) -> None:
    api.open()
    api.today("2026-03-20")
    assert api.get("/v1/cases", "clerk").json()["unsettled"] == 1
    assert api.get("/v1/cases", "stranger").json()["unsettled"] == 0
    assert api.get("/v1/deadlines", "stranger").json()["unsettled"] == 0


def test_a_cursor_of_another_caller_list_or_filter_is_refused(api: Api) -> None:
    for _ in range(3):
        api.open()
    cursor = api.get("/v1/cases?limit=1").json()["page"]["next_cursor"]
    assert api.get(f"/v1/cases?limit=1&cursor={cursor}").status_code == 200
    for who, url in (
        ("chief", f"/v1/cases?limit=1&cursor={cursor}"),
        ("stranger", f"/v1/cases?limit=1&cursor={cursor}"),
        ("clerk", f"/v1/cases?limit=1&stage=opened&cursor={cursor}"),
        ("clerk", f"/v1/cases?limit=1&sort=changed_at&cursor={cursor}"),
        ("clerk", f"/v1/deadlines?limit=1&cursor={cursor}"),
        ("clerk", f"/v1/cases?limit=1&cursor=A{cursor[1:]}"),
    ):
        answer = api.get(url, who)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid"), (who, url)


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 200), ("province", 200), ("nation", 200), ("neighbour", 404), ("stranger", 404)],
)
def test_an_office_sees_its_own_cases_and_those_of_the_offices_under_it(api: Api, who: str, status: int) -> None:
    case_id = api.open()
    assert api.get(f"/v1/cases/{case_id}", who).status_code == status
    assert len(api.get("/v1/cases", who).json()["data"]) == (1 if status == 200 else 0)


def test_an_office_whose_code_differs_in_its_letters_case_alone_is_another_office(api: Api) -> None:
    """SQLite compares by LIKE without regard to case."""

    def furnish(tx: Any) -> None:
        rules = register.rules_in(api.registry)
        register.add_office(tx, rules, "hz", "330100", "city", "ZJ")
        register.add_person(tx, rules, "namesake", "hz", ["clerk", "admin"])
        api.tokens["namesake"] = register.token_of(tx, "namesake")

    db.run(api.registry.engine, furnish)
    case_id = api.open()
    assert api.get(f"/v1/cases/{case_id}", "namesake").status_code == 404
    assert api.get("/v1/cases", "namesake").json()["data"] == []
    assert {one["id"] for one in api.get("/v1/people", "namesake").json()["data"]} == {"namesake"}


def test_an_upper_offices_case_is_hidden_from_the_office_below(api: Api) -> None:
    case_id = api.open("province")
    assert api.get(f"/v1/cases/{case_id}", "clerk").status_code == 404


def test_a_joint_grant_opens_one_case_to_act_in_and_no_other(api: Api) -> None:
    shared, other = api.docketed(), api.open()
    grant = api.post(f"/v1/cases/{shared}/grants", {"office": "GZ", "kind": "joint"}).json()
    assert [row["id"] for row in api.get("/v1/cases", "stranger").json()["data"]] == [shared]
    assert api.get(f"/v1/cases/{other}", "stranger").status_code == 404
    assert api.record(shared, NOTE, "stranger").status_code == 201
    assert api.post(f"/v1/cases/{shared}/grants", {"office": "WZ", "kind": "joint"}, "stranger").status_code == 403
    ended = api.client.delete(f"/v1/cases/{shared}/grants/{grant['id']}", headers=api.headers("clerk"))
    assert ended.status_code == 204
    assert api.get(f"/v1/cases/{shared}", "stranger").status_code == 404


def test_a_grant_to_an_outside_body_shows_the_case_and_lets_nothing_be_recorded(api: Api) -> None:
    case_id = api.docketed()
    assert api.post(f"/v1/cases/{case_id}/grants", {"actor": "stranger", "kind": "outside"}).status_code == 201
    assert api.get(f"/v1/cases/{case_id}/events", "stranger").status_code == 200
    refused = api.record(case_id, NOTE, "stranger")
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    assert [e["event"] for e in api.get(f"/v1/cases/{case_id}/events").json()["data"]].count("noted") == 0


def test_a_grant_holds_from_its_first_day_until_its_last(api: Api) -> None:
    case_id = api.docketed()
    grant = {"office": "GZ", "kind": "joint", "from_on": "2026-03-10", "until_on": "2026-03-12"}
    assert api.post(f"/v1/cases/{case_id}/grants", grant).status_code == 201
    found = []
    for day in ("2026-03-09", "2026-03-10", "2026-03-11", "2026-03-12"):
        api.today(day)
        found.append(api.get(f"/v1/cases/{case_id}", "stranger").status_code)
    assert found == [404, 200, 200, 404]


def test_a_replay_is_refused_to_whom_the_case_is_no_longer_visible(api: Api) -> None:
    case_id = api.docketed()
    grant = api.post(f"/v1/cases/{case_id}/grants", {"office": "GZ", "kind": "joint"}).json()
    etag = api.etag(case_id, "stranger")
    assert api.record(case_id, NOTE, "stranger", key="mine", If_Match=etag).status_code == 201
    api.client.delete(f"/v1/cases/{case_id}/grants/{grant['id']}", headers=api.headers("clerk"))
    assert api.record(case_id, NOTE, "stranger", key="mine", If_Match=etag).status_code == 404


def test_who_opened_a_case_and_moved_on_is_not_told_of_it_again_by_repeating_the_request(api: Api) -> None:
    def move(tx: Any) -> None:
        rules = api.registry.catalogue.offices
        people.move_person(tx, "clerk", office="WZ", roles=["clerk"], rules=rules, by=COMMAND_LINE, at=clock.now())

    first = api.post("/v1/cases", REQUEST, key="opening")
    assert first.status_code == 201
    db.run(api.registry.engine, move)
    assert api.get(f"/v1/cases/{first.json()['case_id']}").status_code == 404
    again = api.post("/v1/cases", REQUEST, key="opening")
    assert (again.status_code, again.json()["code"]) == (404, "case-not-found")


def test_one_key_for_two_offices_of_one_person_is_a_fault_and_opens_nothing_under_the_other(api: Api) -> None:
    def furnish(tx: Any) -> None:
        rules, now = api.registry.catalogue.offices, clock.now()
        draft = people.StandIn(office="WZ", role="clerk", from_at=now, until_at=None, stands_in_for=None)
        people.stand_in(tx, "clerk", draft, rules=rules, by=COMMAND_LINE, at=now)

    db.run(api.registry.engine, furnish)
    assert api.post("/v1/cases", REQUEST, key="one").json()["case_id"]
    other = api.post("/v1/cases", REQUEST, key="one", Adjudicate_Office="WZ")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert api.post("/v1/cases", REQUEST, key="two", Adjudicate_Office="WZ").status_code == 201


def test_an_idempotency_key_of_another_office_tells_nothing(api: Api) -> None:
    assert api.post("/v1/cases", REQUEST, key="shared").status_code == 201
    answer = api.post("/v1/cases", {**REQUEST, "effective_on": "2026-03-03"}, "stranger", key="shared")
    assert answer.status_code == 201


def test_docket_numbers_of_one_office_do_not_tell_another_how_many_it_gave(api: Api) -> None:
    for _ in range(3):
        api.docketed()
    case_id = api.open("stranger")
    number = api.record(case_id, OPENING, "stranger").json()["docket_number"]
    assert number == "GZ测字〔2026〕1号"
