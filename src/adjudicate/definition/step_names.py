"""Whether what a step names exists, and whether what it asks for can be done in such a step at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adjudicate.definition import reopening
from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import ANY, CLOCK, LINK, NOTHING, Branch, Fact, Step
from adjudicate.definition.naming import Naming, starts_of
from adjudicate.definition.yaml_source import Path
from adjudicate.guards.kinds import FactType, kind_of
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


def check(naming: Naming) -> None:
    """Note every fault of the steps."""
    for i, step in enumerate(naming.workflow.steps):
        at: Path = ("steps", i)
        _names(naming, at, step)
        _target(naming, at, step)
        _extends(naming, at, step)
        _parties(naming, at, step)
        _automatic(naming, at, step)
        _series(naming, at, step)
        reopening.check(naming, at, step)
    _exclusive(naming)


def says(step: Step, verb_zh: str, verb_en: str) -> Text:
    """The beginning of a sentence on a step."""
    return Text(f"步骤“{step.event}”{verb_zh}", f"step '{step.event}' {verb_en}")


def _names(naming: Naming, at: Path, step: Step) -> None:
    workflow, registers = naming.workflow, naming.registers
    if step.from_ not in ((ANY,), (NOTHING,)):
        _sources(naming, (*at, "from"), step)
    begun = {kind for other in workflow.steps for kind in other.begins}
    for key, noun, known, zh, en in (
        ("by", "role", registers.roles, "的行为人是", "is the act of"),
        ("may_override", "role", registers.roles, "可由其放行的是", "may be overridden by"),
        ("records", "fact", workflow.facts, "记录", "records"),
        ("may_record", "fact", workflow.facts, "可以记录", "may record"),
        ("requires", "condition", workflow.conditions, "须具备", "requires"),
        ("expects", "condition", workflow.conditions, "应符合", "expects"),
        ("advises", "condition", workflow.conditions, "提示", "advises"),
        ("stops", "deadline", workflow.deadlines, "停止", "stops"),
        ("restarts", "deadline", workflow.deadlines, "重新起算", "restarts"),
        ("issues", "document", registers.documents, "发出", "issues"),
        ("ends", "uncounted time", begun, "结束", "ends"),
    ):
        naming.all_known((*at, key), noun, getattr(step, key), known, says(step, zh, en))
    naming.all_known((*at, "starts"), "deadline", starts_of(step), workflow.deadlines, says(step, "启动", "starts"))
    for j, one in enumerate(step.starts):
        if isinstance(one, Start):
            under = says(step, "启动期限所依的是", "starts under")
            naming.known((*at, "starts", j), "condition", one.if_, workflow.conditions, under)
    for name in step.expects:
        if name in workflow.conditions and workflow.conditions[name].weight is None:
            naming.add(
                ("conditions", name),
                f"step '{step.event}' expects '{name}': write the weight of the irregularity, grave or minor",
                f"步骤“{step.event}”应符合条件“{name}”，须写明不符合时瑕疵的轻重：grave 或者 minor",
            )
    if both := [name for name in step.records if name in step.may_record]:
        naming.add(
            (*at, "may_record"),
            f"step '{step.event}' must and may record '{both[0]}': name it once",
            f"步骤“{step.event}”既必须又可以记录“{both[0]}”，只能写一处",
        )


def _sources(naming: Naming, at: Path, step: Step) -> None:
    alone = [name for name in step.from_ if name in (ANY, NOTHING)]
    if alone:
        naming.add(
            at,
            f"step '{step.event}' comes from '{alone[0]}' and from other states: '{alone[0]}' stands alone",
            f"步骤“{step.event}”的“from”写了“{alone[0]}”，就不能再写其他阶段",
        )
        return
    naming.all_known(at, "state", step.from_, naming.workflow.states, says(step, "来自", "comes from"))


def _target(naming: Naming, at: Path, step: Step) -> None:
    states, conditions = naming.workflow.states, naming.workflow.conditions
    at = (*at, "to")
    leads, chooses = says(step, "通向", "leads to"), says(step, "选择去向所依的是", "chooses by")
    if isinstance(step.to, str):
        naming.known(at, "state", step.to, states, leads)
    elif isinstance(step.to, Branch) and step.to.choose is not None:
        ((fact, options),) = step.to.choose.items()
        if naming.known(at, "fact", fact, naming.facts, chooses):
            chosen_by(naming, at, says(step, "", ""), fact, options)
            whose = naming.facts[fact].per
            if whose is not None and step.per != whose and not naming.is_incident:
                naming.add(
                    at,
                    f"step '{step.event}' chooses by '{fact}', which is kept per {whose}, but it is not per {whose}",
                    f"步骤“{step.event}”按“{fact}”选择去向，该事实按“{whose}”分别记录，而步骤没有写“per: {whose}”",
                )
        naming.all_known(at, "state", options.values(), states, leads)
    elif isinstance(step.to, Branch):
        naming.known(at, "condition", str(step.to.if_), conditions, chooses)
        naming.all_known(at, "state", (str(step.to.then), str(step.to.otherwise)), states, leads)


def chosen_by(naming: Naming, at: Path, begins: Text, fact: str, options: Mapping[str, Any]) -> None:
    """Note whatever is wrong with a choice by the value of a fact: its kind, its values, those left out."""
    rule = naming.facts[fact]
    if rule.choice is None:
        is_kind = kind_of(rule)
        naming.add(
            at,
            f"{begins.en}chooses by '{fact}', which is no choice but {is_kind.en}",
            f"{begins.zh}按“{fact}”选择，而它不是选项，是{is_kind.zh}",
        )
        return
    for value in options:
        if value not in rule.choice:
            shown = quoted(value)
            en, zh = f"{begins.en.rstrip()}: '{fact}' is never '{shown}'", f"{begins.zh}：“{fact}”不会是“{shown}”"
            naming.say(at, unknown(zh, en, value, rule.choice))
    if missing := [value for value in rule.choice if value not in options]:
        naming.add(
            at,
            f"{begins.en}leads nowhere when '{fact}' is {', '.join(missing)}",
            f"{begins.zh}没有写明“{fact}”为“{'”、“'.join(missing)}”时如何",
        )
    if rule.particulars:
        erasable(naming, at, begins, fact)


def erasable(naming: Naming, at: Path, begins: Text, fact: str) -> None:
    """Note that something rests on a fact whose values may be erased."""
    naming.add(
        at,
        f"{begins.en}rests on '{fact}', which may be erased: nothing may rest on it",
        f"{begins.zh}以“{fact}”为依据，而该事实可能被删除，不得作为依据",
    )


def _extends(naming: Naming, at: Path, step: Step) -> None:
    if step.extends is None:
        return
    workflow, at = naming.workflow, (*at, "extends")
    name, fact = step.extends.deadline, step.extends.with_
    begins = f"step '{step.event}' extends"
    known = naming.known(at, "deadline", name, workflow.deadlines, says(step, "延长", "extends"))
    if known and not any(workflow.deadlines[name].extensions()):
        naming.add(
            at,
            f"{begins} '{name}', which says nothing about who may extend it",
            f"步骤“{step.event}”延长“{name}”，而该期限没有写明谁可以延长",
        )
    if not naming.known(at, "fact", fact, workflow.facts, says(step, "延长所依的是", "extends by")):
        return
    rule = workflow.facts[fact]
    if rule.type is not FactType.LENGTH:
        is_kind = kind_of(rule)
        naming.add(
            at,
            f"{begins} by '{fact}', which is no length but {is_kind.en}",
            f"步骤“{step.event}”按“{fact}”延长，而它不是期限长度，是{is_kind.zh}",
        )
    if fact not in step.records:
        naming.add(
            at, f"{begins} by '{fact}', which it does not record", f"步骤“{step.event}”按“{fact}”延长，但没有记录它"
        )
    if rule.per and not step.per:
        naming.add(
            at,
            f"{begins} by '{fact}', which is kept per {rule.per}, but it names no party",
            f"步骤“{step.event}”按“{fact}”延长，该事实按“{rule.per}”分别记录，而步骤不涉及某一当事人",
        )


def _parties(naming: Naming, at: Path, step: Step) -> None:
    workflow = naming.workflow
    if naming.is_incident:
        _must_join(naming, at, step)
        if step.leaves and not step.per and not all(_names_party(naming, use) for use in naming.admitting):
            _nobody_leaves(naming, at, step)
        return
    naming.all_known((*at, "joins"), "party", step.joins, workflow.parties, says(step, "加入", "joins"))
    _must_join(naming, at, step)
    if step.per:
        naming.known((*at, "per"), "party", step.per, naming.party_roles, says(step, "分别针对", "is per"))
    elif step.leaves:
        _nobody_leaves(naming, at, step)


def _must_join(naming: Naming, at: Path, step: Step) -> None:
    for role in step.must_join:
        if role not in step.joins:
            naming.add(
                (*at, "must_join"),
                f"step '{step.event}' must join '{role}', which 'joins' does not name: nobody could",
                f"步骤“{step.event}”须加入“{role}”，而“joins”没有写明该身份，无人可以加入",
            )


def _names_party(naming: Naming, procedure: Any) -> bool:
    key = naming.workflow.workflow
    return all(use.per for use in procedure.incidents if use.opens == key)


def _nobody_leaves(naming: Naming, at: Path, step: Step) -> None:
    naming.add(
        (*at, "leaves"),
        f"step '{step.event}' lets a party leave but concerns none: it lacks 'per'",
        f"步骤“{step.event}”使当事人退出，却不涉及某一当事人：缺少“per”",
    )


def _automatic(naming: Naming, at: Path, step: Step) -> None:
    """What nobody's act cannot bring about: time and links give no facts, no parties and no beginning."""
    automatic = [role for role in step.by if role in (CLOCK, LINK)]
    if not automatic:
        return
    whose = automatic[0]
    if step.opens:
        naming.add(
            (*at, "by"),
            f"step '{step.event}' begins it, but is an act of '{whose}': somebody must begin it",
            f"步骤“{step.event}”是开端，却由“{whose}”作出：须有人启动",
        )
    if step.joins:
        naming.add(
            (*at, "joins"),
            f"step '{step.event}' is an act of '{whose}', which brings no party",
            f"步骤“{step.event}”由“{whose}”作出，不会带来当事人",
        )
    if step.extends is not None and CLOCK in automatic:
        naming.add(
            (*at, "extends"),
            f"step '{step.event}' is an act of the clock, which extends nothing",
            f"步骤“{step.event}”由时间引起，不能延长期限",
        )
    for name in step.records:
        if (rule := naming.workflow.facts.get(name)) is not None:
            _recorded_automatically(naming, at, step, name, rule)


