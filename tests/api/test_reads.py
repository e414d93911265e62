"""What the reads of a case and the lists across cases show, how they are narrowed and paged, and when they say 304."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.api.harness import OPENING, REQUEST

if TYPE_CHECKING:
    from tests.api.harness import Api

READS = ("", "/events", "/deadlines", "/deadlines/decision/explanation", "/next", "/documents", "/links", "/audit")
HEARING = {"hearing_on": "2026-03-20", "hearing_time": "09:00", "hearing_room": "一庭"}


def test_a_read_has_a_strong_etag_and_answers_304_while_nothing_changed(api: Api) -> None:
    case_id = api.docketed()
    for path in READS:
        url = f"/v1/cases/{case_id}{path}"
        first = api.get(url)
        assert first.status_code == 200, (path, first.text)
        assert first.headers["ETag"].startswith('"2-')
        again = api.get(url, If_None_Match=f'"x", {first.headers["ETag"]}')
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    old = api.get(f"/v1/cases/{case_id}").headers["ETag"]
    api.record(case_id, {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}})
    assert api.get(f"/v1/cases/{case_id}", If_None_Match=old).status_code == 200


def test_what_was_known_at_a_moment_has_no_etag_and_no_later_number(api: Api) -> None:
    case_id = api.open()
    api.today("2026-03-10")
    api.record(case_id, {**OPENING, "accept_irregular": True, "reason": "迟延"}, "chief")
    now = api.get(f"/v1/cases/{case_id}").json()
    then = api.get(f"/v1/cases/{case_id}?as_of=2026-03-06T12:00:00%2B08:00")
    assert "ETag" not in then.headers
    assert (then.json()["docket_number"], then.json()["stage"]["state"]) == (None, "received")
    assert (now["docket_number"], now["stage"]["state"]) == ("HZ测字〔2026〕1号", "opened")
    assert api.get(f"/v1/cases/{case_id}?as_of=2020-01-01T00:00:00Z").json()["code"] == "case-not-found"


def test_an_event_shows_whose_act_it_was_and_who_wrote_it_down(api: Api) -> None:
    case_id = api.open()
    (entry,) = api.get(f"/v1/cases/{case_id}/events").json()["data"]
    assert (entry["by"], entry["actor"], entry["recorded_by"]) == ("claimant", "p1", "clerk")
    assert entry["facts"]["contact"] == "0571-1"
    assert entry["label"] == {"zh": "收到请求", "en": "Request received"}


def test_an_automatic_row_is_shown_as_automatic(api: Api) -> None:
    from adjudicate import worker

    case_id = api.open()
    api.today("2026-03-20")
    worker.run_once(api.registry)
    entry = api.get(f"/v1/cases/{case_id}/events").json()["data"][-1]
    assert (entry["event"], entry["automatic"], entry["announced"], entry["by"]) == (
        "opening_missed", True, True, "clock",
    )  # fmt: skip


def test_a_long_stream_is_read_in_stretches(api: Api) -> None:
    case_id = api.docketed()
    for number in range(5):
        api.record(case_id, {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": str(number)}})
    seen, url = [], f"/v1/cases/{case_id}/events?limit=3"
    while url:
        answer = api.get(url)
        seen += [entry["sequence"] for entry in answer.json()["data"]]
        link = answer.headers.get("Link", "")
        url = link.split(">")[0].removeprefix("<") if 'rel="next"' in link else ""
    assert seen == list(range(1, 8))


def test_the_next_stretch_of_a_past_stream_stays_in_the_past(api: Api) -> None:
    case_id = api.docketed()
    rows = api.get(f"/v1/cases/{case_id}/events").json()["data"]
    api.record(case_id, {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}})
    url = f"/v1/cases/{case_id}/events?limit=1&as_of={quote(rows[-1]['recorded_at'])}"
    seen = []
    while url:
        answer = api.get(url)
        seen += [entry["sequence"] for entry in answer.json()["data"]]
        url = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [1, 2]


def test_next_says_what_may_happen_and_every_reason_why_the_rest_may_not(api: Api) -> None:
    case_id = api.open()
    options = {option["event"]: option for option in api.get(f"/v1/cases/{case_id}/next").json()["data"]}
    assert options["case_opened"]["allowed"] is True
    assert options["case_opened"]["records"] == ["opened_on", "panel"]
    assert options["case_opened"]["depends_on"] == ["odd_panel"]
    assert options["decided"]["allowed"] is False
    assert options["decided"]["refusals"][0]["zh"]
    entitled = {o["event"]: o["entitled"] for o in api.get(f"/v1/cases/{case_id}/next", "admin").json()["data"]}
    assert entitled["case_opened"] is False


def test_the_account_of_a_deadline_of_one_party_is_found_by_its_key(api: Api) -> None:
    case_id = api.docketed()
    served = {"event": "opponent_served", "effective_on": "2026-03-04", "party": "p2"}
    assert api.record(case_id, served).status_code == 201
    body = api.get(f"/v1/cases/{case_id}/deadlines/answer/p2/explanation").json()
    assert (body["key"], body["basis"], body["due_on"]) == ("answer/p2", "TEST 4", "2026-03-19")
    assert "期限15日" in body["counts"][0]["text"]["zh"]
    assert api.get(f"/v1/cases/{case_id}/deadlines/nonsense/explanation").json()["code"] == "not-found"


def test_the_audit_chain_is_shown_row_by_row_up_to_the_head(api: Api) -> None:
    case_id = api.docketed()
    chain = api.get(f"/v1/cases/{case_id}/audit").json()
    assert chain["data"][1]["previous_hash"] == chain["data"][0]["hash"]
    assert chain["head_hash"] == chain["data"][-1]["hash"]


def test_a_document_is_registered_by_its_digest_read_back_and_registered_once(api: Api) -> None:
    case_id = api.docketed()
    paper = "送达回证".encode()
    digest = hashlib.sha256(paper).hexdigest()
    url = f"/v1/cases/{case_id}/documents"
    headers = api.headers("clerk", Content_Type="application/pdf")
    first = api.client.post(f"{url}?name={quote('回证.pdf')}&digest={digest}", content=paper, headers=headers)
    assert first.status_code == 201
    assert first.json()["fact"] == f"sha-256:{digest}"
    again = api.client.post(f"{url}?name=x.pdf", content=paper, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    read = api.get(f"{url}/{digest}")
    assert (read.content, read.headers["content-type"]) == (paper, "application/pdf")
    assert read.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote('回证.pdf')}"
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert api.get(f"{url}/{digest}", If_None_Match=read.headers["ETag"]).status_code == 304
    probe = api.client.head(f"{url}/{digest}", headers=api.headers("clerk"))
    assert (probe.status_code, probe.content) == (200, b"")
    assert api.get(f"{url}/{'0' * 64}").status_code == 404
    assert [each["digest"] for each in api.get(url).json()["documents"]] == [digest]


def test_a_document_of_one_case_cannot_be_read_through_another(api: Api) -> None:
    one, other = api.docketed(), api.docketed()
    headers = api.headers("clerk", Content_Type="application/pdf")
    digest = api.client.post(f"/v1/cases/{one}/documents?name=x", content=b"x", headers=headers).json()["digest"]
    assert api.get(f"/v1/cases/{other}/documents/{digest}").status_code == 404


def test_a_page_leads_to_the_next_and_shows_each_case_once(api: Api) -> None:
    ids = [api.open(effective_on=f"2026-03-0{1 + number % 3}") for number in range(7)]
    for sort in ("opened_on", "-opened_on", "changed_at", "-changed_at"):
        seen, url = [], f"/v1/cases?limit=3&sort={sort}"
        while url:
            answer = api.get(url)
            seen += answer.json()["data"]
            link = answer.headers.get("Link", "")
            assert bool(link) == answer.json()["page"]["has_more"]
            url = link.split(">")[0].removeprefix("<") if link else ""
        assert sorted(row["id"] for row in seen) == sorted(ids)
        keys = [row[sort.removeprefix("-")] for row in seen]
        assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_a_page_stays_stable_when_cases_are_added_meanwhile(api: Api) -> None:
    first = [api.open(effective_on="2026-03-02") for _ in range(4)]
    page = api.get("/v1/cases?limit=2&sort=opened_on").json()
    api.open(effective_on="2026-03-01")
    rest = api.get(f"/v1/cases?limit=50&sort=opened_on&cursor={page['page']['next_cursor']}").json()
    assert [row["id"] for row in (*page["data"], *rest["data"])] == sorted(first)


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        ("stage=received", 1),
        ("stage=opened", 1),
        ("workflow=test-dispute", 2),
        ("office=HZ", 2),
        ("office=WZ", 0),
        ("patent=ZL201510299950.3", 2),
        ("patent=ZL2", 2),
        (f"party={quote('甲公')}", 2),
        (f"party={quote('甲 公司')}", 2),
        ("party=%25", 0),
        ("party=_", 0),
        (f"docket_number={quote('HZ测字〔2026〕1号')}", 1),
        ("mine=true", 2),
        ("closed=true", 0),
        ("due_before=2026-03-10", 1),
        ("due_after=2026-04-01", 1),
        ("due_after=2026-04-01&due_before=2026-05-01", 0),
    ],
)
def test_cases_are_narrowed_by_stage_office_party_patent_number_and_due_day(api: Api, narrow: str, found: int) -> None:
    api.open()
    api.docketed()
    assert len(api.get(f"/v1/cases?{narrow}").json()["data"]) == found


def test_mine_are_the_cases_i_opened_or_recorded_an_act_in(api: Api) -> None:
    case_id = api.open()
    api.open()
    assert api.get("/v1/cases?mine=true", "chief").json()["data"] == []
    api.record(case_id, {"event": "noted", "effective_on": "2026-03-05", "facts": {"remark": "x"}}, "chief")
    assert [row["id"] for row in api.get("/v1/cases?mine=true", "chief").json()["data"]] == [case_id]


def test_deadlines_across_cases_come_with_the_next_due_first(api: Api) -> None:
    api.open()
    api.docketed()
    rows = api.get("/v1/deadlines").json()["data"]
    assert [(row["name"], row["due_on"]) for row in rows] == [("opening", "2026-03-09"), ("decision", "2026-06-03")]
    assert rows[1]["case"]["docket_number"] == "HZ测字〔2026〕1号"
    assert [party["name"] for party in rows[1]["case"]["parties"]] == ["甲公司", "乙公司"]
    assert [row["name"] for row in api.get("/v1/deadlines?status=met").json()["data"]] == ["opening"]
    assert [row["name"] for row in api.get("/v1/deadlines?sort=-due_on").json()["data"]] == ["decision", "opening"]
    assert len(api.get("/v1/deadlines?due_before=2026-03-10").json()["data"]) == 1
    assert len(api.get("/v1/deadlines?kind=right").json()["data"]) == 0


def test_a_deadline_without_a_due_day_is_found_under_undated(api: Api) -> None:
    case_id = api.docketed()
    api.record(case_id, {"event": "pause_begun", "effective_on": "2026-03-04"})
    assert api.get("/v1/deadlines").json()["data"] == []
    (row,) = api.get("/v1/deadlines?undated=true").json()["data"]
    assert (row["name"], row["due_on"]) == ("decision", None)
    (shown,) = [d for d in api.get(f"/v1/cases/{case_id}/deadlines").json()["data"] if d["name"] == "decision"]
    assert shown["floor_on"] == "2026-06-05"


def test_hearings_are_listed_by_day_with_their_room(api: Api) -> None:
    for day in ("2026-03-25", "2026-03-20"):
        case_id = api.docketed()
        facts = {**HEARING, "hearing_on": day}
        assert api.record(case_id, {"event": "hearing_fixed", "effective_on": "2026-03-05", "facts": facts}).is_success
    rows = api.get("/v1/hearings").json()["data"]
    assert [(row["hearing_on"], row["time"], row["room"]) for row in rows] == [
        ("2026-03-20", "09:00", "一庭"),
        ("2026-03-25", "09:00", "一庭"),
    ]
    assert len(api.get(f"/v1/hearings?held_after=2026-03-21&room={quote('一庭')}").json()["data"]) == 1
    assert api.get(f"/v1/hearings?room={quote('二庭')}").json()["data"] == []
    page = api.get("/v1/hearings?limit=1").json()["page"]
    assert api.get(f"/v1/hearings?limit=1&cursor={page['next_cursor']}").json()["data"][0]["hearing_on"] == "2026-03-25"


def test_lists_ask_the_database_no_more_for_more_rows(api: Api) -> None:
    from sqlalchemy import event

    counted: list[str] = []
    event.listen(api.registry.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    def queries_for(url: str) -> int:
        counted.clear()
        assert api.get(url).status_code == 200
        return len(counted)

    api.docketed()
    few = [queries_for(url) for url in ("/v1/cases", "/v1/deadlines")]
    for _ in range(8):
        api.docketed()
    assert [queries_for(url) for url in ("/v1/cases", "/v1/deadlines")] == few


def test_the_due_date_of_any_period_comes_with_its_account(sqlite_api: Api) -> None:
    def ask(query: str) -> Any:
        return sqlite_api.get(f"/v1/due-date?{query}").json()

    assert ask("from=2026-02-10&length=5 working_days")["due_on"] == "2026-02-24"
    excluded = ask("from=2021-11-05&length=3 months&exclude=2021-12-15..2022-05-16")
    assert (excluded["due_on"], excluded["last_counted_on"]) == ("2022-07-07", "2022-07-07")
    assert (
        ask("from=2021-11-05&length=3 months&exclude=2021-12-15..2022-05-16&extend=1 month")["due_on"] == "2022-08-04"
    )
    assert ask("from=2021-11-05&length=3 months&exclude=2021-12-15..")["due_on"] is None
    assert ask("from=2030-01-05&length=5 working_days")["provisional"] is True
    assert ask("from=2026-03-20&length=3 working_days&backward=true")["due_on"] == "2026-03-17"


def test_the_law_as_loaded_can_be_read_with_its_diagram(sqlite_api: Api) -> None:
    keys = [row["key"] for row in sqlite_api.get("/v1/workflows").json()["data"]]
    assert keys == ["test-dispute", "test-pause"]
    version = sqlite_api.get("/v1/workflows/test-dispute/versions/2025-02-01").json()
    assert version["definition"]["deadlines"]["decision"]["length"] == "3 months"
    diagram = sqlite_api.get("/v1/workflows/test-dispute/versions/2025-02-01/diagram")
    assert diagram.headers["content-type"].startswith("text/vnd.mermaid")
    assert "received --> opened: 立案" in diagram.text


def test_without_the_sandbox_switch_the_day_cannot_be_played(sqlite_url: str, law: Any, tmp_path: Any) -> None:
    from starlette.testclient import TestClient

    from adjudicate.api.app import create_app
    from adjudicate.cases.registry import Registry
    from adjudicate.settings import Settings

    registry = Registry.start(Settings(database_url=sqlite_url, workflows=law, documents=tmp_path))
    with TestClient(create_app(registry=registry)) as client:
        assert client.get("/v1/sandbox/today").status_code == 404
        assert "/v1/sandbox/today" not in client.get("/openapi.json").json()["paths"]
    registry.close()


def test_operators_are_told_alive_ready_and_figures_without_a_token(sqlite_api: Api) -> None:
    sqlite_api.post("/v1/cases", REQUEST)
    assert sqlite_api.get("/livez", None).json() == {"status": "alive"}
    assert sqlite_api.get("/readyz", None).json()["status"] == "ready"
    figures = sqlite_api.get("/metrics", None).text
    assert 'adjudicate_requests_total{operation="open_case",status="201"}' in figures


def test_from_december_on_operators_are_told_that_next_years_holiday_notice_is_missing(sqlite_api: Api) -> None:
    assert sqlite_api.get("/readyz", None).json()["holiday_notices_missing"] == []
    sqlite_api.today("2026-12-01")
    assert sqlite_api.get("/readyz", None).json()["holiday_notices_missing"] == [2027]


def test_a_database_that_does_not_answer_makes_the_service_unready(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_: Any) -> Any:
        raise OperationalError("select 1", {}, Exception("gone"))

    monkeypatch.setattr("adjudicate.api.operation.access.any_office", away)
    answer = sqlite_api.get("/readyz", None)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
