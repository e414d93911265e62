"""The page on which a lawyer signs one procedure or incident: tables and a diagram out of its versions, in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import NOTHING, Overlay, Step
from adjudicate.definition.rulebook import CompiledWorkflow
from adjudicate.review import names as words
from adjudicate.review.names import Names

_STEP_HEAD = (
    "事项",
    "从 → 到",
    "由谁",
    "须具备（欠缺则不得进行）",
    "应符合（欠缺则为瑕疵）",
    "提示",
    "期限",
    "文书",
    "依据",
)
_DEADLINE_HEAD = (
    "期限",
    "性质",
    "长度",
    "起算",
    "分别计算",
    "延长",
    "不计入",
    "届满事项",
    "提前提醒",
    "依据",
    "待裁断",
)
_INCIDENT_HEAD = ("附随程序", "可启动的阶段", "分别", "同时", "不得并行", "进行中暂停的事项", "结果", "依据", "待裁断")


def page(versions: Sequence[Names], overlays: Sequence[Overlay], cited: Sequence[str] = ()) -> str:
    """The whole page of a key, the newest version first; `cited` says how many articles of each instrument it cites."""
    newest = versions[0].workflow
    what = "附随程序" if newest.kind == "incident" else "程序"
    lines = [
        f"# {newest.title.zh}（{newest.workflow}）",
        "",
        f"{what}审阅表。由 `adjudicate render` 从本文件夹的 YAML 生成，请勿手工修改；有误请改 YAML 后重新生成。",
        "“须具备”欠缺的，该事项不得记录；“应符合”欠缺而事实已经发生的，须由有权角色说明理由后记录，并标记程序瑕疵。",
        "",
    ]
    for names in versions:
        lines.extend(_version(names))
    lines.extend(_overlays(newest.title.zh, overlays, versions[0]))
    if cited:
        lines += ["## 引用的条文", "", *(f"- {line}" for line in cited), ""]
    lines += ["## 审阅", "", "| 审阅人 | 日期 | 意见 |", "|---|---|---|", "| | | |", ""]
    return "\n".join(lines)


def _version(names: Names) -> Iterator[str]:
    workflow = names.workflow
    until = f"至 {workflow.in_force.until}（不含）" if workflow.in_force.until else ""
    yield f"## 自 {workflow.in_force.from_} 起施行的版本{until}"
    yield ""
    yield f"依据：{words.basis(workflow.basis)}"
    if workflow.note:
        yield f"\n说明：{workflow.note.zh}"
    if workflow.governs:
        yield "\n适用版本由下列日期依次确定：" + "、".join(names.fact(name) for name in workflow.governs)
    yield ""
    yield from _assumptions(names)
    yield from ["### 阶段图", "", *_diagram(names), ""]
    yield from ["### 事项", "", *_table(_STEP_HEAD, (_step(names, step) for step in workflow.steps)), ""]
    if workflow.deadlines:
        yield from ["### 期限", "", *_table(_DEADLINE_HEAD, _deadlines(names)), ""]
    if workflow.incidents:
        yield from ["### 附随程序", "", *_table(_INCIDENT_HEAD, _incidents(names)), ""]
    if workflow.conditions:
        head = ("条件", "含义", "不符合时", "依据", "待裁断", "说明")
        yield from ["### 条件的含义", "", *_table(head, _conditions(names)), ""]
    if workflow.always:
        rows = [(words.promise(names, line), words.basis(line.basis)) for line in workflow.always]
        yield from ["### 任何情形下都成立的规则", "", *_table(("规则", "依据"), rows), ""]


def _assumptions(names: Names) -> Iterator[str]:
    """The unsettled points of law with what rests on each."""
    workflow = names.workflow
    found: dict[str, list[str]] = {}

    def note(codes: Iterable[str], what: str) -> None:
        for code in codes:
            found.setdefault(code, []).append(what)

    note(workflow.ruling_needed, "整个文件")
    for rule in workflow.deadlines.values():
        note(rule.ruling_needed, f"期限“{rule.label.zh}”")
    for step in workflow.steps:
        note(step.ruling_needed, f"事项“{step.label.zh}”")
    for condition in workflow.conditions.values():
        note(condition.ruling_needed, f"条件“{condition.label.zh}”")
    for use in workflow.incidents:
        note(use.ruling_needed, f"附随程序“{names.incident(use.opens)}”")
    if not found:
        return
    yield from ["### 所依赖的待裁断问题", ""]
    rows = ((code, "、".join(dict.fromkeys(found[code]))) for code in sorted(found, key=lambda code: (len(code), code)))
    yield from [*_table(("编号", "涉及"), rows), ""]


def _diagram(names: Names) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for name, state in names.workflow.states.items():
        yield f'    state "{_plain(state.label.zh)}" as {name}'
    compiled = CompiledWorkflow(names.workflow, incident=None)
    drawn: dict[tuple[str, str], list[str]] = {}
    for step in names.workflow.steps:
        for source in compiled.sources(step):
            for target in compiled.destinations(step):
                if target != source:
                    drawn.setdefault((source, target), []).append(_plain(step.label.zh))
    for (source, target), labels in drawn.items():
        begin = "[*]" if source == NOTHING else source
        yield f"    {begin} --> {target}: {' / '.join(dict.fromkeys(labels))}"
    yield from (f"    {name} --> [*]" for name, state in names.workflow.states.items() if state.final)
    yield "```"


def _plain(text: str) -> str:
    """A label that the diagram's own signs do not break."""
    return text.replace('"', "”").replace(":", "：").replace(";", "；").replace("#", "＃")