def _recorded_automatically(naming: Naming, at: Path, step: Step, name: str, rule: Fact) -> None:
    """Time gives the day of the lapse only; without a party nothing kept for one can be recorded."""
    if CLOCK in step.by and (rule.type is not FactType.DAY or rule.may_be_future):
        is_kind = (
            kind_of(rule) if rule.type is not FactType.DAY else Text("可以在将来的日期", "a day that may lie ahead")
        )
        naming.add(
            (*at, "records"),
            f"step '{step.event}' is an act of the clock, which gives the day of the lapse only: "
            f"'{name}' is {is_kind.en}",
            f"步骤“{step.event}”由时间引起，只能记录届满之日，而“{name}”是{is_kind.zh}",
        )
    if rule.per and not step.per and not naming.is_incident and rule.type is not FactType.DAY:
        naming.add(
            (*at, "records"),
            f"step '{step.event}' names no party, but records '{name}', which is kept per {rule.per}",
            f"步骤“{step.event}”不涉及某一当事人，却记录按“{rule.per}”分别记录的“{name}”",
        )


def _series(naming: Naming, at: Path, step: Step) -> None:
    for key, zh, en in (("numbers", "取用", "numbers"), ("voids_number", "作废", "voids_number")):
        name = getattr(step, key)
        if name and naming.is_incident:
            naming.add(
                (*at, key),
                f"step '{step.event}' is an incident's: docket numbers are the main procedure's",
                f"步骤“{step.event}”属于附随程序，案号只能由主程序取用或者作废",
            )
        elif name:
            naming.known((*at, key), "docket", name, naming.workflow.dockets, says(step, zh, en))


def _exclusive(naming: Naming) -> None:
    states = naming.workflow.states
    seen: set[tuple[str, str]] = set()
    for i, step in enumerate(naming.workflow.steps):
        for state in states if step.from_ == (ANY,) else step.from_:
            if state in states and states[state].final:
                if step.from_ != (ANY,) and not step.reopens:
                    naming.add(
                        ("steps", i, "from"),
                        f"step '{step.event}' leaves the final state '{state}'",
                        f"步骤“{step.event}”从终结阶段“{state}”离开",
                    )
                if not step.reopens:
                    continue
            if (step.event, state) in seen:
                naming.add(
                    ("steps", i),
                    f"two steps are open for event '{step.event}' in state '{state}'",
                    f"事项“{step.event}”在阶段“{state}”有两个步骤可用",
                )
            seen.add((step.event, state))
