"""Reading a request: which workflow, thread, step, role and party it means; it asks no condition of the law."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

from adjudicate import errors
from adjudicate.definition.models import CLOCK, LINK, NOTHING, Step
from adjudicate.definition.rulebook import CompiledWorkflow, Rulebook
from adjudicate.guards.why import listed, quoted_list
from adjudicate.law.values import value
from adjudicate.states.case_view import members, plays
from adjudicate.states.entries import Draft, Joining, Reason
from adjudicate.states.naming import CaseNames
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
                zh=f"“{said.zh}”属于主程序，不得注明附随程序，请去掉后重新提交",
                en=f"'{said.en}' belongs to the main procedure: leave out the thread and send it again",
                reasons=[_of_thread("不属于附随程序", "it belongs to no thread", draft, ())],
            )
        state = NOTHING if standing is None or standing.state is None else standing.state
        return Position(rulebook.main, None, None, state)
    compiled = rulebook.incidents[incident].compiled
    threads = {} if standing is None else standing.threads
    if draft.thread is None and compiled.step(draft.event, NOTHING) is not None:
        opened = 0 if standing is None else standing.opened_threads.get(incident, 0)
        return Position(compiled, incident, thread_name(incident, opened + 1), NOTHING, opens=True)
    thread = None if draft.thread is None else threads.get(draft.thread)
    if draft.thread is None or thread is None or thread.incident != incident:
        raise _no_such_thread(rulebook, standing, draft, incident)
    return Position(compiled, incident, draft.thread, thread.state)


def _no_such_thread(rulebook: Rulebook, standing: Standing | None, draft: Draft, incident: str) -> errors.UnknownThread:
    """The refusal of an act that does not say, or says wrongly, in which run of its incident it happened."""
    names, threads = CaseNames(rulebook, standing), {} if standing is None else standing.threads
    said, title = names.event(draft.event), names.incident(incident)
    there = [key for key, thread in threads.items() if thread.incident == incident and not thread.final]
    if there:
        listed_there = listed(map(names.thread, there))
        rest_zh, rest_en = f"进行中的有：{listed_there.zh}", f"open ones: {listed_there.en}"
    else:
        openings = quoted_list(map(names.event, rulebook.compiled(incident).open_events(NOTHING)), "或者", " or ")
        rest_zh, rest_en = f"目前没有进行中的，须先记录{openings.zh}", f"none is open: {openings.en} is recorded first"
    zh, en = (
        (f"“{said.zh}”须注明属于哪一件“{title.zh}”", f"'{said.en}' must say in which '{title.en}' it happened")
        if draft.thread is None
        else (
            f"本案没有所注明的“{title.zh}”，不能记录“{said.zh}”",
            f"the case has no such '{title.en}' for '{said.en}'",
        )
    )
    return errors.UnknownThread(
        zh=f"{zh}；{rest_zh}",
        en=f"{en}; {rest_en}",
        reasons=[_of_thread(f"{zh}；{rest_zh}", f"{en}; {rest_en}", draft, there)],
        allowed=there,
    )


def _of_thread(zh: str, en: str, draft: Draft, there: Sequence[str]) -> Reason:
    return Reason("thread", zh, en, details={"pointer": "/thread", "thread": draft.thread, "threads": list(there)})


def whose(rulebook: Rulebook, draft: Draft, step: Step, roles: Collection[str] | None) -> str:
    """Whose act it is, as somebody with these roles may say (None: as was said before). Raises RoleNotEntitled."""
    people = [role for role in step.by if role not in (CLOCK, LINK)]
    for role in people:
        if draft.by in (None, role) and (roles is None or may_record(rulebook, roles, role)):
            return role
    names = CaseNames(rulebook, None)
    said, doers = names.event(draft.event), names.roles(people)
    if not people:
        follows = names.doers(draft.event)
        zh = f"“{said.zh}”不能由人员记录：{follows.zh}"
        en = f"'{said.en}' is recorded by no person: {follows.en}"
        raise _not_entitled(zh, en, people)
    if draft.by is not None and draft.by not in step.by:
        given = names.role(draft.by)
        raise _not_entitled(
            f"“{said.zh}”须由{doers.zh}作出，而所填的是：{given.zh}",
            f"'{said.en}' is an act of: {doers.en}; the act says: {given.en}",
            people,
        )
    recorders = dict.fromkeys(one for role in people for one in sorted(rulebook.registers.recorders[role]))
    able = names.roles(recorders)
    raise _not_entitled(
        f"“{said.zh}”由{doers.zh}作出，您的角色无权记录，请由{able.zh}记录",
        f"'{said.en}' is an act of: {doers.en}; your roles may not record it: leave it to {able.en}",
        people,
    )


def _not_entitled(zh: str, en: str, people: Sequence[str]) -> errors.RoleNotEntitled:
    reason = Reason("role", zh, en, details={"pointer": "/by", "roles": list(people)})
    return errors.RoleNotEntitled(zh=zh, en=en, reasons=[reason], allowed=people)


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
    names = CaseNames(rulebook, standing)
    joins: list[Joining] = []
    for place, one in enumerate(draft.joins, 1):
        if one.role not in step.joins:
            raise _cannot_join(names, draft, step, one.role, place)
        party = one.party or next(free for n in numbers if (free := f"p{n}") not in reserved)
        if party in taken:
            raise _no_party(
                f"第{place}名加入者所填的编号已属于另一名当事人（即使已作废），请另填编号或者留空由系统编号",
                f"the id given for joiner no. {place} belongs to another party, though perhaps a void one: "
                "give another id, or none and the system finds one",
                party,
            )
        taken.add(party)
        joins.append(Joining(party, one.role, one.represents))
    _represented(rulebook, standing, joins)
    _not_too_many(rulebook, standing, joins)
    return tuple(joins)


def _cannot_join(names: CaseNames, draft: Draft, step: Step, role: str, place: int) -> errors.UnknownParty:
    said, given, able = names.event(draft.event), names.role(role), names.roles(step.joins)
    if not step.joins:
        zh, en = f"“{said.zh}”不能加入任何当事人，请去掉加入者", f"nobody joins with '{said.en}': leave the joiners out"
        return _no_party(zh, en, role)
    return _no_party(
        f"第{place}名加入者的身份为{given.zh}，而随“{said.zh}”只能加入{able.zh}",
        f"joiner no. {place} is given as {given.en}, but with '{said.en}' only these join: {able.en}",
        role,
        allowed=step.joins,
    )


def _represented(rulebook: Rulebook, standing: Standing | None, joins: Sequence[Joining]) -> None:
    """A representative names a party of the case, and nobody else names one. Raises UnknownParty."""
    ids = [*(() if standing is None else standing.members), *(one.party for one in joins)]
    for place, one in enumerate(joins, 1):
        if rulebook.main.workflow.parties[one.role].represents != (one.represents is not None):
            raise _no_party(
                f"第{place}名加入者：代理人须注明所代理的当事人，其他当事人不得注明",
                f"joiner no. {place}: a representative, and nobody else, names whom it represents",
                one.represents,
            )
        if one.represents is not None and one.represents not in ids:
            present = CaseNames(rulebook, standing, joins=joins)
            able = present.parties(who for who in ids if who != one.party)
            raise _no_party(
                f"第{place}名加入者所代理的人不是本案当事人；本案当事人有：{able.zh}",
                f"whom joiner no. {place} represents is no party of the case; the parties are: {able.en}",
                one.represents,
            )


def _no_party(zh: str, en: str, given: str | None, allowed: Sequence[str] = ()) -> errors.UnknownParty:
    """The refusal of a party, with what was given and what may be given beside the sentences."""
    reason = Reason("party", zh, en, details={"given": given, "parties": list(allowed)})
    return errors.UnknownParty(zh=zh, en=en, reasons=[reason], allowed=allowed)


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
            number = len(there) + sum(one.role == role for one in joins)
            raise _no_party(
                f"至少须有 {rule.at_least} 名{rule.label.zh}，加入后为 {number} 名",
                f"there must be at least {rule.at_least} of: {rule.label.en}; with this act there are {number}",
                None,
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
    names = CaseNames(rulebook, seen, joins=joins)
    if draft.party is not None and not once and not _present(seen, draft.party, joins):
        raise _not_present(names, seen, draft.party)
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
        return _only(names, draft.event, wanted, members(seen, wanted))
    member = seen.members.get(party)
    if member is None or not plays(member, wanted):
        said, part, who, able = names.event(draft.event), names.role(wanted), names.party(party), members(seen, wanted)
        there = names.parties(able)
        raise _no_party(
            f"“{said.zh}”须涉及{part.zh}，而所注明的是：{who.zh}；可以注明的有：{there.zh or '无'}",
            f"'{said.en}' concerns: {part.en}; the act names: {who.en}; it could name: {there.en or 'nobody'}",
            party,
            allowed=able,
        )
    return party


def _not_present(names: CaseNames, seen: Standing, party: str) -> errors.UnknownParty:
    """The refusal of an act that names somebody who is not, or no longer, a party."""
    able = [key for key, member in seen.members.items() if member.left_on is None]
    there, gone = names.parties(able), seen.members.get(party)
    if gone is not None:
        who = names.party(party)
        return _no_party(
            f"{who.zh}已于{gone.left_on}退出本案；现有当事人：{there.zh}",
            f"{who.en} left the case on {gone.left_on}; the parties now are: {there.en}",
            party,
            allowed=able,
        )
    return _no_party(
        f"本案没有所注明的当事人；现有当事人：{there.zh or '无'}",
        f"the case has no such party; the parties now are: {there.en or 'nobody'}",
        party,
        allowed=able,
    )


def _only(names: CaseNames, event: str, wanted: str, able: Sequence[str]) -> str:
    """The one party that an act can concern. Raises UnknownParty where there is none or a choice."""
    if len(able) == 1:
        return able[0]
    said, part, there = names.event(event), names.role(wanted), names.parties(able)
    if not able:
        raise _no_party(
            f"“{said.zh}”须涉及{part.zh}，而本案现在没有{part.zh}",
            f"'{said.en}' concerns: {part.en}; the case has none now",
            None,
        )
    raise _no_party(
        f"“{said.zh}”须注明涉及哪一名{part.zh}：{there.zh}",
        f"'{said.en}' must name the party ({part.en}) that it concerns: {there.en}",
        None,
        allowed=able,
    )


def _present(seen: Standing, party: str, joins: Sequence[Joining]) -> bool:
    """Whether the party, or whoever represents one, is in the case now or joins with the act."""
    member = seen.members.get(party)
    return (member is not None and member.left_on is None) or any(one.party == party for one in joins)
