"""Reading a request: which workflow, thread, step, role and party it means; it asks no condition of the law."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

from adjudicate import errors
from adjudicate.definition.models import CLOCK, LINK, NOTHING, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.law.values import value
from adjudicate.states.case_view import members, plays
from adjudicate.states.entries import Draft, Joining, Reason
from adjudicate.states.standing import Standing
from adjudicate.states.threads import thread_name


@value
class Position:
    """Where an event would happen: its workflow, its thread (new or old) and the state it would leave."""

    compiled: CompiledWorkflow
    incident: str | None
    thread: str | None
    state: str
    opens: bool = False


def locate(rulebook: Rulebook, standing: Standing | None, draft: Draft) -> Position:
    """The workflow, thread and state of an event. Raises UnknownThread."""
    incident = rulebook.homes[draft.event]
    said = rulebook.compiled(incident).events[draft.event][0].label
    if incident is None:
        if draft.thread is not None:
            raise errors.UnknownThread(
                zh=f"“{said.zh}”属于主程序，不得注明分支程序",
                en=f"'{said.en}' belongs to the main procedure, not to a thread",
            )
        state = NOTHING if standing is None or standing.state is None else standing.state
        return Position(rulebook.main, None, None, state)
    compiled = rulebook.incidents[incident].compiled
    threads = {} if standing is None else standing.threads
    if draft.thread is None:
        if compiled.step(draft.event, NOTHING) is not None:
            opened = 0 if standing is None else standing.opened_threads.get(incident, 0)
            return Position(compiled, incident, thread_name(incident, opened + 1), NOTHING, opens=True)
        candidates = [key for key, thread in threads.items() if thread.incident == incident and not thread.final]
        listed = "、".join(candidates) or "无"
        raise errors.UnknownThread(
            zh=f"“{said.zh}”须注明分支程序；进行中的有：{listed}",
            en=f"'{said.en}' must name its thread; open ones: {', '.join(candidates) or 'none'}",
        )
    thread = threads.get(draft.thread)
    if thread is None or thread.incident != incident:
        raise errors.UnknownThread(
            zh=f"本案没有可供“{said.zh}”的分支程序“{draft.thread[:60]}”",
            en=f"no thread '{draft.thread[:60]}' for '{said.en}'",
        )
    return Position(compiled, incident, draft.thread, thread.state)


def not_open(rulebook: Rulebook, draft: Draft, position: Position) -> errors.EventNotAllowed:
    """The refusal of an event that has no step from here, with what is open instead."""
    label = rulebook.label(draft.event)
    zh, en = (label.zh, label.en) if label else (draft.event, draft.event)
    if position.state == NOTHING:
        where_zh, where_en = "案件尚未开始", "nothing has begun yet"
    else:
        where = position.compiled.states[position.state].label
        where_zh, where_en = f"当前处于“{where.zh}”", f"it stands at '{where.en}'"
    allowed = [
        e
        for e in position.compiled.open_events(position.state)
        if not _automatic(position.compiled.table[e, position.state])
    ]
    reason = Reason("state", where_zh, where_en, details={"state": position.state})
    return errors.EventNotAllowed(
        zh=f"{where_zh}，不能记录“{zh}”", en=f"{where_en}: '{en}' cannot be recorded", reasons=[reason], allowed=allowed
    )


def _automatic(step: Step) -> bool:
    return set(step.by) <= {CLOCK, LINK}


def whose(rulebook: Rulebook, draft: Draft, step: Step, roles: Collection[str] | None) -> str:
    """Whose act it is, as somebody with these roles may say (None: as was said before). Raises RoleNotEntitled."""
    people = [role for role in step.by if role not in (CLOCK, LINK)]
    for role in people:
        if draft.by in (None, role) and (roles is None or may_record(rulebook, roles, role)):
            return role
    register = rulebook.registers.roles
    if draft.by is not None and draft.by not in step.by:
        wanted = "、".join(register[r].label.zh if r in register else r for r in people) or "系统自动"
        raise errors.RoleNotEntitled(
            zh=f"此事项只能由以下主体作出：{wanted}",
            en=f"this is the act of: {', '.join(people) or 'nobody (automatic)'}",
            allowed=people,
        )
    raise errors.RoleNotEntitled(
        zh="您的角色无权记录此事项",
        en=f"your roles may not record this; it is the act of: {', '.join(people) or 'nobody'}",
        allowed=people,
    )


def may_record(rulebook: Rulebook, roles: Collection[str], whose: str) -> bool:
    """Whether somebody with these roles may record an act of that role: one's own, or on another's behalf."""
    return not rulebook.registers.recorders[whose].isdisjoint(roles)


def joining(
    rulebook: Rulebook, standing: Standing | None, draft: Draft, step: Step, *, used: Collection[str]
) -> tuple[Joining, ...]:
    """The parties that join with the act, each with an id of its own. Raises UnknownParty.

    `used` are ids given before, void or not: an id means one party for ever.
    """
    if not draft.joins and standing is not None and standing.state is not None:
        return ()
    taken = {*used} if standing is None else {*used, *standing.members}
    reserved = taken | {one.party for one in draft.joins}
    numbers = count(1 if standing is None else standing.joined + 1)
    joins: list[Joining] = []
    for one in draft.joins:
        if one.role not in step.joins:
            raise errors.UnknownParty(
                zh=f"此事项不能加入“{one.role[:60]}”", en=f"no '{one.role[:60]}' may join with this act"
            )
        party = one.party or next(free for n in numbers if (free := f"p{n}") not in reserved)
        if party in taken:
            raise errors.UnknownParty(
                zh=f"当事人编号“{party[:60]}”已被使用（作废的当事人仍保留其编号）",
                en=f"the party id '{party[:60]}' is taken: a party keeps its id even where its joining is void",
            )
        taken.add(party)
        joins.append(Joining(party, one.role, one.represents))
    ids = {*(() if standing is None else standing.members), *(one.party for one in joins)}
    for one in joins:
        if rulebook.main.workflow.parties[one.role].represents != (one.represents is not None):
            raise errors.UnknownParty(
                zh="代理人须注明所代理的当事人，其他当事人不得注明",
                en="a representative, and nobody else, names whom it represents",
            )
        if one.represents is not None and one.represents not in ids:
            raise errors.UnknownParty(zh=f"没有当事人“{one.represents[:60]}”", en=f"no party '{one.represents[:60]}'")
    _not_too_many(rulebook, standing, joins)
    return tuple(joins)


def enough_parties(rulebook: Rulebook, standing: Standing | None, step: Step, joins: Sequence[Joining]) -> None:
    """Whoever must join is named, and of each part that may join there are as many as the procedure asks for.

    Raises UnknownParty.
    """
    parties = rulebook.main.workflow.parties
    if step.must_join and not any(one.role in step.must_join for one in joins):
        labels = [parties[role].label for role in step.must_join]
        zh = f"须写明加入本案的{'或者'.join(label.zh for label in labels)}：未写明任何人的，此事项不使任何人加入"
        en = f"name who joins as: {' or '.join(label.en for label in labels)}; with nobody named, nobody would join"
        raise errors.UnknownParty(zh=zh, en=en, reasons=[Reason("party", zh, en, details={"pointer": "/parties"})])
    for role, rule in parties.items():
        there = [] if standing is None else members(standing, role)
        if role in step.joins and len(there) + sum(one.role == role for one in joins) < rule.at_least:
            raise errors.UnknownParty(
                zh=f"至少须有 {rule.at_least} 名{rule.label.zh}", en=f"at least {rule.at_least} of: {rule.label.en}"
            )


def _not_too_many(rulebook: Rulebook, standing: Standing | None, joins: Sequence[Joining]) -> None:
    """Raises UnknownParty where more would play a part than may; of representatives, more of one party."""
    held = {} if standing is None else standing.members
    playing = [(one.role, one.represents) for one in held.values() if one.left_on is None]
    joining_now = [(one.role, one.represents) for one in joins]
    for role, whom in dict.fromkeys(joining_now):
        rule = rulebook.main.workflow.parties[role]
        number = [*playing, *joining_now].count((role, whom))
        if rule.at_most is not None and number > rule.at_most:
            zh, en = rule.label.zh, rule.label.en
            of_whom = ("每一名当事人", " for each party") if rule.represents else ("", "")
            raise errors.UnknownParty(
                zh=f"{of_whom[0]}至多有 {rule.at_most} 名{zh}，此次加入后为 {number} 名",
                en=f"at most {rule.at_most}{of_whom[1]} of: {en}; with this act there would be {number}",
            )


def concerned(
    rulebook: Rulebook,
    standing: Standing | None,
    draft: Draft,
    step: Step,
    position: Position,
    by: str,
    joins: Sequence[Joining],
) -> str | None:
    """The party that the act concerns, if any. Raises UnknownParty."""
    seen = standing or Standing(law_day=rulebook.day)
    # Papers are served on whoever left, too: in an incident any party there ever was may be meant.
    once = position.incident is not None and draft.party in seen.members
    if draft.party is not None and not once and not _present(seen, draft.party, joins):
        raise errors.UnknownParty(
            zh=f"本案没有当事人“{draft.party[:60]}”", en=f"the case has no party '{draft.party[:60]}'"
        )
    wanted = step.per or (
        rulebook.incidents[position.incident].use.per if position.incident and position.opens else None
    )
    held = seen.threads[position.thread].party if position.thread in seen.threads else None
    party = draft.party or held
    if wanted is None:
        register = rulebook.registers.roles
        if party is None and by in register and register[by].kind == "party":
            own = [*members(seen, by)] + [one.party for one in joins if one.role == by]
            return own[0] if len(own) == 1 else None
        return party
    if party is None:
        return _only(members(seen, wanted))
    member = seen.members.get(party)
    if member is None or not plays(member, wanted):
        raise errors.UnknownParty(
            zh=f"当事人“{party}”不具有所需身份", en=f"the party '{party}' does not play the part '{wanted}'"
        )
    return party


def _only(able: Sequence[str]) -> str:
    """The one party that an act can concern. Raises UnknownParty where there is none or a choice."""
    if len(able) != 1:
        raise errors.UnknownParty(
            zh=f"须注明涉及哪一名当事人：{'、'.join(able)}",
            en=f"name the party it concerns: {', '.join(able)}",
            allowed=able,
        )
    return able[0]


def _present(seen: Standing, party: str, joins: Sequence[Joining]) -> bool:
    """Whether the party, or whoever represents one, is in the case now or joins with the act."""
    member = seen.members.get(party)
    return (member is not None and member.left_on is None) or any(one.party == party for one in joins)
