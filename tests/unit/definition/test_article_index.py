"""What rests on an article of the shipped law, by paragraph and day, and in which stages a change still matters."""

from __future__ import annotations

from datetime import date

import pytest

from adjudicate.definition.article_index import ArticleUnknown, cited
from adjudicate.definition.article_reach import Touched, touched
from tests.workflows.runner import shipped

NEW = date(2025, 2, 1)
MAJOR = date(2021, 6, 1)


def of(written: str, key: str, day: date) -> Touched | None:
    """What of one version an article of ZJ81 touches."""
    found = touched(shipped(), shipped().articles.asked("ZJ81", written))
    return next((one for one in found if (one.key, one.day, one.region) == (key, day, None)), None)


def test_a_citation_is_split_into_articles_and_paragraphs() -> None:
    assert list(cited("ZJ81 12(5), 20; BZ57 2-3-1; OP24; ZF71 19(1)(2)")) == [
        ("ZJ81", "12", "(5)"),
        ("ZJ81", "20", ""),
        ("BZ57", "2-3-1", ""),
        ("OP24", "", ""),
        ("ZF71", "19", "(1)(2)"),
    ]


def test_the_index_finds_what_the_report_on_an_instrument_finds() -> None:
    found = shipped().articles.instrument("ZJ81")
    assert found.listed is not None
    uncited = {article for article in found.articles if not found.resting.get(article)}
    assert uncited == set(found.listed.reasons)


def test_a_paragraph_has_what_is_cited_to_it_and_what_is_cited_to_the_whole_article() -> None:
    index = shipped().articles
    whole, fifth = index.asked("ZJ81", "12"), index.asked("ZJ81", "12(5)")
    assert {one.paragraph for one in fifth.resting} == {"", "(5)"}
    assert "no_other_route" in {one.name for one in fifth.resting}
    assert "clear_respondent" not in {one.name for one in fifth.resting}
    assert set(fifth.resting) < set(whole.resting)
    assert fifth.called.zh == "第12条(5)"


def test_a_dated_citation_says_from_which_day_and_until_which() -> None:
    found = [one for one in shipped().articles.asked("FY82", "7").resting if one.home.day == MAJOR]
    assert {(one.home.key, one.from_on) for one in found} == {("patent-adjudication-major", NEW)}
    before = [one for one in shipped().articles.asked("ZD426", "23").resting if one.home.day == MAJOR]
    assert date(2024, 1, 1) in {one.until_on for one in before}


def test_an_article_that_came_with_the_next_version_is_cited_by_none_before_it() -> None:
    found = [
        one for one in shipped().articles.asked("ZJ81", "5").resting if one.home.key == "patent-adjudication-major"
    ]
    assert {one.home.day for one in found} == {NEW}


def test_incidents_registers_and_local_rules_are_found_with_their_homes() -> None:
    index = shipped().articles
    homes = {(one.home.kind, one.home.key) for one in index.asked("ZJ81", "28").resting}
    assert {("incident", "suspension"), ("procedure", "patent-adjudication"), ("register", "")} <= homes
    local = index.instrument("QDGD").resting
    found = {(one.home.kind, one.home.region, one.label.zh) for uses in local.values() for one in uses}
    assert ("local-rule", "370200", "期限“立案期限”") in found


def test_an_unknown_instrument_or_article_is_told_with_the_nearest() -> None:
    index = shipped().articles
    with pytest.raises(ArticleUnknown) as told:
        index.asked("ZJ82", "1")
    assert (told.value.zh, told.value.en) == (
        "没有法律文本“ZJ82”。是否应为“ZJ81”？",
        "There is no instrument 'ZJ82'. Did you mean 'ZJ81'?",
    )
    for written in ("126", "26(", "第26条", "x" * 300):
        with pytest.raises(ArticleUnknown):
            index.asked("ZJ81", written)


def test_the_article_on_supplements_touches_cases_before_docketing_alone() -> None:
    found = of("16", "patent-adjudication", NEW)
    assert found is not None
    assert found.states == {"rights_notified", "requested", "supplement_pending", "supplemented"}
    assert "supplement_period" in found.deadlines


def test_the_hearing_article_touches_what_may_still_be_heard_and_nothing_ruled() -> None:
    found = of("26", "patent-adjudication", NEW)
    assert found is not None
    assert {"docketed", "evidence", "hearing_set", "heard"} <= found.states
    assert found.states.isdisjoint({"ruled", "ruling_served", "in_effect"})
    assert found.deadlines == {"clear_hearing_notice", "hearing_notice", "new_hearing_notice", "statement_reply"}


def test_an_article_of_the_new_measures_touches_no_case_under_the_old() -> None:
    assert of("31", "patent-adjudication", date(2015, 7, 1)) is None


def test_an_article_of_an_incident_touches_cases_in_which_the_incident_may_open() -> None:
    found = of("52", "patent-adjudication", NEW)
    assert found is not None
    assert "heard" in found.states
    assert "in_effect" not in found.states


def test_an_article_of_local_rules_touches_the_cases_of_their_region() -> None:
    found = touched(shipped(), shipped().articles.asked("QDGD", "13"))
    assert {one.codes for one in found} == {"3702"}
    assert any("answer" in one.deadlines for one in found)


def test_the_index_is_built_once_for_a_catalogue() -> None:
    assert shipped().articles is shipped().articles
