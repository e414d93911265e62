"""Everything that a version says, one card for each thing: steps, deadlines, conditions, facts, incidents, stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from adjudicate.definition.deadline_models import Deadline, Start
from adjudicate.definition.models import ANY, Condition, Fact, IncidentUse, Outcome, Overlay, Step
from adjudicate.definition.shared_models import Basis
from adjudicate.guards.kinds import TYPE_NAMES, FactType
from adjudicate.review import names as words
from adjudicate.review.blocks import Card, Phrases
from adjudicate.review.meaning import meaning
from adjudicate.review.names import Names

# How a kind of fact is said where its usual name is not enough.
_TYPES = {
    FactType.CHOICE: "选项，择一",
    FactType.SEVERAL: "选项，可多项",
    FactType.FLAG: "是或者否",
    FactType.LENGTH: "期限长度",
}
_LISTS = {"actor": "人员名单", "party": "当事人名单", "text": "文字，可多项", "document": "文件，可多份"}
# The row of a condition that says what is asked for.
ASKED = "核对什么"
# The row of a step that leads nowhere: in which stages it may be taken.
STAYS = "阶段不变"
# Stages in a row that are named one by one; more are named by the first and the last.
_ONE_BY_ONE = 3

Rows = Iterator[tuple[str, Phrases]]


def _kept(rows: Rows) -> tuple[tuple[str, Phrases], ...]:
    return tuple((name, found) for name, said in rows if (found := tuple(phrase for phrase in said if phrase)))


def steps(names: Names) -> tuple[Card, ...]:
    """A card for each step, in the order of the definition."""
    found = []
    for key, step in zip(words.step_keys(names.workflow.steps), names.workflow.steps, strict=True):
        by = names.roles(step.by) + (f"（就每一名{names.role(step.per)}）" if step.per else "")
        number = str(names.numbers.steps.get(key, ""))
        found.append(Card(key, step.label.zh, (by,), cited(step.basis), _kept(_step(names, step)), number))
    return tuple(found)


def _step(names: Names, step: Step) -> Rows:
    told = (*way(names, step), *(["恢复已终结的案件"] if step.reopens else []))
    yield (STAYS if step.to is None else "阶段"), told
    yield "须具备", tuple(names.condition(name) for name in step.requires)
    for weight, expected in by_weight(names, step.expects).items():
        yield f"应符合{weight and f'（{weight[:2]}）'}", tuple(names.condition(name) for name in expected)
    yield "提示", tuple(names.condition(name) for name in step.advises)
    if step.may_override:
        yield "瑕疵由谁决定", (names.roles(step.may_override),)
    yield "必须记录", tuple(names.fact(name) for name in step.records)
    yield "可以记录", tuple(names.fact(name) for name in step.may_record)
    yield "期限", tuple(clocks(names, step))
    yield "文书", tuple(names.document(name) for name in step.issues)
    joined = f"加入：{names.roles(step.joins)}" if step.joins else ""
    named = f"须写明加入的{names.roles(step.must_join)}" if step.must_join else ""
    yield "当事人", (joined, named, "该当事人退出" if step.leaves else "")
    dockets = names.workflow.dockets
    numbered = f"编“{dockets[step.numbers].label.zh}”" if step.numbers in dockets else ""
    voided = f"注销“{dockets[step.voids_number].label.zh}”" if step.voids_number in dockets else ""
    yield "案号", (numbered, voided)
    yield "待裁断", ("、".join(step.ruling_needed),)
    yield "说明", (step.note.zh if step.note else "",)


def cited(basis: Basis | None) -> Phrases:
    """A citation, or one phrase for each time that cites differently."""
    if basis is None or isinstance(basis, str):
        return (basis or "",)
    return tuple(f"自 {day} 起 {text}" for day, text in sorted(basis.items()))


def by_weight(names: Names, expected: Sequence[str]) -> Mapping[str, list[str]]:
    """Expected conditions by the weight of the irregularity where one fails, grave first."""
    found: dict[str, list[str]] = {}
    for name in expected:
        found.setdefault(words.weight(names.workflow.conditions[name].weight), []).append(name)
    return dict(sorted(found.items(), key=lambda one: "重轻".find(one[0][:1])))


def way(names: Names, step: Step) -> Iterator[str]:
    """Where a step comes from and where it leads."""
    sources = stages(names, step.from_)
    if step.to is None:
        yield sources
    elif isinstance(step.to, str):
        yield f"{sources} → “{names.state(step.to)}”"
    elif step.to.choose is not None:
        ((fact, options),) = step.to.choose.items()
        yield f"{sources} → 依“{names.fact(fact)}”："
        yield from (f"{names.value(fact, value)} → “{names.state(state)}”" for value, state in options.items())
    else:
        condition = names.workflow.conditions[str(step.to.if_)].label.zh
        yield f"{sources} → 符合“{condition}”的：“{names.state(str(step.to.then))}”"
        yield f"否则：“{names.state(str(step.to.otherwise))}”"


def stages(names: Names, listed: Sequence[str]) -> str:
    """Stages by their labels; where many follow one another in the definition, the first and the last of them."""
    order = {name: i for i, name in enumerate(names.workflow.states)}
    if any(name not in order for name in listed):
        return "任一未结阶段" if ANY in listed else "（开始）"
    runs: list[list[str]] = []
    for name in sorted(set(listed), key=lambda one: order[one]):
        if runs and order[runs[-1][-1]] == order[name] - 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    said = []
    for run in runs:
        if len(run) > _ONE_BY_ONE:
            said.append(f"“{names.state(run[0])}”至“{names.state(run[-1])}”各阶段")
        else:
            said += [f"“{names.state(name)}”" for name in run]
    return "、".join(said)


def clocks(names: Names, step: Step) -> Iterator[str]:
    """What a step does to deadlines and to the time that does not count: what it does to several, in one phrase."""
    plain = [names.deadline(one) for one in step.starts if not isinstance(one, Start)]
    yield from _done(names, "起算", plain)
    for one in step.starts:
        if isinstance(one, Start):
            yield f"起算“{names.deadline(one.deadline)}”（以“{names.workflow.conditions[one.if_].label.zh}”为限）"
    yield from _done(names, "重新起算", [names.deadline(name) for name in step.restarts])
    yield from _done(names, "终止", [names.deadline(name) for name in step.stops])
    if step.extends:
        yield f"延长“{names.deadline(step.extends.deadline)}”（按“{names.fact(step.extends.with_)}”）"
    yield from (f"开始不计入的时间（{names.uncounted(kind)}）" for kind in step.begins)
    yield from (f"结束不计入的时间（{names.uncounted(kind)}）" for kind in step.ends)


def _done(names: Names, how: str, labels: Sequence[str]) -> Iterator[str]:
    if names.compared:
        yield from (f"{how}“{label}”" for label in labels)
    elif labels:
        yield how + "、".join(f"“{label}”" for label in labels)


def states(names: Names) -> tuple[Card, ...]:
    """A card for each stage."""
    found = names.workflow.states.items()
    return tuple(Card(name, state.label.zh, ("终结",) if state.final else (), (), ()) for name, state in found)


def deadlines(names: Names) -> tuple[Card, ...]:
    """A card for each deadline."""
    rules = names.workflow.deadlines.items()
    return tuple(
        Card(name, rule.label.zh, (_of_whom(names, rule),), cited(rule.basis), _kept(_deadline(names, rule)))
        for name, rule in rules
    )


def _of_whom(names: Names, rule: Deadline) -> str:
    return words.whose_time(rule) + (f"，就每一名{names.role(rule.per)}分别计算" if rule.per else "")


def _deadline(names: Names, rule: Deadline) -> Rows:
    counted = f"自“{names.fact(rule.counted_from)}”" if rule.counted_from else "自起算事项发生之日"
    begins = "" if rule.earliest or rule.latest else counted + ("倒算" if rule.counted_back else "起算")
    yield "长度", (*words.measure(names, rule), begins)
    yield "末日", ("" if rule.rolls or rule.counted_back else "遇休息日不顺延",)
    yield "延长", words.extensions(names, rule)
    yield "不计入", tuple(names.uncounted(kind) for kind in rule.excludes)
    yield "届满后", (f"记录“{names.event(rule.when_over)}”" if rule.when_over else "",)
    yield "提前提醒", (words.length(rule.warn_before) if rule.warn_before else "",)
    yield "待裁断", ("、".join(rule.ruling_needed),)
    yield "说明", (rule.note.zh if rule.note else "",)


def conditions(names: Names) -> tuple[Card, ...]:
    """A card for each condition: what is asked in words, and the weight where it fails."""
    rules = names.workflow.conditions.items()
    return tuple(
        Card(
            name,
            rule.label.zh,
            (words.weight(rule.weight),),
            cited(rule.basis),
            _kept(_condition(names, rule)),
            f"〔{names.numbers.conditions.get(name, '')}〕",
        )
        for name, rule in rules
    )


def _condition(names: Names, rule: Condition) -> Rows:
    yield ASKED, meaning(names, rule.guard)
    yield "待裁断", ("、".join(rule.ruling_needed),)
    yield "说明", (rule.note.zh if rule.note else "",)


def facts(names: Names, wanted: Callable[[Fact], bool]) -> tuple[Card, ...]:
    """A card for each fact that is wanted: of which kind it is, and its options or items."""
    rules = names.workflow.facts.items()
    return tuple(
        Card(name, rule.label.zh, (_kind(names, rule),), (), _kept(_fact(rule))) for name, rule in rules if wanted(rule)
    )


def _kind(names: Names, rule: Fact) -> str:
    kind = _LISTS[rule.list] if rule.list else _TYPES.get(rule.type, TYPE_NAMES[rule.type].zh)
    whose = f"；每一名{names.role(rule.per)}各有其值" if rule.per else ""
    return kind + whose + ("；可以是将来的日期" if rule.may_be_future else "")


def _fact(rule: Fact) -> Rows:
    yield "选项", tuple(label.zh for label in (rule.choice or rule.several or {}).values())
    yield "项目", tuple(label.zh for label in (rule.checklist or {}).values())
    yield "个人信息", ("可以依法删除" if rule.particulars else "",)


def incidents(names: Names) -> tuple[Card, ...]:
    """A card for each incident that the procedure admits."""
    return tuple(
        Card(use.opens, names.incident(use.opens), (), cited(use.basis), _kept(_incident(names, use)))
        for use in names.workflow.incidents
    )


def _incident(names: Names, use: IncidentUse) -> Rows:
    whose = f"；就每一名{names.role(use.per)}" if use.per else ""
    many = "同时进行的个数不限" if use.at_once == "unlimited" else f"同时至多 {use.at_once} 个"
    yield "何时启动", (stages(names, use.while_), many + whose)
    yield "须具备", tuple(names.condition(name) for name in use.requires)
    yield "不得并行", tuple(names.incident(other) for other in use.not_with)
    weight = words.weight(use.weight)
    held = tuple(names.event(event) for event in use.holds)
    yield "进行中不得", (*held, f"违反的，为{weight}" if held and weight else "")
    yield "结果", tuple(_outcomes(names, use))
    yield "待裁断", ("、".join(use.ruling_needed),)
    yield "说明", (use.note.zh if use.note else "",)


def _outcomes(names: Names, use: IncidentUse) -> Iterator[str]:
    """What each result records in the procedure; several of one event that differ by one fact are told together."""
    inner = Names(names.incidents[use.opens], {}, names.registers)
    alike: dict[tuple[str, tuple[str, ...]], list[Outcome]] = {}
    for outcome in use.outcomes:
        alike.setdefault((outcome.when, tuple(outcome.given)), []).append(outcome)
    for (event, facts), found in alike.items():
        if names.compared or len(found) == 1 or len(facts) != 1:
            yield from (_outcome(names, inner, outcome) for outcome in found)
        else:
            yield f"{inner.event(event)}，“{inner.fact(facts[0])}”为下列之一的："
            for one in found:
                yield f"“{inner.value(facts[0], one.given[facts[0]])}” → {names.event(one.records)}"


def _outcome(names: Names, inner: Names, outcome: Outcome) -> str:
    given = "，".join(f"{inner.fact(f)}为“{inner.value(f, v)}”" for f, v in outcome.given.items())
    return f"{inner.event(outcome.when)}{f'（{given}）' if given else ''} → {names.event(outcome.records)}"


def overlay(names: Names, rule: Overlay) -> Card:
    """The card of one local rule."""
    return Card(
        f"{rule.region} {rule.in_force.from_}",
        f"{rule.title.zh}（{rule.region}）",
        (),
        cited(rule.basis),
        _kept(_overlay(names, rule)),
    )


def _overlay(names: Names, rule: Overlay) -> Rows:
    until = f"至 {rule.in_force.until}（不含）" if rule.in_force.until else "起"
    yield "施行", (f"自 {rule.in_force.from_} {until}",)
    for name, stricter in rule.deadlines.items():
        length = words.length(stricter.length) + words.bracketed(stricter.basis)
        yield "更短期限", (f"{names.deadline(name)}：{length}", *words.extended(names, stricter.extend or ()))
    known = names.workflow.conditions
    raised = (known[name].label.zh if name in known else "（本版本没有的条件）" for name in rule.raises)
    yield "由提示升为应符合", tuple(raised)
    numbers = (*rule.ruling_needed, *(one for stricter in rule.deadlines.values() for one in stricter.ruling_needed))
    yield "待裁断", ("、".join(dict.fromkeys(numbers)),)
    yield "说明", (rule.note.zh if rule.note else "",)
