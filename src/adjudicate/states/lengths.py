"""Lengths that an act fixes: extensions within authority, order and cap, and periods within their floor and cap."""

from __future__ import annotations

from datetime import date

from adjudicate.definition.deadline_models import Deadline
from adjudicate.definition.models import Step
from adjudicate.definition.registers import Registers
from adjudicate.definition.rulebook import Rulebook
from adjudicate.law.citations import basis_at
from adjudicate.law.periods import Length, in_words, never_shorter
from adjudicate.law.text import Text
from adjudicate.states.entries import Draft, Reason
from adjudicate.states.requests import Position
from adjudicate.states.standing import Running, Standing, Status


def lengths(rulebook: Rulebook, standing: Standing, draft: Draft, step: Step, position: Position) -> list[Reason]:
    """Extensions beyond their authority, order or cap, and lengths fixed outside their bounds."""
    found = []
    if step.extends is not None:
        found.extend(_extension(rulebook, standing, draft, step, position))
    # Wherever the length is recorded: the notice may fix it long before the party's receipt starts the count.
    for fact, name, rule in position.compiled.fixed_by_acts:
        length = draft.facts.get(fact)
        if isinstance(length, str):
            found.extend(_bounds(rule, length, name, draft.effective_on))
    return found


def _bounds(rule: Deadline, length: str, name: str, on: date) -> list[Reason]:
    given = Length.parse(length)
    zh, en, said = rule.label.zh, rule.label.en, _said(given)
    if rule.at_least is not None and not never_shorter(given, rule.at_least):
        least = _said(rule.at_least)
        return [
            Reason(
                "at-least",
                f"“{zh}”不得少于{least.zh}，而所定的为{said.zh}",
                f"'{en}' is at least {least.en}, but {said.en} is given",
                name,
                basis_at(rule.basis, on),
            )
        ]
    if rule.at_most is not None and not never_shorter(rule.at_most, given):
        most = _said(rule.at_most)
        return [
            Reason(
                "at-most",
                f"“{zh}”不得超过{most.zh}，而所定的为{said.zh}",
                f"'{en}' is at most {most.en}, but {said.en} is given",
                name,
                basis_at(rule.basis, on),
            )
        ]
    return []


def _extension(rulebook: Rulebook, standing: Standing, draft: Draft, step: Step, position: Position) -> list[Reason]:
    extend = step.extends
    length = draft.facts.get(extend.with_) if extend else None
    if extend is None or not isinstance(length, str):
        return []
    thread = None if position.incident is None else position.thread
    rule = position.compiled.deadlines[extend.deadline]
    running = [
        r
        for r in standing.deadlines.values()
        if r.name == extend.deadline
        and r.thread == thread
        and r.party in (None, draft.party or r.party)
        and r.status in (Status.RUNNING, Status.MISSED)
    ]
    if not running:
        now = _why_not_running(standing, extend.deadline, thread, draft.party)
        return [
            Reason(
                "not-running",
                f"“{rule.label.zh}”{now.zh}，不能延长",
                f"'{rule.label.en}' {now.en} and cannot be extended",
                extend.deadline,
                basis_at(rule.basis, draft.effective_on),
            )
        ]
    given = Length.parse(length)
    return [
        reason for r in running if (reason := _over_cap(rulebook.registers, rule, r, draft, given, extend.deadline))
    ]


def _why_not_running(standing: Standing, name: str, thread: str | None, party: str | None) -> Text:
    """What became of a deadline that runs no more, or has never run."""
    held = [r for r in standing.deadlines.values() if r.name == name and r.thread == thread]
    ended = [r.ended_on for r in held if r.party in (None, party or r.party) and r.ended_on]
    if not ended:
        return Text("尚未开始", "has not started")
    return Text(f"已于{max(ended)}终结", f"ended on {max(ended)}")


def _said(length: Length) -> Text:
    return in_words(length.count, length.unit)


def _over_cap(
    registers: Registers, rule: Deadline, running: Running, draft: Draft, length: Length, name: str
) -> Reason | None:
    # Who extends it and by how much is settled, as its length is, by the day that it is counted from.
    basis = basis_at(rule.basis, running.trigger_on)
    used = len(running.extensions)
    allowed = rule.extension_on(running.trigger_on, used)
    if allowed is None:
        return Reason(
            "no-extension-left",
            f"“{rule.label.zh}”已延长 {used} 次，不得再延长",
            f"'{rule.label.en}' was extended {used} times and cannot be again",
            name,
            basis,
        )
    basis = basis if allowed.basis is None else basis_at(allowed.basis, running.trigger_on)
    if allowed.by != draft.by:
        entitled = registers.roles[allowed.by].label
        return Reason(
            "extension-authority",
            f"“{rule.label.zh}”的第 {used + 1} 次延长须由{entitled.zh}批准",
            f"extension no. {used + 1} of '{rule.label.en}' is granted by: {entitled.en}",
            name,
            basis,
        )
    if isinstance(allowed.at_most, Length) and not never_shorter(allowed.at_most, length):
        most, given = _said(allowed.at_most), _said(length)
        return Reason(
            "extension-cap",
            f"“{rule.label.zh}”的第 {used + 1} 次延长不得超过{most.zh}，而所请求的为{given.zh}",
            f"extension no. {used + 1} of '{rule.label.en}' is at most {most.en}, but {given.en} is asked for",
            name,
            basis,
        )
    return None
