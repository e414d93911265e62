"""Local rules hold in their time and place: lengths, extensions and citations, one after another, stricter upwards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from adjudicate.definition import kept
from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.rulebook import Rulebook
from adjudicate.law.citations import basis_at
from adjudicate.states import dates
from tests.unit.definition.law import BASE, faults, line_of, loaded, small

DAY = date(2020, 1, 1)
PROVINCE, CITY = "990000", "990100"
HEAD = 'overlay: dispute\nregion: "{}"\ntitle: {{zh: 地方, en: Rules of {}}}\nbasis: LAW 20\nin_force: {}\n'


def path(region: str, first: str) -> str:
    return f"dispute/local/{region}/{first}.yaml"


def rules(region: str, time: str, body: str) -> dict[str, str]:
    """One file of local rules, in force `2021-01-01` or `2021-01-01 to 2022-01-01`."""
    first, _, until = time.partition(" to ")
    in_force = f"{{from: {first}, until: {until}}}" if until else f"{{from: {first}}}"
    return {path(region, first): HEAD.format(region, region, in_force) + body}


def deciding(length: str, more: str = "") -> str:
    return f"deadlines:\n  decision_time: {{length: {length}, basis: LAW 21{more}}}\n"


def law(*files: dict[str, str], base: str | None = None) -> dict[str, str]:
    """The small law with these local rules and no others."""
    texts = {name: text for name, text in small().items() if "/local/" not in name}
    return {**texts, **({BASE: base} if base else {}), **{name: text for file in files for name, text in file.items()}}


def book(*files: dict[str, str], region: str = CITY, base: str | None = None) -> Rulebook:
    return loaded(law(*files, base=base)).rulebook("dispute", DAY, region)


def rule(*files: dict[str, str], region: str = CITY, base: str | None = None) -> Deadline:
    return book(*files, region=region, base=base).main.deadlines["decision_time"]


def counted(found: Deadline, day: str) -> set[str]:
    """What is counted for a case opened on that day."""
    return {length for _, length in dates.components(found, lambda _: day, date.fromisoformat(day))}


def extensions(found: Deadline, day: str) -> list[str]:
    return [f"{one.by} {one.at_most}" for one in found.extensions_on(date.fromisoformat(day))]


def said(*files: dict[str, str], base: str | None = None) -> list[str]:
    return [fault.en for fault in faults(law(*files, base=base))]


DAYS_TWICE = (
    rules(CITY, "2021-01-01 to 2022-01-01", deciding("40 days")),
    rules(CITY, "2022-01-01", deciding("20 days")),
)


def test_of_two_local_rules_of_a_region_each_holds_in_its_time() -> None:
    found = rule(
        rules(CITY, "2021-01-01 to 2022-01-01", deciding("2 months")), rules(CITY, "2022-01-01", deciding("1 month"))
    )
    for day, length in (("2020-12-31", "3"), ("2021-12-31", "2"), ("2022-01-01", "1")):
        assert {one.split()[0] for one in counted(found, day)} == {length}


def test_a_local_rule_in_another_unit_is_followed_by_one_in_that_unit() -> None:
    found = rule(*DAYS_TWICE)
    assert counted(found, "2020-06-03") == {"3 months"}
    assert counted(found, "2021-06-03") == {"3 months", "40 days"}
    assert counted(found, "2022-06-03") == {"3 months", "20 days"}


def test_a_city_adds_days_to_the_months_of_its_province() -> None:
    found = rule(rules(PROVINCE, "2021-01-01", deciding("2 months")), rules(CITY, "2022-01-01", deciding("40 days")))
    assert counted(found, "2021-06-03") == {"2 months"}
    assert counted(found, "2022-06-03") == {"2 months", "40 days"}


def test_a_city_cuts_the_months_where_its_province_counts_days() -> None:
    found = rule(rules(PROVINCE, "2021-01-01", deciding("40 days")), rules(CITY, "2022-01-01", deciding("1 month")))
    assert counted(found, "2021-06-03") == {"3 months", "40 days"}
    assert counted(found, "2022-06-03") == {"1 month", "40 days"}
    assert found.basis == {DAY: "LAW 5", date(2021, 1, 1): "LAW 5; LAW 21", date(2022, 1, 1): "LAW 21"}


def test_after_the_city_s_rule_its_province_s_holds_again() -> None:
    city = rules(CITY, "2021-06-01 to 2022-01-01", deciding("1 month"))
    found = rule(rules(PROVINCE, "2021-01-01", deciding("2 months")), city)
    assert [counted(found, day) for day in ("2021-05-31", "2021-06-01", "2022-01-01")] == [
        {"2 months"},
        {"1 month"},
        {"2 months"},
    ]


def test_two_local_rules_of_one_region_are_not_in_force_at_once() -> None:
    later = rules(CITY, "2022-01-01", deciding("1 month"))
    (fault,) = faults(law(rules(CITY, "2021-01-01", deciding("2 months")), later))
    assert (fault.file, fault.line) == (path(CITY, "2022-01-01"), line_of(later[path(CITY, "2022-01-01")], "in_force"))
    assert (
        fault.en
        == "this region's rules of 2021-01-01 are still in force: a region has one file of local rules at a time"
    )
    assert fault.zh == "本地区自 2021-01-01 起施行的规定此时仍施行：同一地区同一时间只能有一份地方规定"


def test_a_province_and_its_city_have_rules_at_once() -> None:
    assert (
        said(rules(PROVINCE, "2021-01-01", deciding("2 months")), rules(CITY, "2021-01-01", deciding("1 month"))) == []
    )


def test_what_two_local_rules_raise_is_asked_in_the_time_of_each() -> None:
    files = (
        rules(CITY, "2021-01-01 to 2022-01-01", "raises: [told_of_rights]\n"),
        rules(CITY, "2022-01-01", "raises: [told_of_rights]\n"),
    )
    main = book(*files).main
    (opened,) = [step for step in main.workflow.steps if step.event == "case_opened"]
    first, second = "told_of_rights_in_990100_20210101", "told_of_rights_in_990100_20220101"
    assert opened.expects == ("opened_in_time", first, second)
    times = [main.workflow.conditions[name].guard["any"][0]["not"]["in_time"] for name in (first, second)]
    assert times == [{"from": date(2021, 1, 1), "until": date(2022, 1, 1)}, {"from": date(2022, 1, 1)}]


def test_a_condition_of_the_procedure_is_never_replaced_by_one_that_is_raised() -> None:
    own = "told_of_rights_in_990100_20210101"
    base = small()[BASE].replace(
        "\nstates:", f"\n  {own}: {{recorded: rights_told, label: {{zh: 甲, en: A}}}}\n\nstates:", 1
    )
    (found,) = said(rules(CITY, "2021-01-01", "raises: [told_of_rights]\n"), base=base)
    assert f"the base has a condition '{own}'" in found


def test_a_local_rule_on_extensions_holds_in_its_time_only() -> None:
    found = rule(rules(CITY, "2021-01-01 to 2022-01-01", deciding("2 months", ", extend: []")))
    assert extensions(found, "2020-12-31") == ["chief 1 month"]
    assert extensions(found, "2021-01-01") == extensions(found, "2021-12-31") == []
    assert extensions(found, "2022-01-01") == ["chief 1 month"]


def test_a_city_that_says_nothing_of_extensions_leaves_its_province_s() -> None:
    province = rules(PROVINCE, "2021-01-01", deciding("2 months", ", extend: []"))
    found = rule(province, rules(CITY, "2022-01-01", deciding("1 month")))
    assert extensions(found, "2022-06-03") == []


def test_a_local_length_cites_the_local_article_on_its_days() -> None:
    found = rule(rules(CITY, "2021-01-01 to 2022-01-01", deciding("2 months")))
    cited = [basis_at(found.basis, date.fromisoformat(day)) for day in ("2020-12-31", "2021-01-01", "2022-01-01")]
    assert cited == ["LAW 5", "LAW 21", "LAW 5"]


def test_two_lengths_that_are_counted_side_by_side_cite_both_articles() -> None:
    found = rule(rules(CITY, "2021-01-01 to 2022-01-01", deciding("40 days")))
    cited = [basis_at(found.basis, date.fromisoformat(day)) for day in ("2020-12-31", "2021-01-01", "2022-01-01")]
    assert cited == ["LAW 5", "LAW 5; LAW 21", "LAW 5"]
    assert [part.basis for part in found.earliest or ()][:1] == ["LAW 5"]


def test_the_point_that_a_local_rule_leaves_open_is_shown_with_the_deadline() -> None:
    assert rule(rules(CITY, "2021-01-01", deciding("2 months", ", ruling_needed: D9"))).ruling_needed == ("C1", "D9")


def test_what_is_kept_of_local_rules_reads_as_the_law_that_was_loaded() -> None:
    found = book(*DAYS_TWICE[:1], rules(CITY, "2022-01-01", deciding("20 days", ", extend: []")))
    again = kept.read(found.kept.format, found.kept.body, "dispute", DAY, CITY)
    assert again.main.workflow.deadlines == found.main.workflow.deadlines
    assert again.digest == found.digest


def test_a_procedure_may_date_its_extensions_as_it_dates_its_lengths() -> None:
    dated = "extend: {2020-01-01: [{by: chief, at_most: 1 month}], 2022-01-01: []}"
    base = small()[BASE].replace("extend: [{by: chief, at_most: 1 month}]", dated, 1)
    found = rule(base=base, region="440000")
    assert [extensions(found, day) for day in ("2019-12-31", "2021-12-31", "2022-01-01")] == [
        ["chief 1 month"],
        ["chief 1 month"],
        [],
    ]
    late = base.replace("{2020-01-01: [{by: chief", "{2020-06-01: [{by: chief", 1)
    (refused,) = said(base=late)
    assert "does not say who extends it from 2020-01-01" in refused


REFUSED: dict[str, tuple[list[dict[str, str]], str]] = {
    "a city's rule looser than its province's": (
        [rules(PROVINCE, "2021-01-01", deciding("1 month")), rules(CITY, "2022-01-01", deciding("2 months"))],
        "2 months is looser than the 1 month of 'Rules of 990000'",
    ),
    "a city's extension looser than its province's": (
        [
            rules(PROVINCE, "2021-01-01", deciding("2 months", ", extend: [{by: chief, at_most: 5 days}]")),
            rules(CITY, "2022-01-01", deciding("1 month", ", extend: [{by: chief, at_most: 10 days}]")),
        ],
        "the extension is looser than the extension of 'Rules of 990000'",
    ),
    "an extension that the province does not allow": (
        [
            rules(PROVINCE, "2021-01-01", deciding("2 months", ", extend: []")),
            rules(CITY, "2022-01-01", deciding("1 month", ", extend: [{by: chief, at_most: 10 days}]")),
        ],
        "more extensions than the extensions of 'Rules of 990000'",
    ),
    "a longer time in another unit never counts": (
        [rules(CITY, "2022-01-01", deciding("300 days"))],
        "300 days is never stricter than the base's 3 months",
    ),
    "a local length at odds with how its own instrument counts days": (
        [rules(CITY, "2022-01-01", "deadlines:\n  decision_time: {length: 5 working_days, basis: NAT 4}\n")],
        "5 working_days is at odds with 'NAT', whose days are not counted that way",
    ),
    "a local extension at odds with how its own instrument counts days": (
        [
            rules(
                CITY,
                "2022-01-01",
                deciding("2 months", ", extend: [{by: chief, at_most: 5 working_days, basis: NAT 4}]"),
            )
        ],
        "5 working_days is at odds with 'NAT'",
    ),
    "local hours from which time is left uncounted": (
        [rules(CITY, "2022-01-01", deciding("72 hours", ", extend: []"))],
        "deadline 'decision_time' is in hours, from which no time is left uncounted",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_local_rule_is_refused(what: str) -> None:
    files, says = REFUSED[what]
    found = said(*files)
    assert any(says in one for one in found), found


def test_a_local_length_shorter_than_the_warning_before_its_end_is_refused() -> None:
    base = small()[BASE].replace("    ruling_needed: C1", "    warn_before: 20 days\n    ruling_needed: C1", 1)
    (found,) = said(rules(CITY, "2022-01-01", deciding("10 days")), base=base)
    assert "warns 20 days before its end, but may last only 10 days" in found


def test_a_local_rule_is_held_against_what_holds_in_its_own_time() -> None:
    base = small()[BASE].replace("length: 3 months", "length: {2020-01-01: 3 months, 2023-01-01: 1 month}", 1)
    assert said(rules(CITY, "2021-01-01 to 2023-01-01", deciding("2 months")), base=base) == []
    (found,) = said(rules(CITY, "2021-01-01", deciding("2 months")), base=base)
    assert "2 months is looser than the base's 1 month" in found


def waiting(region_rule: str, more: str = "") -> dict[str, str]:
    return rules(CITY, "2022-01-01", f"deadlines:\n  demand_wait: {{length: {region_rule}, basis: LAW 21{more}}}\n")


def test_where_nobody_may_act_before_its_end_a_shorter_time_is_looser() -> None:
    (found,) = said(waiting("5 days"))
    assert "5 days is looser than the base's 10 days" in found
    assert said(waiting("20 days")) == []


def test_of_two_waits_in_different_units_the_later_end_holds() -> None:
    base = small()[BASE].replace(
        "    kind: wait\n    length: 10 days\n", "    kind: wait\n    counted_from: opened_on\n    length: 10 days\n", 1
    )
    found = book(waiting("9 working_days"), base=base).main.deadlines["demand_wait"]
    assert found.earliest is None
    assert [len(part.length) for part in found.latest or ()] == [1, 2]  # type: ignore[arg-type]
    (never,) = said(waiting("1 month"), base=base.replace("length: 10 days", "length: 5 years", 1))
    assert "1 month is never stricter than the base's 5 years" in never


def test_what_must_be_done_so_long_before_a_day_is_stricter_where_it_is_longer() -> None:
    base = small()[BASE].replace(
        "    counted_from: opened_on\n", "    counted_from: opened_on\n    counted_back: true\n", 1
    )
    (found,) = said(rules(CITY, "2022-01-01", deciding("2 months")), base=base)
    assert "2 months is looser than the base's 3 months" in found
    assert said(rules(CITY, "2022-01-01", deciding("4 months")), base=base) == []


def test_a_local_extension_is_granted_by_somebody_whose_step_extends_the_time() -> None:
    (found,) = said(rules(CITY, "2022-01-01", deciding("2 months", ", extend: [{by: clerk, at_most: 1 month}]")))
    assert "is extended by 'Clerk', but no step of theirs extends it" in found


def test_a_point_to_be_ruled_on_excuses_an_odd_unit() -> None:
    odd: Any = rules(
        CITY, "2022-01-01", "deadlines:\n  decision_time: {length: 5 working_days, basis: NAT 4, ruling_needed: D1}\n"
    )
    assert said(odd) == []
