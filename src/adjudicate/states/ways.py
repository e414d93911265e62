"""An event that has no step from where the case stands: where it has one, and what leads there; it judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache

from adjudicate import errors
from adjudicate.definition.models import CLOCK, LINK, NOTHING, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.definition.shared_models import Label
from adjudicate.guards.why import listed, quoted_list
from adjudicate.law.text import Text
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.naming import CaseNames, text_of
from adjudicate.states.requests import Position
from adjudicate.states.standing import Standing

# How many labels a sentence lists before it says that there are others.
MOST_LISTED = 5


def not_open(rulebook: Rulebook, standing: Standing | None, draft: Draft, position: Position) -> errors.EventNotAllowed:
    """The refusal of an event that has no step from here, with where it may happen and what is open instead."""
    names, compiled = CaseNames(rulebook, standing, position.compiled), position.compiled
    said = names.event(draft.event)
    whole = Text("案件", "the case") if compiled.incident is None else quoted_list([names.incident(compiled.incident)])
    sources = dict.fromkeys(state for step in compiled.events[draft.event] for state in compiled.sources(step))
    remedy = _way_there(names, compiled, position.state, sources)
    where = where_it_stands(compiled, position.state, whole, draft.effective_on)
    allowed = [e for e in compiled.open_events(position.state) if not _automatic(compiled.table[e, position.state])]
    zh, en = f"{where.zh}，不能记录“{said.zh}”{remedy.zh}", f"{where.en}: '{said.en}' cannot be recorded{remedy.en}"
    reason = Reason("state", zh, en, details={"state": position.state, "possible_at": list(sources)})
    return errors.EventNotAllowed(zh=zh, en=en, reasons=[reason], allowed=allowed)


def where_it_stands(compiled: CompiledWorkflow, state: str, whole: Text, on: date) -> Text:
    """That the case, or the incident called so, had not begun on that day, stands somewhere, or is over."""
    if state == NOTHING:
        return Text(f"{on}{whole.zh}尚未开始", f"on {on} {whole.en} had not begun")
    if state not in compiled.states:
        # A day that the act gives selects another version than the one the case has been under: one without its stage.
        return Text(
            f"{whole.zh}现在所处的阶段，为所写日期选定的版本所无",
            f"the version that the days given select has no stage such as that at which {whole.en} stands",
        )
    here = compiled.states[state].label
    if compiled.states[state].final:
        return Text(f"{on}{whole.zh}已经终结（“{here.zh}”）", f"on {on} {whole.en} is over ('{here.en}')")
    return Text(f"{on}{whole.zh}处于“{here.zh}”", f"on {on} {whole.en} stands at '{here.en}'")


def _way_there(names: CaseNames, compiled: CompiledWorkflow, state: str, sources: Collection[str]) -> Text:
    """Where the event may happen, and what has to be recorded first or how what happened earlier is recorded."""
    labels = [compiled.states[one].label for one in sources if one in compiled.states]
    if not labels:
        return Text("：此事项只能作为开始记录", ": it can only be recorded as the beginning")
    shown = some_of(labels)
    where = Text(f"；此事项只能在{shown.zh}阶段记录", f"; it can be recorded only at {shown.en}")
    how = how_to_get_there(names, compiled, state, sources)
    return Text(f"{where.zh}{how.zh}", f"{where.en}{how.en}")


def some_of(labels: Sequence[Label]) -> Text:
    """The first of several labels, and that there are others."""
    shown = quoted_list(map(text_of, labels[:MOST_LISTED]))
    return Text(f"{shown.zh}等", f"{shown.en} and others") if len(labels) > MOST_LISTED else shown


def how_to_get_there(names: CaseNames, compiled: CompiledWorkflow, state: str, sources: Collection[str]) -> Text:
    """What to record first so that one of those states is reached, or how what happened earlier is recorded."""
    first = first_steps(compiled, state, sources)
    if first:
        acts = listed(
            (
                Text(f"“{names.event(e).zh}”（{names.doers(e).zh}）", f"'{names.event(e).en}' ({names.doers(e).en})")
                for e in first
            ),
            "或者",
            " or ",
        )
        return Text(f"，须先记录{acts.zh}", f", so first record {acts.en}")
    return Text(
        "；如在该阶段期间已经发生，请按实际发生日补录",
        "; if it happened while that lasted, record it on the day on which it happened",
    )


def first_steps(compiled: CompiledWorkflow, state: str, sources: Collection[str]) -> list[str]:
    """The acts open in a state with which the shortest ways to one of those states begin; none where none leads."""
    ways = _ways_from(compiled, state)
    reached = [one for one in sources if one in ways]
    nearest = min((ways[one][0] for one in reached), default=0)
    return list(dict.fromkeys(event for one in reached if ways[one][0] == nearest for event in ways[one][1]))


@cache
def _ways_from(compiled: CompiledWorkflow, state: str) -> Mapping[str, tuple[int, Collection[str]]]:
    """Every other state that acts lead to: in how many acts at least, and with which of them that begins."""
    firsts: dict[str, dict[str, None]] = {state: {}}
    found: dict[str, tuple[int, Collection[str]]] = {}
    edge, acts = [state], 0
    while edge:
        acts += 1
        fresh: dict[str, dict[str, None]] = {}
        for here in edge:
            for event in compiled.open_events(here):
                step = compiled.table[event, here]
                for target in () if _automatic(step) else compiled.destinations(step):
                    if target not in firsts:
                        fresh.setdefault(target, {}).update(firsts[here] or {event: None})
        firsts |= fresh
        found |= {target: (acts, events) for target, events in fresh.items()}
        edge = list(fresh)
    return found


def _automatic(step: Step) -> bool:
    return set(step.by) <= {CLOCK, LINK}
