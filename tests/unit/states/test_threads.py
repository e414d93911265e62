"""A thread's name tells its incident and its number, and the rule of a deadline follows from it."""

from __future__ import annotations

from datetime import date

import pytest

from adjudicate.definition.catalogue import load
from adjudicate.states.standing import deadline_key
from adjudicate.states.threads import in_thread, incident_of, number_of, rule_of, thread_name
from tests.architecture.sources import ROOT


@pytest.mark.parametrize(("incident", "number"), [("recusal", 1), ("evidence-order", 12)])
def test_the_incident_and_the_number_are_read_back_from_the_name(incident: str, number: int) -> None:
    name = thread_name(incident, number)
    assert (incident_of(name), number_of(name)) == (incident, number)


def test_a_key_says_its_thread_and_in_the_main_procedure_it_is_the_key_itself() -> None:
    assert (in_thread("heard", "recusal-1"), in_thread("heard", None)) == ("heard@recusal-1", "heard")
    assert deadline_key("reply", "p1", "recusal-1") == "reply/p1@recusal-1"


def test_a_deadline_follows_the_rule_of_its_thread_or_of_the_main_procedure_and_of_no_other() -> None:
    rulebook = load(ROOT / "workflows").laws("patent-adjudication", "000000").at(date(2025, 2, 1))
    incident = next(key for key, admitted in rulebook.incidents.items() if admitted.compiled.deadlines)
    own = next(iter(rulebook.incidents[incident].compiled.deadlines))
    main = next(iter(rulebook.main.deadlines))
    assert rule_of(rulebook, own, thread_name(incident, 2)) is rulebook.incidents[incident].compiled.deadlines[own]
    assert rule_of(rulebook, main, None) is rulebook.main.deadlines[main]
    with pytest.raises(KeyError):
        rule_of(rulebook, main, thread_name(incident, 2))
