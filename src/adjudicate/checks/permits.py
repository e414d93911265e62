"""Whether a slice lets a step be taken, and where to: what the act itself brings may be chosen, the rest is as kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from adjudicate.checks.abstraction import Domains, Key, Seen, Value, atoms_of, holds, keys_of
from adjudicate.checks.subject import Subject
from adjudicate.definition.models import Step
from adjudicate.guards.compiling import Word

Answer = tuple[bool | None, frozenset[Key]]


@dataclass(frozen=True)
class _Group:
    """Conditions of one step that share facts which the act brings and the slice leaves out."""

    words: tuple[Word, ...]
    chosen: tuple[Key, ...]
    options: tuple[tuple[Value, ...], ...]
    kept: tuple[int, ...]
    missing: frozenset[Key]


class Permits:
    """Answers for one slice; answers are remembered by the values they depend on."""

    def __init__(self, subject: Subject, domains: Domains, index: Mapping[Key, int]) -> None:
        self._subject, self._domains, self._index = subject, domains, index
        self._atoms = atoms_of(subject)
        self._groups: dict[int, list[_Group]] = {}
        self._memo: dict[tuple[int, int, str, tuple[Value, ...]], bool | None] = {}

    def ask(self, i: int, step: Step, place: str, values: tuple[Value, ...]) -> Answer:
        """Whether the step's `requires` can hold: surely, perhaps (with what would settle it), or not."""
        if i not in self._groups:
            self._groups[i] = list(self._grouped(step))
        sure, needs = True, set[Key]()
        for n, group in enumerate(self._groups[i]):
            known = (i, n, place, tuple(values[k] for k in group.kept))
            if known not in self._memo:
                self._memo[known] = self._possible(group, place, values)
            found = self._memo[known]
            if found is False:
                return False, frozenset()
            if found is None:
                sure = False
                needs |= group.missing
        return (True if sure else None), frozenset(needs)

    def _grouped(self, step: Step) -> Iterator[_Group]:
        brought = {*step.records, *step.may_record}
        groups: list[tuple[set[Key], list[Word]]] = []
        for name in step.requires:
            word = self._subject.compiled.conditions[name].word
            own = {key for key in keys_of(word) if key not in self._index and self._brings(key, brought)}
            words = [word]
            for other in [group for group in groups if group[0] & own]:
                groups.remove(other)
                own |= other[0]
                words += other[1]
            groups.append((own, words))
        for own, words in groups:
            chosen = tuple(sorted(own))
            read = {key for word in words for key in keys_of(word)}
            yield _Group(
                words=tuple(words),
                chosen=chosen,
                options=tuple(self._choices(key, step) for key in chosen),
                kept=tuple(self._index[key] for key in sorted(read) if key in self._index),
                missing=frozenset(key for key in read if key not in self._index and key not in own),
            )

    def _brings(self, key: Key, brought: set[str]) -> bool:
        return (key[0] == "fact" and key[1] in brought) or (key[0] == "atom" and bool(self._atoms[key] & brought))

    def _choices(self, key: Key, step: Step) -> tuple[Value, ...]:
        if key[0] == "atom":
            return (True, False)
        return self._domains.of(key[1]) if key[1] in step.records else (None, *self._domains.of(key[1]))

    def _possible(self, group: _Group, place: str, values: tuple[Value, ...]) -> bool | None:
        index = {**self._index, **{key: len(values) + n for n, key in enumerate(group.chosen)}}
        best: bool | None = False
        for choice in product(*group.options):
            seen = Seen(place, (*values, *choice), index, is_incident=self._subject.is_incident)
            found = [holds(word, seen) for word in group.words]
            if all(found):
                return True
            if False not in found:
                best = None
        return best

    def destinations(
        self, step: Step, place: str, values: tuple[Value, ...]
    ) -> Iterator[tuple[str, bool, frozenset[Key]]]:
        """Each state the step may lead to: whether it surely may, and what would settle it."""
        if step.to is None or isinstance(step.to, str):
            yield step.to or place, True, frozenset()
        elif step.to.choose is not None:
            yield from self._chosen(step, step.to.choose, values)
        else:
            word = self._subject.compiled.conditions[str(step.to.if_)].word
            found = holds(word, Seen(place, values, self._index, is_incident=self._subject.is_incident))
            missing = frozenset(key for key in keys_of(word) if key not in self._index)
            if found is not False:
                yield str(step.to.then), found is True, missing if found is None else frozenset()
            if found is not True:
                yield str(step.to.otherwise), found is False, missing if found is None else frozenset()

    def _chosen(
        self, step: Step, choose: Mapping[str, Mapping[str, str]], values: tuple[Value, ...]
    ) -> Iterator[tuple[str, bool, frozenset[Key]]]:
        ((name, options),) = choose.items()
        at = self._index.get(("fact", name))
        if at is not None:
            if values[at] in options:
                yield options[values[at]], True, frozenset()
            return
        brought = name in step.records or name in step.may_record
        for target in dict.fromkeys(options.values()):
            yield target, brought, frozenset() if brought else frozenset([("fact", name)])
