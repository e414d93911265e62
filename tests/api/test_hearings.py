"""A hearing is set for a time that can be, and what is unwise about it is said; who came fits what is said of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.course import HEARING, OFFICERS, TODAY, Course, act
from tests.api.harness import start
from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.harness import Api

SET_ON = "2026-03-31"
NOBODY_OF_THEM = ["丁", "戊", "己"]


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """The application on the shipped law, on the day on which hearings are set."""
    today = date.fromisoformat(SET_ON)
    with start(database_url, ROOT / "workflows", tmp_path / "documents", people=OFFICERS, today=today) as made:
        yield made


def setting(**changed: Any) -> dict[str, Any]:
    return act("hearing_scheduled", SET_ON, "panel", **{**HEARING, **changed})


def said(body: Any, code: str) -> tuple[list[str], list[str]]:
    """The reminders of that kind, in both languages."""
    found = [one for one in body["advice"] if one["code"] == code]
    return [one["zh"] for one in found], [one["en"] for one in found]


def conditions(body: Any) -> list[str]:
    return [one["condition"] for one in body["advice"] if one.get("condition")]


@pytest.mark.finding("E6")
@pytest.mark.parametrize("hour", ["25:99", "24:00", "9:30", "上午", "09:60", "０９：３０"])
def test_a_hearing_at_an_hour_that_does_not_exist_is_refused(office: Api, hour: str) -> None:
    course = Course.begin(office).before_the_hearing()
    answer = course.try_it(setting(hearing_time=hour))
    assert (answer.status_code, answer.json().get("code")) == (422, "facts-invalid")
    (reason,) = answer.json()["reasons"]
    assert ("23:59" in reason["zh"], "23:59" in reason["en"]) == (True, True)


@pytest.mark.finding("E6")
def test_a_hearing_is_not_set_for_a_day_that_has_passed_and_one_on_a_holiday_is_reminded_of(office: Api) -> None:
    course = Course.begin(office).before_the_hearing()
    past = course.try_it(setting(hearing_on="2026-03-30"))
    assert (past.status_code, past.json().get("code")) == (409, "guards-unmet")
    assert [one["condition"] for one in past.json()["reasons"]] == ["hearing_lies_ahead"]
    assert "2026-03-30" in past.json()["reasons"][0]["zh"]
    holiday = course.happen(setting(hearing_on="2026-05-01"))
    assert "hearing_on_working_day" in conditions(holiday)
    again = act("hearing_rescheduled", SET_ON, "panel", **HEARING)
    assert "hearing_on_working_day" not in conditions(course.happen(again))


@pytest.mark.finding("E6")
def test_two_hearings_in_one_room_at_one_time_are_reminded_of_and_the_other_case_named_to_who_may_see_it(
    office: Api,
) -> None:
    Course.begin(office).scheduled()
    body = Course.begin(office).scheduled(NOBODY_OF_THEM, hearing_room="第一审理庭 ")
    assert [len(some) for some in said(body, "room-taken")] == [1, 1]
    for (sentence,) in said(body, "room-taken"):
        assert "GZ知裁字〔2026〕1号" in sentence
    for changed in ({"hearing_time": "14:00"}, {"hearing_on": "2026-04-16"}, {"hearing_room": "第二审理庭"}):
        other = Course.begin(office).scheduled(NOBODY_OF_THEM, **changed)
        assert said(other, "room-taken") == ([], []), changed


@pytest.mark.finding("E6")
@pytest.mark.parametrize(("hour", "clashes"), [("10:00", True), ("06:31", True), ("12:29", True), ("12:30", False)])
def test_a_hearing_that_begins_while_another_may_still_go_on_in_its_room_is_reminded_of_with_the_hour_of_that_one(
    office: Api, hour: str, clashes: bool
) -> None:
    Course.begin(office).scheduled()
    zh, en = said(Course.begin(office).scheduled(NOBODY_OF_THEM, hearing_time=hour), "room-taken")
    assert (len(zh), len(en)) == (clashes, clashes)
    assert all("09:30" in one for one in [*zh, *en])


@pytest.mark.finding("E6")
@pytest.mark.parametrize("hour", ["01:00", "23:30"])
def test_hearings_near_midnight_are_compared_within_their_day(office: Api, hour: str) -> None:
    Course.begin(office).scheduled(hearing_time=hour)
    assert said(Course.begin(office).scheduled(NOBODY_OF_THEM, hearing_time=hour), "room-taken")[0]


@pytest.mark.finding("E6")
def test_of_a_case_that_one_may_not_see_it_is_only_said_that_the_room_is_taken(office: Api) -> None:
    Course.begin(office).scheduled()
    course = Course.begin(office)
    course.before_the_hearing(NOBODY_OF_THEM)
    grant = {"office": "HZ", "kind": "joint"}
    assert office.post(f"/v1/cases/{course.case_id}/grants", grant, "head").status_code == 201
    course.who = "colleague"
    body = course.happen(setting())
    zh, en = said(body, "room-taken")
    assert (len(zh), len(en)) == (1, 1)
    assert "知裁字" not in zh[0] + en[0]


@pytest.mark.finding("E6")
def test_the_same_panel_member_or_agent_at_two_hearings_at_once_is_reminded_of(office: Api) -> None:
    agent = {"role": "representative", "name": "张律师", "represents": "p1"}
    added = act("representative_appointed", "2026-03-30", "requester", party="p1", parties=[agent])
    first = Course.begin(office).before_the_hearing()
    first.happen(added, setting())
    second = Course.begin(office).before_the_hearing(["丁", "乙", "己"])
    second.happen(added)
    body = second.happen(setting(hearing_room="第二审理庭"))
    zh, en = said(body, "people-taken")
    assert (len(zh), len(en)) == (1, 1)
    assert ("乙" in zh[0], "丁" in zh[0]) == (True, False)
    assert "张律师" in said(body, "agent-taken")[0][0]
    assert said(body, "room-taken") == ([], [])
    tried = act("hearing_rescheduled", SET_ON, "panel", **{**HEARING, "hearing_time": "14:00"})
    assert [one["code"] for one in second.happen(tried)["advice"] if one["code"].endswith("-taken")] == []


@pytest.mark.finding("E6")
def test_who_came_fits_what_is_said_of_it(office: Api) -> None:
    course = Course.begin(office)
    course.scheduled()
    agent = {"role": "representative", "name": "张律师", "represents": "p1"}
    course.happen(act("representative_appointed", SET_ON, "requester", party="p1", parties=[agent]))
    office.today(TODAY.isoformat())

    def tried(came: str, there: list[str]) -> Any:
        given = {"hearing_course": came, "attendance": there, "heard_by": ["甲", "乙", "丙"]}
        held = act("hearing_held", "2026-04-15", "panel", accept_irregular=True, reason="如实登记", **given)
        path = f"/v1/cases/{course.case_id}/events?dry_run=true"
        return office.client.post(path, json=held, headers=office.headers("head"))

    for came, there in (
        *(("both_sides", there) for there in (["p1"], ["p2"], ["p1", "p1"], ["p1", "p3"])),
        *(("respondent_absent", there) for there in (["p1", "p2"], ["p2"], [])),
    ):
        answer = tried(came, there)
        assert answer.status_code == 409, (came, there)
        assert [one["condition"] for one in answer.json()["reasons"]] == ["attendance_fits_course"], (came, there)
    for came, there in (("both_sides", ["p3", "p2"]), ("respondent_absent", ["p3"]), ("respondent_absent", ["p1"])):
        assert tried(came, there).status_code == 200, (came, there)


@pytest.mark.finding("E6")
def test_whoever_is_there_is_in_the_case_and_the_hearing_is_on_its_own_day(office: Api) -> None:
    course = Course.begin(office)
    course.scheduled()
    office.today(TODAY.isoformat())
    given = {"hearing_course": "both_sides", "heard_by": ["甲", "乙", "丙"]}
    held = act("hearing_held", "2026-04-15", "panel", attendance=["p1", "p2", "p9"], **given)
    refused = office.record(course.case_id, held, "head")
    assert refused.status_code == 422, refused.text
    answer = refused.json()
    assert (answer["code"], answer["reasons"][0]["details"]["pointer"]) == ("facts-invalid", "/facts/attendance/2")
    assert "p9" not in answer["detail"]
    held = act("hearing_held", "2026-04-16", "panel", attendance=["p1", "p2"], hearing_held_on="2026-04-15", **given)
    refused = office.record(course.case_id, held, "head")
    assert refused.status_code == 409, refused.text
    assert [one["condition"] for one in refused.json()["reasons"]] == ["held_on_day_recorded"]
