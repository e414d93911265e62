"""What the benchmark of check measures is sound law, and grows evenly in states; its times are never tested."""

from __future__ import annotations

from adjudicate.checks import check_texts
from benchmarks.checking import conditions, copies


def test_each_copy_of_a_procedure_costs_what_the_one_before_it_costs() -> None:
    reports = [check_texts(copies(number)) for number in (1, 2, 3)]
    assert [report.faults for report in reports] == [()] * 3
    one, two, three = (sum(size.states for size in report.slices) for report in reports)
    assert three - two == two - one > 1000


def test_each_further_condition_costs_as_many_states_as_the_one_before_it() -> None:
    reports = [check_texts(conditions(number)) for number in (4, 8, 12)]
    assert [report.faults for report in reports] == [()] * 3
    few, more, many = (sum(size.states for size in report.slices) for report in reports)
    assert many - more == more - few
