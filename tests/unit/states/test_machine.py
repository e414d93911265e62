"""The traps of `transitions`, each held shut, and the state machine that stands on it."""

from __future__ import annotations

from datetime import date
from threading import Thread
from typing import Any

import pytest
from transitions import MachineError

from adjudicate.definition.models import NOTHING
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.errors import EventNotAllowed, GuardsUnmet
from adjudicate.states.case_view import CaseView
from adjudicate.states.machine import Run, StateMachine
from tests.unit.states.little import Play, calendar, law

ODD = {"panel": ["甲", "乙", "丙"], "opened_on": "2024-03-05"}


def compiled() -> CompiledWorkflow:
    return law().laws("game", "440000").select(date(2024, 3, 5)).main


def run(state: str, given: dict[str, Any], **more: Any) -> Run:
    play = Play().opened()
    assert play.standing is not None
    rulebook = play.legal.laws.at(play.standing.law_day)
    on = date(2024, 3, 5)
    return Run(state, CaseView(rulebook, play.standing, calendar(), compiled=rulebook.main, on=on, given=given, **more))


def test_no_event_leads_round_the_guards_to_a_state() -> None:
    machine = StateMachine(compiled())._machine
    assert not [event for event in machine.events if event.startswith("to_")]
    assert set(machine.events) == set(compiled().events)


def test_a_failed_guard_is_no_bare_false_but_a_reason() -> None:
    asked = run("received", {**ODD, "panel": ["甲"]})
    assert StateMachine(compiled()).ask(asked, "case_opened") is None
    assert list(asked.refusals) == ["odd_panel"]
    play = Play().opened()
    with pytest.raises(GuardsUnmet):
        play.does("waited", "2024-03-06")


def test_no_callback_is_a_word_that_the_library_would_import_and_call() -> None:
    for event in StateMachine(compiled())._machine.events.values():
        for transitions in event.transitions.values():
            for one in transitions:
                callbacks = [*(condition.func for condition in one.conditions), *one.before, *one.after, *one.prepare]
                assert callbacks
                assert all(callable(callback) for callback in callbacks)


def test_no_effect_hangs_on_the_machine() -> None:
    machine = StateMachine(compiled())._machine
    assert not any([machine.before_state_change, machine.after_state_change, machine.finalize_event])
    assert not any([machine.prepare_event, machine.on_exception, machine.on_final])
    for state in machine.states.values():
        assert not state.on_enter
        assert not state.on_exit


def test_a_guard_that_says_yes_in_another_way_still_holds() -> None:
    machine = StateMachine(compiled())
    condition = compiled().conditions["odd_panel"]
    before = condition.word.test
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(condition.word), "test", lambda word, view: 1 if before(view) else 0)
        assert machine.ask(run("received", ODD), "case_opened") == "opened"


def test_asking_leaves_the_case_and_the_machine_as_they_were() -> None:
    machine = StateMachine(compiled())
    asked = run("received", ODD)
    machine.ask(asked, "case_opened")
    assert machine._machine.models == []
    assert not hasattr(asked, "trigger")
    assert run("received", ODD).state == "received"


def test_the_wrong_state_is_translated_into_what_is_open_instead() -> None:
    machine = StateMachine(compiled())._machine
    with pytest.raises(MachineError):
        machine.events["case_opened"].trigger(run("opened", ODD))
    assert StateMachine(compiled()).ask(run("opened", ODD), "case_opened") is None
    play = Play().opened()
    with pytest.raises(EventNotAllowed) as refused:
        play.does("case_opened", "2024-03-06", facts={"panel": ["甲", "乙", "丙"]})
    assert "decided" in refused.value.allowed


def test_a_fact_still_to_be_given_leaves_the_answer_open() -> None:
    asked = run("received", {}, pending=("panel", "opened_on"))
    assert StateMachine(compiled()).ask(asked, "case_opened") is None
    assert asked.pending == {"odd_panel": ("panel",)}
    assert asked.refusals == {}


def test_a_branch_takes_exactly_the_way_of_its_fact() -> None:
    machine = StateMachine(compiled())
    assert machine.ask(run("opened", {"result": "won"}), "decided") == "won"
    assert machine.ask(run("opened", {"result": "lost"}), "decided") == "lost"
    undecided = run("opened", {})
    assert machine.ask(undecided, "decided") is None
    assert list(undecided.refusals) == ["result"]


def test_an_act_on_record_leads_where_the_machine_says_without_its_requirements() -> None:
    view = run("received", {**ODD, "panel": ["甲"]}).view
    machine = StateMachine(compiled())
    assert machine.ask(Run("received", view), "case_opened") is None
    assert machine.destination("case_opened", "received", view) == "opened"
    assert machine.destination("decided", "opened", run("opened", {"result": "won"}).view) == "won"
    assert machine.destination("decided", "opened", run("opened", {}).view) is None


def test_no_other_code_decides_where_an_act_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play().opened()
    answer = StateMachine.destination

    def contrary(machine: StateMachine, event: str, state: str, view: Any) -> str | None:
        return "won" if event == "decided" else answer(machine, event, state, view)

    monkeypatch.setattr(StateMachine, "destination", contrary)
    play.does("decided", "2024-03-06", facts={"result": "lost"})
    assert play.standing is not None
    assert play.standing.state == "won"


def test_a_first_event_comes_from_nothing() -> None:
    assert StateMachine(compiled()).ask(run(NOTHING, {}), "request_received") == "received"


def test_many_threads_ask_one_machine_without_mixing_their_cases() -> None:
    machine, wrong = StateMachine(compiled()), []

    def ask(state: str, expected: str | None) -> None:
        wrong.extend(state for _ in range(300) if machine.ask(run_of[state](), "case_opened") != expected)

    ready = run("received", ODD).view
    run_of = {"received": lambda: Run("received", ready), "opened": lambda: Run("opened", ready)}
    threads = [Thread(target=ask, args=pair) for pair in (("received", "opened"), ("opened", None)) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
