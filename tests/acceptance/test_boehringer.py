"""The linagliptin case (国知保裁字〔2021〕1号), driven over HTTP on its own days, yields the published dates."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.api.harness import Api

PANEL = ["甲", "乙", "丙"]
PROOF = b"a paper"
PAPER = f"sha-256:{sha256(PROOF).hexdigest()}"
REQUEST = {
    "workflow": "patent-adjudication-major",
    "event": "request_received",
    "effective_on": "2021-11-01",
    "by": "requester",
    "facts": {
        "patent_number": "ZL201510299950.3",
        "patent_kind": "invention",
        "request_route": "by_requester",
        "provincial_proof": PAPER,
    },
    "parties": [{"role": "requester", "name": "勃林格殷格翰"}, {"role": "respondent", "name": "广东东阳光药业"}],
}
INVALIDITY = {"suspension_ground": "invalidity_accepted", "invalidity_accepted_on": "2021-12-10"}
FINDINGS = {
    "scope_determined": {"finding": "met", "reason": "以权利要求1为准"},
    "all_features_covered": {"finding": "met", "reason": "逐项对应"},
    "equivalence": {"finding": "not_applicable", "reason": "无需等同"},
    "design_class_and_likeness": {"finding": "not_applicable", "reason": "非外观设计"},
    "prior_art": {"finding": "not_met", "reason": "未成立"},
    "exempt_act": {"finding": "not_applicable", "reason": "未主张"},
}


def act(
    day: str, event: str, by: str, *, thread: str | None = None, party: str | None = None, **facts: Any
) -> dict[str, Any]:
    body: dict[str, Any] = {"event": event, "effective_on": day, "by": by, "facts": facts}
    return body | ({"thread": thread} if thread else {}) | ({"party": party} if party else {})


DOCKETED = act(
    "2021-11-05", "case_docketed", "case_officer", panel=PANEL, major_ground="public_interest",
    requester_standing="patentee", respondent_clear=True, request_specific=True, other_route="none",
    papers_complete=True,
)  # fmt: skip
# Days that no source gives are assumed; the published ones are those of the tests below.
SERVED = [
    act("2021-11-08", "request_dispatched", "case_officer", party="p2"),
    act("2021-11-08", "service_attempted", "case_officer", party="p2", document="request_copy", method="direct"),
    act("2021-11-10", "service_completed", "case_officer", thread="service-1", proof=PAPER),
    act("2021-11-10", "service_on_respondents_completed", "case_officer"),
    act("2021-11-24", "answer_received", "respondent", party="p2"),
    act("2021-11-26", "answer_forwarded", "case_officer"),
]
SUSPENDED = [
    act("2021-12-10", "suspension_requested", "respondent", **INVALIDITY),
    act("2021-12-15", "suspension_granted", "panel", thread="suspension-1"),
]
RESUMED = act("2022-05-16", "proceedings_resumed", "panel", thread="suspension-1")
REFUSED = [
    act("2022-05-18", "suspension_requested", "respondent", **INVALIDITY),
    act("2022-05-20", "suspension_refused", "panel", thread="suspension-2"),
]
HEARD = [
    act(
        "2022-05-23",
        "hearing_scheduled",
        "panel",
        hearing_on="2022-06-15",
        hearing_time="09:30",
        hearing_room="第一审理庭",
        hearing_mode="in_person",
    ),
    act("2022-05-24", "service_attempted", "case_officer", party="p1", document="hearing_notice", method="direct"),
    act("2022-05-24", "service_completed", "case_officer", thread="service-2", proof=PAPER),
    act("2022-05-24", "service_attempted", "case_officer", party="p2", document="hearing_notice", method="direct"),
    act("2022-05-24", "service_completed", "case_officer", thread="service-3", proof=PAPER),
    act("2022-06-15", "hearing_held", "panel", hearing_course="both_sides", attendance=["p1", "p2"], heard_by=PANEL),
    act(
        "2022-06-30",
        "deliberation_held",
        "panel",
        infringement_findings={"p2": FINDINGS},
        deliberated_by=PANEL,
        minutes_signed_by=PANEL,
    ),
    act("2022-07-04", "case_approved", "head"),
]
EXTENDED = act("2022-07-05", "handling_period_extended", "head", extension_length="1 month", extension_ground="complex")
RULED = act(
    "2022-07-27", "ruling_made", "panel", outcome={"p2": "infringement"}, panel_on_ruling=PANEL, remedies_told=True,
    reasons_in_ruling=True, ruling_sealed=True, order_terms={"p2": "停止制造、销售、许诺销售涉案产品"},
    measures={"p2": ["stop_making", "stop_selling", "stop_offering", "other_necessary"]},
    other_measures={"p2": "撤回药品采购平台挂网"},
)  # fmt: skip


class FoldContext:
    """The case on its way over HTTP, the sandbox's day moving with it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.case_id = api.open("officer", **REQUEST)
        headers = api.headers("officer", Content_Type="text/plain")
        answer = api.client.post(f"/v1/cases/{self.case_id}/documents?name=paper.txt", content=PROOF, headers=headers)
        assert answer.status_code == 201, answer.text

    def happen(self, *acts: dict[str, Any]) -> Any:
        """Record each act on its day, by whoever may; returns the last answer."""
        body: Any = None
        for each in acts:
            self.api.today(each["effective_on"])
            body = self.record(each)
        return body

    def record(self, each: dict[str, Any]) -> Any:
        who = "head" if each["by"] == "head" else "officer"
        answer = self.api.record(self.case_id, each, who)
        assert answer.status_code == 201, (each["event"], answer.text)
        return answer.json()

    def read(self, path: str) -> Any:
        answer = self.api.get(f"/v1/cases/{self.case_id}{path}", "officer")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deadline(self, key: str) -> Any:
        return next(each for each in self.read("/deadlines")["data"] if each["key"] == key)