def _step(names: Names, step: Step) -> tuple[str, ...]:
    label = step.label.zh + (f"（{'、'.join(step.ruling_needed)}）" if step.ruling_needed else "")
    by = names.roles(step.by) + (f"（就每一名{names.role(step.per)}）" if step.per else "")
    if step.may_override:
        by += f"；瑕疵由{names.roles(step.may_override)}决定"
    return (
        label + (f"。{step.note.zh}" if step.note else ""),
        words.way(names, step),
        by,
        *("；".join(names.condition(name) for name in part) for part in (step.requires, step.expects, step.advises)),
        "；".join(_clocks(names, step)),
        "、".join(names.document(name) for name in step.issues),
        words.basis(step.basis),
    )


def _clocks(names: Names, step: Step) -> Iterator[str]:
    for one in step.starts:
        if isinstance(one, Start):
            yield f"起算{names.deadline(one.deadline)}（以“{names.workflow.conditions[one.if_].label.zh}”为限）"
        else:
            yield f"起算{names.deadline(one)}"
    yield from (f"重新起算{names.deadline(name)}" for name in step.restarts)
    yield from (f"终止{names.deadline(name)}" for name in step.stops)
    if step.extends:
        yield f"延长{names.deadline(step.extends.deadline)}（按“{names.fact(step.extends.with_)}”）"
    yield from (f"开始不计入的时间（{names.uncounted(kind)}）" for kind in step.begins)
    yield from (f"结束不计入的时间（{names.uncounted(kind)}）" for kind in step.ends)


def _deadlines(names: Names) -> Iterator[tuple[str, ...]]:
    for rule in names.workflow.deadlines.values():
        counted = f"自{names.fact(rule.counted_from)}" if rule.counted_from else "自起算事项发生之日"
        yield (
            rule.label.zh + (f"。{rule.note.zh}" if rule.note else ""),
            words.whose_time(rule),
            words.deadline_length(names, rule),
            counted + ("倒算" if rule.counted_back else "") + ("" if rule.rolls else "；末日遇休息日不顺延"),
            f"每一名{names.role(rule.per)}" if rule.per else "",
            words.extensions(names, rule),
            "、".join(names.uncounted(kind) for kind in rule.excludes),
            names.event(rule.when_over) if rule.when_over else "",
            words.length(rule.warn_before) if rule.warn_before else "",
            words.basis(rule.basis),
            "、".join(rule.ruling_needed),
        )


def _incidents(names: Names) -> Iterator[tuple[str, ...]]:
    for use in names.workflow.incidents:
        outcomes = []
        for outcome in use.outcomes:
            inner = Names(names.incidents[use.opens], {}, names.registers)
            given = "，".join(f"{inner.fact(f)}为“{inner.value(f, v)}”" for f, v in outcome.given.items())
            when = inner.event(outcome.when) + (f"（{given}）" if given else "")
            outcomes.append(f"{when} → {names.event(outcome.records)}")
        yield (
            names.incident(use.opens)
            + (f"。须具备：{'；'.join(map(names.condition, use.requires))}" if use.requires else ""),
            "、".join(names.state(name) for name in use.while_),
            f"每一名{names.role(use.per)}" if use.per else "",
            "不限" if use.at_once == "unlimited" else str(use.at_once),
            "、".join(names.incident(other) for other in use.not_with),
            "、".join(names.event(event) for event in use.holds)
            + (f"（违反的：{words.weight(use.weight)}）" if use.weight else ""),
            "；".join(outcomes),
            words.basis(use.basis),
            "、".join(use.ruling_needed),
        )


def _conditions(names: Names) -> Iterator[tuple[str, ...]]:
    for condition in names.workflow.conditions.values():
        yield (
            condition.label.zh,
            words.guard(names, condition.guard),
            words.weight(condition.weight),
            words.basis(condition.basis),
            "、".join(condition.ruling_needed),
            condition.note.zh if condition.note else "",
        )


def _overlays(title: str, overlays: Sequence[Overlay], names: Names) -> Iterator[str]:
    if not overlays:
        return
    yield from [f"## {title}的地方规定", ""]
    rows = []
    for overlay in overlays:
        until = f"至 {overlay.in_force.until}（不含）" if overlay.in_force.until else "起"
        stricter = []
        for name, rule in overlay.deadlines.items():
            extend = "；".join(f"{names.role(one.by)}可延长，{words.at_most(one.at_most)}" for one in rule.extend or ())
            stricter.append(f"{names.deadline(name)} {words.length(rule.length)}" + (f"（{extend}）" if extend else ""))
        raised = "、".join(
            names.workflow.conditions[name].label.zh if name in names.workflow.conditions else name
            for name in overlay.raises
        )
        note = overlay.note.zh if overlay.note else ""
        rows.append(
            (
                f"{overlay.title.zh}（{overlay.region}）",
                f"自 {overlay.in_force.from_} {until}",
                "；".join(stricter),
                raised,
                words.basis(overlay.basis),
                note,
            )
        )
    yield from _table(("规定", "施行", "更短的期限", "由提示升为应符合", "依据", "说明"), rows)
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()
