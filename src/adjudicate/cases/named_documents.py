"""The documents that facts name by their digests, and those of them that do not lie on the file of the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adjudicate.cases.queries import filing
from adjudicate.errors import InvalidFacts
from adjudicate.guards.kinds import FactType
from adjudicate.law.text import Text
from adjudicate.states.entries import EntryKind, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from adjudicate.definition.models import Fact
    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.states.entries import Entry
    from adjudicate.states.standing import Standing

# Registered documents are known by this digest of their bytes alone.
KNOWN_BY = "sha-256:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A document that a fact names: the fact with its label, the digest as written, and its place in the request."""

    fact: str
    label: Text
    digest: str
    pointer: str
    thread: str | None = None
    party: str | None = None


def refuse_unregistered(
    tx: Connection, case_id: str, rulebook: Rulebook, entries: Iterable[Entry], history: Callable[[], Sequence[Entry]]
) -> None:
    """Raises InvalidFacts where an act names a document that is not registered in the case.

    `history` is asked for only where a correction names one: what the act it replaces named already stays.
    """
    acts = [entry for entry in entries if entry.kind is EntryKind.ACT]
    missing = unregistered(tx, case_id, [one for act in acts for one in _named_by(rulebook, act)])
    replaced = {act.supersedes for act in acts} - {None}
    if missing and replaced:
        former = [one for act in history() if act.sequence in replaced for one in _named_by(rulebook, act)]
        missing = [one for one in missing if one.digest not in {known.digest for known in former}]
    if missing:
        reasons = [_not_registered(one) for one in missing]
        raise InvalidFacts(zh=reasons[0].zh, en=reasons[0].en, reasons=reasons)


def still_to_register(rulebook: Rulebook, entries: Iterable[Entry]) -> list[Reason]:
    """A reminder for each document that the first act of a case names: before there is a case, none is registered."""
    acts = [entry for entry in entries if entry.kind is EntryKind.ACT]
    return [
        Reason(
            "document-not-registered",
            f"“{one.label.zh}”所指的文件须在立卷后登记到本案",
            f"the document given as '{one.label.en}' must be registered in the case, now that there is one",
            details={"pointer": one.pointer},
        )
        for act in acts
        for one in _named_by(rulebook, act)
    ]


def named_in(rulebook: Rulebook, standing: Standing) -> list[Named]:
    """The documents that the facts of a case name as it stands."""
    main = rulebook.main.facts
    found = list(_named(main, standing.facts))
    for party, facts in standing.party_facts.items():
        found += _named(main, facts, party=party)
    for key, thread in standing.threads.items():
        found += _named(rulebook.compiled(thread.incident).facts, thread.facts, thread=key)
    return found


def unregistered(tx: Connection, case_id: str, named: Collection[Named]) -> list[Named]:
    """Those of them that are not on the file of the case, or were erased; no statement is run for none."""
    digests = {one.digest.removeprefix(KNOWN_BY) for one in named if one.digest.startswith(KNOWN_BY)}
    there = filing.on_file(tx, case_id, digests) if digests else frozenset()
    return [one for one in named if one.digest.removeprefix(KNOWN_BY) not in there]


def _named_by(rulebook: Rulebook, act: Entry) -> Iterator[Named]:
    if act.event in rulebook.homes:
        yield from _named(rulebook.compiled(rulebook.homes[act.event]).facts, act.facts)


def _named(
    rules: Mapping[str, Fact], facts: Mapping[str, Any], *, thread: str | None = None, party: str | None = None
) -> Iterator[Named]:
    for name, value in facts.items():
        rule = rules.get(name)
        if rule is None or FactType.DOCUMENT.value not in (rule.type.value, rule.list):
            continue
        for pointer, digest in _digests(value, f"/facts/{name}"):
            label = Text(rule.label.zh, rule.label.en)
            yield Named(fact=name, label=label, digest=digest, pointer=pointer, thread=thread, party=party)


def _digests(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every digest in a value: one, a list of them, or either for each party."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for party, own in value.items():
            yield from _digests(own, f"{pointer}/{party}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _digests(one, f"{pointer}/{place}")


def _not_registered(one: Named) -> Reason:
    zh = f"“{one.label.zh}”所指的文件尚未在本案登记：请先登记该文件，再记录此事项"
    en = f"the document given as '{one.label.en}' is not registered in this case: register it, then record the act"
    if not one.digest.startswith(KNOWN_BY):
        zh = f"“{one.label.zh}”须以本案已登记文件的摘要（登记时给出的那一种）指明，其他摘要无从核对"
        en = (
            f"'{one.label.en}' is named by the digest that a document got when it was registered in this case: "
            "no other can be compared"
        )
    return Reason("document-not-registered", zh, en, condition=one.fact, details={"pointer": one.pointer})