@pytest.fixture
def course(national: Api) -> FoldContext:
    return FoldContext(national)


def test_the_case_runs_on_its_published_days_and_yields_every_published_date(course: FoldContext) -> None:
    assert course.happen(DOCKETED)["docket_number"] == "国知保裁字〔2021〕1号"
    assert course.deadline("close_case")["due_on"] == "2022-02-07"
    course.happen(*SERVED, *SUSPENDED)
    suspended = course.deadline("close_case")
    assert (suspended["due_on"], suspended["status"]) == (None, "running")
    assert suspended["floor_on"] == "2022-02-07"
    course.api.today("2022-01-10")
    assert course.deadline("close_case")["floor_on"] == "2022-03-04"
    course.happen(RESUMED)
    assert course.deadline("close_case")["due_on"] == "2022-07-07"
    course.happen(*REFUSED)
    assert course.deadline("close_case")["due_on"] == "2022-07-07"
    assert {t["id"]: t["state"] for t in course.read("")["threads"] if t["incident"] == "suspension"} == {
        "suspension-1": "resumed",
        "suspension-2": "refused",
    }
    ruling = course.happen(*HEARD, RULED)
    assert [reason["condition"] for reason in ruling["advice"]] == ["within_handling_period"]
    assert ruling["irregularities"] == []
    assert course.read("")["irregularities"] == []
    for number, party in ((4, "p1"), (5, "p2")):
        served = {"document": "ruling", "method": "direct"}
        course.happen(act("2022-07-27", "service_attempted", "case_officer", party=party, **served))
        course.happen(act("2022-07-27", "service_completed", "case_officer", thread=f"service-{number}", proof=PAPER))
        assert course.deadline(f"suit_period/{party}")["due_on"] == "2022-08-11"


def test_its_account_leaves_152_days_uncounted_and_counts_112_to_the_ruling(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED, RESUMED)
    (account,) = course.read("/deadlines/close_case/explanation")["counts"]
    lines = account["account"]

    def days(line: Any) -> int:
        return (date.fromisoformat(line["until_on"]) - date.fromisoformat(line["from_on"])).days + 1

    uncounted = sum(days(line) for line in lines if line["rule"] == "excluded-suspension")
    assert uncounted == 152
    assert (date(2022, 7, 27) - date(2021, 11, 5)).days - uncounted == 112
    assert sum(days(line) for line in lines if line["counted"]) == 92
    assert (account["from"], account["length"], account["due_on"]) == ("2021-11-05", "3 months", "2022-07-07")


def test_its_account_reads_to_a_lawyer_in_both_languages(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED, RESUMED)
    explanation = course.read("/deadlines/close_case/explanation")
    text = explanation["counts"][0]["text"]
    zh, en = text["zh"], text["en"]
    assert explanation["label"]["zh"] == "办案期限"
    assert explanation["basis"]
    assert explanation["ruling_needed"]
    for words in (
        "期限3个月，自2021-11-05起算",
        "中止处理，不计入期限",
        "2021-12-15 至 2022-05-15",
        "152日",
        "2022-07-07",
    ):
        assert words in zh
    for words in ("2021-12-15 to 2022-05-15", "Suspension of the case: not counted", "152 days", "2022-07-07"):
        assert words in en


def test_its_account_names_who_extended_it_by_his_office_not_by_a_code(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED, RESUMED, *REFUSED, *HEARD, EXTENDED)
    text = course.read("/deadlines/close_case/explanation")["counts"][0]["text"]
    assert "延长1个月（部门负责人）" in text["zh"]
    assert "extended by 1 month (Head)" in text["en"]


def test_with_one_approved_extension_the_period_ends_on_4_august_and_nothing_is_asked_for(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED, RESUMED, *REFUSED, *HEARD, EXTENDED)
    assert course.deadline("close_case")["due_on"] == "2022-08-04"
    ruling = course.happen(RULED)
    assert (ruling["advice"], ruling["irregularities"]) == ([], [])
    assert course.deadline("close_case")["status"] == "met"


def test_an_extension_entered_after_the_ruling_moves_the_date_and_withdraws_the_lapse(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED, RESUMED, *REFUSED, *HEARD, RULED)
    assert course.deadline("close_case")["status"] == "met_late"
    late = course.record(EXTENDED)
    moved = next(each for each in late["deadlines_moved"] if each["key"] == "close_case")
    assert (moved["was_on"], moved["is_on"], moved["status"]) == ("2022-07-07", "2022-08-04", "met")
    assert "withdrawn" in [entry["kind"] for entry in late["entries"]]
    assert course.deadline("close_case")["lapsed_on"] is None


def test_what_was_known_while_it_was_suspended_can_still_be_read(course: FoldContext) -> None:
    course.happen(DOCKETED, *SERVED, *SUSPENDED)
    then = course.read("/deadlines")
    course.happen(RESUMED, *REFUSED)
    # The end of that day, whatever the time of day at which the test runs.
    instant = "2021-12-16T00:00:00+08:00"
    answer = course.api.client.get(
        f"/v1/cases/{course.case_id}/deadlines", params={"as_of": instant}, headers=course.api.headers("officer")
    )
    known = {each["key"]: each["due_on"] for each in answer.json()["data"]}
    assert known == {each["key"]: each["due_on"] for each in then["data"]}
    assert known["close_case"] is None
    assert "ETag" not in answer.headers
