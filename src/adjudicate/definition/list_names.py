"""Whether the lists of a definition name what exists and is of the right kind: governing days, indexes, promises."""

from __future__ import annotations

from collections.abc import Iterator

from adjudicate.definition.condition_names import condition
from adjudicate.definition.models import ANY, NOTHING, PARTY, Always
from adjudicate.definition.naming import Naming
from adjudicate.definition.yaml_source import Path
from adjudicate.guards.kinds import FactType, Place, kind_of
from adjudicate.law.text import Text

_DAY = Place("fact", (FactType.DAY,))
_SHORT = Place("fact", (FactType.TEXT, FactType.CHOICE))
_INDEXED = {
    "day": _DAY,
    "time": Place("fact", (FactType.TIME,)),
    "room": Place("fact", (FactType.TEXT,)),
    "mode": _SHORT,
    "attended": Place("fact", (FactType.LIST,), ("party",)),
    "people": Place("fact", (FactType.LIST,), ("actor",)),
}


def check(naming: Naming) -> None:
    """Note every fault of them."""
    for j, name in enumerate(naming.workflow.governs):
        at: Path = ("governs", j) if ("governs", j) in naming.source.lines else ("governs",)
        _fact(naming, at, name, _DAY, Text("确定适用版本的是", "this file is governed by"))
    _indexes(naming)
    _reserved(naming)
    _promises(naming)


def _fact(naming: Naming, at: Path, name: str, place: Place, saying: Text) -> None:
    """A fact of the case as a whole, of that kind, that stays on record."""
    facts = naming.workflow.facts
    if not naming.known(at, "fact", name, facts, saying):
        return
    rule = facts[name]
    if not place.takes(rule):
        wanted, is_kind = place.said(), kind_of(rule)
        naming.add(
            at,
            f"{saying.en} '{name}', which must be {wanted.en} and is {is_kind.en}",
            f"{saying.zh}“{name}”，它须为{wanted.zh}，而它是{is_kind.zh}",
        )
    elif rule.per:
        naming.add(
            at,
            f"{saying.en} '{name}', which is kept per {rule.per} and not once for the case",
            f"{saying.zh}“{name}”，而它按“{rule.per}”分别记录，对全案没有一个值",
        )
    elif rule.particulars:
        naming.add(at, f"{saying.en} '{name}', which may be erased", f"{saying.zh}“{name}”，而该事实可能被删除")


def _indexes(naming: Naming) -> None:
    indexes = naming.workflow.indexes
    if indexes.patent:
        saying = Text("专利号索引所读的是", "the patent index reads")
        _fact(naming, ("indexes", "patent"), indexes.patent, Place("fact", (FactType.TEXT,)), saying)
    if indexes.hearing is None:
        return
    saying = Text("审理日程索引所读的是", "the hearing index reads")
    for key, name in indexes.hearing.model_dump().items():
        at: Path = ("indexes", "hearing", key)
        if name and key == "held":
            naming.known(at, "event", name, naming.events, saying)
        elif name:
            _fact(naming, at, name, _INDEXED[key], saying)


def _reserved(naming: Naming) -> None:
    """Words that mean something else wherever a name may stand."""
    for section, words in (("states", (NOTHING, ANY)), ("parties", (PARTY,))):
        for word in words:
            if word in getattr(naming.workflow, section):
                naming.add(
                    (section, word),
                    f"'{word}' has a meaning of its own and cannot be a name here",
                    f"“{word}”另有固定含义，不能用作此处的名称",
                )
    for name, state in naming.workflow.states.items():
        if state.holds and not naming.is_incident:
            naming.add(
                ("states", name),
                f"state '{name}' is the main procedure's: only a state of an incident holds anything",
                f"阶段“{name}”属于主程序，只有附随程序的阶段才能使主程序暂停（holds）",
            )
        elif state.holds and state.final:
            naming.add(
                ("states", name),
                f"state '{name}' is final: a thread that is over holds nothing",
                f"阶段“{name}”是终结阶段，已终结的分支不能使主程序暂停（holds）",
            )


def _promises(naming: Naming) -> None:
    events, states = naming.all_events, frozenset(naming.workflow.states)
    known = {"event": events, "state": states, "event or state": events | states}
    for i, line in enumerate(naming.workflow.always):
        for what, word in _named(line):
            saying = Text("always 规则所指的是", "an 'always' line speaks of")
            if word in known[what] or not naming.partly_unknown:
                naming.known(("always", i), what, word, known[what], saying)
        if line.until:
            condition(naming, ("always", i), Text("always 规则", "an 'always' line"), line.until)


def _named(line: Always) -> Iterator[tuple[str, str]]:
    """Every name of the line, with what it says that it is."""
    several = (*(line.one_of or ()), *(line.follows or ()), *(line.never_both or ()))
    for named in (line.before, line.after, line.never, *several):
        if isinstance(named, str):
            yield "event or state", named
        elif named is not None:
            yield ("event", named.event) if named.event else ("state", str(named.state))
