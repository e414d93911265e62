"""Whether a procedure and the incidents it admits fit: names on both sides, the kinds of what passes between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adjudicate.definition.models import LINK, PARTY, Fact, IncidentUse, Outcome, Workflow
from adjudicate.definition.naming import Naming
from adjudicate.definition.yaml_source import Path
from adjudicate.guards.facts import COMPARABLE, no_value
from adjudicate.guards.kinds import Place, kind_of
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text

# What only a procedure has: an incident runs inside a case that has them.
_OF_PROCEDURES = ("governs", "levels", "parties", "dockets", "incidents")


def check(naming: Naming) -> None:
    """Note every fault of the incidents that a procedure admits, or of what an incident says for itself."""
    if naming.is_incident:
        _of_incident(naming)
        return
    for name in naming.workflow.reads:
        naming.add(
            ("reads", name),
            f"'{name}' stands under 'reads', which only an incident has: put it under 'facts'",
            f"“{name}”写在“reads”之下，而“reads”只用于附随程序：应写在“facts”之下",
        )
    for i, use in enumerate(naming.workflow.incidents):
        _use(naming, ("incidents", i), use)


def _of_incident(naming: Naming) -> None:
    workflow = naming.workflow
    for key in _OF_PROCEDURES:
        if getattr(workflow, key):
            naming.add((key,), f"an incident has no '{key}' of its own", f"附随程序没有自己的“{key}”")
    if workflow.indexes.patent:
        naming.add(("indexes", "patent"), "an incident has no patent index", "附随程序没有专利号索引")
    for name, rule in workflow.facts.items():
        if rule.per:
            naming.add(
                ("facts", name),
                f"fact '{name}' is kept once per thread: 'per' has no place in an incident",
                f"事实“{name}”按分支记录，附随程序中不得写“per”",
            )
        if name in workflow.reads:
            naming.add(
                ("reads", name),
                f"'{name}' is a fact of the incident's own and one that it reads: name it once",
                f"“{name}”既是本附随程序的事实，又是所读的事实，只能写一处",
            )
    _parts(naming)


def _parts(naming: Naming) -> None:
    """The parts and states of the main procedure that an incident names exist in one that admits it."""
    if not naming.admitting:
        return
    roles = {role for procedure in naming.admitting for role in procedure.parties} | {PARTY}
    for i, step in enumerate(naming.workflow.steps):
        if step.per:
            per = Text(f"步骤“{step.event}”分别针对", f"step '{step.event}' is per")
            naming.known(("steps", i, "per"), "party", step.per, roles, per)
        for procedure in naming.admitting:
            joins = Text(
                f"步骤“{step.event}”在程序“{procedure.workflow}”中加入",
                f"step '{step.event}' joins in '{procedure.workflow}'",
            )
            naming.all_known(("steps", i, "joins"), "party", step.joins, procedure.parties, joins)
    for name, rule in naming.workflow.deadlines.items():
        if rule.per:
            per = Text(f"期限“{name}”分别针对", f"deadline '{name}' is per")
            naming.known(("deadlines", name, "per"), "party", rule.per, roles, per)


def _use(naming: Naming, at: Path, use: IncidentUse) -> None:
    workflow = naming.workflow
    if use.opens not in naming.incidents and use.opens in naming.unread:
        return
    if not naming.known(at, "incident", use.opens, naming.incidents, Text("本程序启动", "this procedure admits")):
        return
    inner = naming.incidents[use.opens]
    if inner.in_force.until is not None and inner.in_force.until <= naming.day:
        naming.add(
            at,
            f"incident '{use.opens}' has no version in force on {naming.day}",
            f"附随程序“{use.opens}”在 {naming.day} 没有施行的版本",
        )

    def says(zh: str, en: str) -> Text:
        return Text(f"附随程序“{use.opens}”{zh}", f"incident '{use.opens}' {en}")

    naming.all_known((*at, "while"), "state", use.while_, workflow.states, says("启动于", "opens in"))
    naming.all_known((*at, "holds"), "event", use.holds, naming.events, says("进行中暂停", "holds"))
    if use.holds and use.weight is None:
        naming.add(
            at,
            f"incident '{use.opens}' holds events: write the weight of the irregularity, grave or minor",
            f"附随程序“{use.opens}”进行中暂停若干事项，须写明违反时瑕疵的轻重：grave 或者 minor",
        )
    naming.all_known((*at, "requires"), "condition", use.requires, workflow.conditions, says("须具备", "requires"))
    not_with = says("不得并行的是", "is not open with")
    naming.all_known((*at, "not_with"), "incident", use.not_with, [*naming.admitted, *naming.unread], not_with)
    if use.opens in use.not_with:
        naming.add(
            (*at, "not_with"),
            f"incident '{use.opens}' is said not to open with itself: that is what 'at_once: 1' says",
            f"附随程序“{use.opens}”不得与其自身并行：一次只能有一个的，应写 at_once: 1",
        )
    if use.per:
        naming.known((*at, "per"), "party", use.per, naming.party_roles, says("分别针对", "is per"))
    _reads(naming, at, use, inner)
    if clash := sorted(set(naming.events) & {step.event for step in inner.steps}):
        naming.add(
            at,
            f"incident '{use.opens}' has events of the same name as this file: {', '.join(clash)}",
            f"附随程序“{use.opens}”与本文件有同名事项：{'、'.join(clash)}",
        )
    for j, outcome in enumerate(use.outcomes):
        _outcome(naming, (*at, "outcomes", j), use, outcome, inner)


def _reads(naming: Naming, at: Path, use: IncidentUse, inner: Workflow) -> None:
    facts, names_party = naming.workflow.facts, bool(use.per)
    for name, rule in inner.reads.items():
        reads = Text(f"附随程序“{use.opens}”所读的是", f"incident '{use.opens}' reads")
        if not naming.known(at, "fact", name, facts, reads):
            continue
        theirs, ours = kind_of(rule), kind_of(facts[name])
        if theirs == ours and rule.per != facts[name].per:
            theirs, ours = _of_whom(rule), _of_whom(facts[name])
        if theirs != ours:
            naming.add(
                at,
                f"incident '{use.opens}' reads '{name}' as {theirs.en}, but here it is {ours.en}",
                f"附随程序“{use.opens}”所读的“{name}”是{theirs.zh}，而在本程序中是{ours.zh}",
            )
        elif set(rule.choice or ()) != set(facts[name].choice or ()):
            differing = sorted(set(rule.choice or ()) ^ set(facts[name].choice or ()))
            naming.add(
                at,
                f"incident '{use.opens}' reads '{name}' with other values than it has here: {', '.join(differing)}",
                f"附随程序“{use.opens}”所读的“{name}”与本程序的取值不同：{'、'.join(differing)}",
            )
        if facts[name].per and not names_party:
            naming.add(
                at,
                f"incident '{use.opens}' reads '{name}', which is kept per {facts[name].per}, but names no party",
                f"附随程序“{use.opens}”所读的“{name}”按“{facts[name].per}”分别记录，而它不涉及某一当事人",
            )


def _of_whom(rule: Fact) -> Text:
    if rule.per is None:
        return Text("对全案只记录一个值的事实", "kept once for the case")
    return Text(f"按“{rule.per}”分别记录的事实", f"kept per {rule.per}")


def _outcome(naming: Naming, at: Path, use: IncidentUse, outcome: Outcome, inner: Workflow) -> None:
    def says(zh: str, en: str) -> Text:
        return Text(f"附随程序“{use.opens}”{zh}", f"incident '{use.opens}' {en}")

    steps = naming.events.get(outcome.records, ())
    if not _names_somebody(use, inner) and any(step.per for step in steps):
        naming.add(
            at,
            f"incident '{use.opens}' records '{outcome.records}', which concerns a party, "
            "but names no party when it opens",
            f"附随程序“{use.opens}”记录“{outcome.records}”，该事项涉及某一当事人，而它启动时没有写明当事人",
        )
    when = says("产生结果的是", "has the outcome")
    naming.known(at, "event", outcome.when, {step.event for step in inner.steps}, when)
    recorded = {name for step in inner.steps for name in step.takes}
    for fact, value in outcome.given.items():
        if naming.known(at, "fact", fact, inner.facts, says("的结果所依的是", "depends on")):
            _given(naming, at, use, fact, value, inner.facts[fact], recorded)
    known = naming.known(at, "event", outcome.records, naming.events, says("记录", "records"))
    if known and not any(LINK in step.by for step in steps):
        naming.add(
            at,
            f"incident '{use.opens}' records '{outcome.records}', which is not an act of the link",
            f"附随程序“{use.opens}”记录“{outcome.records}”，而该事项不是由关联（link）引起的",
        )
    _carries(naming, at, use, outcome, inner, known=known)


def _carries(naming: Naming, at: Path, use: IncidentUse, outcome: Outcome, inner: Workflow, *, known: bool) -> None:
    """Facts of both, into what the event records; `known` says that there is such an event."""
    steps = naming.events.get(outcome.records, ())
    taken = {name for step in steps for name in step.takes}
    begins = Text(f"附随程序“{use.opens}”", f"incident '{use.opens}' ")
    for main, own in outcome.carries.items():
        to = Text(f"{begins.zh}带入的是", f"{begins.en}carries to")
        here = naming.known(at, "fact", main, naming.workflow.facts, to)
        there = naming.known(at, "fact", own, inner.facts, Text(f"{begins.zh}带出的是", f"{begins.en}carries"))
        if here and there:
            _carried(naming, at, use, (main, naming.workflow.facts[main]), (own, inner.facts[own]))
        if here and naming.workflow.facts[main].per and not all(step.per for step in steps):
            whose = naming.workflow.facts[main].per
            naming.add(
                at,
                f"incident '{use.opens}' carries to '{main}', which is kept per {whose}, "
                f"but '{outcome.records}' names no party",
                f"附随程序“{use.opens}”带入按“{whose}”分别记录的“{main}”，而“{outcome.records}”不涉及某一当事人",
            )
        elif here and known and main not in taken:
            naming.add(
                at,
                f"incident '{use.opens}' carries to '{main}', which '{outcome.records}' does not record",
                f"附随程序“{use.opens}”带入“{main}”，而“{outcome.records}”不记录它",
            )


def _names_somebody(use: IncidentUse, inner: Workflow) -> bool:
    """Whether every thread has a party: the procedure asks for one, or each step that opens it does."""
    return bool(use.per) or all(step.per for step in inner.steps if step.opens)


def _given(naming: Naming, at: Path, use: IncidentUse, fact: str, value: Any, rule: Fact, recorded: set[str]) -> None:
    place = Place("fact", COMPARABLE)
    begins = Text(f"附随程序“{use.opens}”", f"incident '{use.opens}'")
    if not place.takes(rule):
        wanted, is_kind = place.said(), kind_of(rule)
        naming.add(
            at,
            f"{begins.en}: 'given' takes {wanted.en}, but '{fact}' is {is_kind.en}",
            f"{begins.zh}：“given”只能用于{wanted.zh}，而“{fact}”是{is_kind.zh}",
        )
    elif (said := no_value(rule, fact, value)) is not None:
        naming.add(at, f"{begins.en}: {said.en}", f"{begins.zh}：{said.zh}")
    elif rule.particulars:
        naming.add(
            at,
            f"{begins.en}: an outcome depends on '{fact}', which may be erased",
            f"{begins.zh}：结果所依的“{fact}”可能被删除",
        )
    elif fact not in recorded:
        naming.add(
            at,
            f"{begins.en}: an outcome depends on '{fact}', which no step of it records",
            f"{begins.zh}：结果所依的“{fact}”没有任何步骤记录",
        )


def _carried(naming: Naming, at: Path, use: IncidentUse, main: tuple[str, Fact], own: tuple[str, Fact]) -> None:
    (to, here), (of, there) = main, own
    ours, theirs = kind_of(here), kind_of(there)
    begins = Text(f"附随程序“{use.opens}”把“{of}”带入“{to}”", f"incident '{use.opens}' carries '{of}' to '{to}'")
    if ours != theirs:
        naming.add(at, f"{begins.en}: {theirs.en} is not {ours.en}", f"{begins.zh}：{theirs.zh}不是{ours.zh}")
    elif strange := [one for one in there.choice or () if one not in (here.choice or ())]:
        naming.say(at, _strange(begins, to, strange[0], here.choice or {}))
    elif there.may_be_future and not here.may_be_future:
        naming.add(
            at,
            f"{begins.en}: the day may lie ahead, but here it may not",
            f"{begins.zh}：前者可以是将来的日期，后者不可以",
        )
    elif set(there.checklist or ()) != set(here.checklist or ()):
        naming.add(at, f"{begins.en}: their items differ", f"{begins.zh}：两者的项目不同")
    elif strange := [one for one in there.several or () if one not in (here.several or ())]:
        naming.say(at, _strange(begins, to, strange[0], here.several or {}))


def _strange(begins: Text, to: str, value: str, known: Mapping[str, Any]) -> Text:
    return unknown(f"{begins.zh}：“{to}”不会是“{value}”", f"{begins.en}: '{to}' is never '{value}'", value, known)
