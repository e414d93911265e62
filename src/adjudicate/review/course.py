"""The first page of a version: its course from the request to the effect, in the order of the law, in short rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adjudicate.definition.courses import Chapter
from adjudicate.definition.deadline_models import Start
from adjudicate.definition.models import CLOCK, LINK, Step
from adjudicate.guards.compiling import compile_guard
from adjudicate.guards.events import InReach, Kept, NotOver
from adjudicate.review import cards
from adjudicate.review import names as words
from adjudicate.review.blocks import Phrases, Table
from adjudicate.review.names import Names

_HEAD = ("谁做什么", "在什么时间内", "随后", "欠缺则不得进行", "欠缺则为瑕疵")
_WIDTHS = (19, 14, 26, 22, 19)
# Characters of lengths that are told at once; more stand in the table of deadlines.
_AT_A_GLANCE = 40
# Characters of conditions that are told of one step; its card has them all.
_GLANCE = 28
_BY_ITSELF = {CLOCK, LINK}
# The words that ask whether an act is in time.
_IN_TIME = {NotOver.word, Kept.word, InReach.word}


def course(names: Names, chapters: Sequence[Chapter]) -> Table:
    """The main steps by chapter. Where no chapters are given, every step that somebody takes, as one."""
    rows: list[tuple[Phrases, ...]] = []
    for title, steps in _chapters(names, chapters):
        rows += [((title,),)] if title else []
        rows += [_row(names, step) for step in steps]
    return Table(_HEAD, tuple(rows), _WIDTHS, wide=True)


def _chapters(names: Names, chapters: Sequence[Chapter]) -> Iterator[tuple[str, list[Step]]]:
    by_event: dict[str, list[Step]] = {}
    for step in names.workflow.steps:
        by_event.setdefault(step.event, []).append(step)
    if not chapters:
        yield "", [step for step in names.workflow.steps if not _BY_ITSELF.issuperset(step.by)]
    for chapter in chapters:
        events = [by_event[event] for event in chapter.events if event in by_event]
        if events:
            yield chapter.title.zh, [_main(steps) for steps in events]


def _main(steps: list[Step]) -> Step:
    """The step that tells an event: the first that leads on."""
    return next((step for step in steps if step.to is not None), steps[0])


def _row(names: Names, step: Step) -> tuple[Phrases, ...]:
    by_itself = _BY_ITSELF.issuperset(step.by)
    whose = f"（就每一名{names.role(step.per)}）" if step.per else ""
    key = words.step_keys(names.workflow.steps)[names.workflow.steps.index(step)]
    number = f"{names.numbers.steps[key]} " if key in names.numbers.steps else ""
    who = f"{number}{'' if by_itself else names.roles(step.by) + '：'}{step.label.zh}{whose}"
    # The latest citation: which one held when stands with the step itself.
    cited = step.basis[max(step.basis)] if isinstance(step.basis, dict) else step.basis
    return (
        (who + (f"（{cited}）" if cited else ""),),
        tuple(f"“{names.deadline(name)}”{_length(names, name)}" for name in _times(names, step)),
        tuple(_next(names, step)),
        _some([("", [names.condition_label(name) for name in step.requires])]),
        _some(
            [
                (f"{weight[:2]}：" if weight else "", [names.condition_label(name) for name in expected])
                for weight, expected in cards.by_weight(names, step.expects).items()
            ]
        ),
    )


def _some(groups: Sequence[tuple[str, Sequence[str]]]) -> Phrases:
    """Conditions by their labels as far as they are read at a glance, and how many more the step's card has."""
    found, room = [], _GLANCE
    for head, labels in groups:
        told: list[str] = []
        for label in labels:
            room -= len(label)
            if room < 0 and told:
                break
            told.append(label)
        more = f"；……共 {len(labels)} 项" if len(told) < len(labels) else ""
        found.append(f"{head}{'；'.join(told)}{more}")
    return tuple(found)


def _times(names: Names, step: Step) -> list[str]:
    """The deadlines in which a step is to be taken: those its conditions name, its party's own, or the one it ends."""
    judged = {name for one in (*step.requires, *step.expects, *step.advises) for name in _named(names, one)}
    known = [name for name in names.workflow.deadlines if name in judged]
    ended = [name for name in step.stops if name in names.workflow.deadlines]
    own = [name for name in ended if step.per and names.workflow.deadlines[name].per == step.per]
    # A step that ends several at once, such as a dismissal, is not what those were for.
    return known or own or (ended if len(ended) == 1 else [])


def _named(names: Names, condition: str) -> Iterator[str]:
    word = compile_guard(names.guards[condition], names.guards)
    if word.word in _IN_TIME:
        yield from (name for kind, name in word.own_names() if kind == "deadline")


def _length(names: Names, name: str) -> str:
    rule = names.workflow.deadlines[name]
    said = words.measure(names, rule)
    if len(said) == 1:
        return f"（{said[0]}）"
    # The head of a choice says by which fact; the lengths speak for themselves.
    lengths = "，".join(said[1:]) if rule.choose is not None else ""
    return f"（{lengths}）" if 0 < len(lengths) <= _AT_A_GLANCE else "（见期限表）"


def _next(names: Names, step: Step) -> Iterator[str]:
    if isinstance(step.to, str):
        yield f"进入“{names.state(step.to)}”"
    elif step.to is not None:
        yield f"依情形进入{cards.stages(names, list(_branches(step)))}"
    begun = [one.deadline if isinstance(one, Start) else one for one in (*step.starts, *step.restarts)]
    if begun:
        yield f"起算{'、'.join(f'“{names.deadline(name)}”{_length(names, name)}' for name in begun)}"
    if step.extends:
        yield f"延长“{names.deadline(step.extends.deadline)}”"
    if step.issues:
        yield f"出具{'、'.join(names.document(name) for name in step.issues)}"


def _branches(step: Step) -> Iterator[str]:
    if step.to is None or isinstance(step.to, str):
        return
    if step.to.choose is not None:
        for options in step.to.choose.values():
            yield from options.values()
    else:
        yield from (str(step.to.then), str(step.to.otherwise))
