"""Asking one definition every question that only exploring answers; each on the smallest slice that settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from adjudicate.checks.abstraction import Key
from adjudicate.checks.index import Index
from adjudicate.checks.moves import Move, PathStep
from adjudicate.checks.naming import listed
from adjudicate.checks.report import SliceSize
from adjudicate.checks.space import BaseMoves, Space, TooLarge
from adjudicate.checks.subject import Subject
from adjudicate.errors import Fault
from adjudicate.law.text import Text

Search = Callable[[Space], list[PathStep] | None]


@dataclass
class Explorer:
    """Spaces of one definition by the variables kept, and the sizes of those that settled a question."""

    subject: Subject
    slices: list[SliceSize] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.index = Index(self.subject)
        self._base = BaseMoves(self.index)
        self._spaces: dict[tuple[frozenset[Key], frozenset[str]], Space] = {}

    def space(self, keys: Iterable[Key], watched: Iterable[str] = ()) -> Space:
        """The space of these variables in which steps of the events watched are never left out. Raises TooLarge."""
        known = (frozenset(keys), frozenset(watched))
        if known not in self._spaces:
            self._spaces[known] = Space(self._base, *known)
        return self._spaces[known]

    def note_size(self, question: Text, space: Space, begun: float) -> None:
        """Note how much a question needed."""
        self.slices.append(
            SliceSize(
                file=self.subject.version.path,
                question=question,
                variables=tuple(self.subject.naming.variable(key) for key in sorted(space.keys)),
                states=space.states,
                combinations=space.combinations,
                moves=len(space.moves),
                seconds=perf_counter() - begun,
            )
        )

    def counterexample(
        self, question: Text, keys: Iterable[Key], search: Search, watched: Iterable[str] = ()
    ) -> tuple[Space, list[PathStep]] | None:
        """The shortest path that the search finds, or None where there is none. Raises TooLarge.

        A path that only a left-out guard would close is looked at again with that guard's variables kept.
        """
        begun, kept = perf_counter(), frozenset(keys)
        while True:
            space = self.space(kept, watched)
            path = search(space)
            missing = next((one.missing for one in reversed(path or []) if one.missing - kept), None)
            if path is None or missing is None:
                self.note_size(question, space, begun)
                return None if path is None else (space, path)
            kept |= missing


def path_text(space: Space, path: Sequence[PathStep]) -> Text:
    """A path in words: the labels of its events, one after another."""
    if not path:
        return Text("（尚无事项）", "(nothing has happened yet)")
    return listed((_move_text(space, one.move) for one in path), zh=" → ", en=" → ")


def _move_text(space: Space, move: Move) -> Text:
    subject = space.subject
    if move.step is not None:
        label = subject.workflow.steps[move.step].label
        return Text(label.zh, label.en)
    if move.deadline is not None:
        label = subject.compiled.deadlines[move.deadline].label
        return Text(f"（{label.zh}届满）", f"({label.en}: time is over)")
    if move.event is not None:
        label = subject.incidents[space.index.incident_of[move.event]].events[move.event][0].label
        return Text(f"（{label.zh}）", f"({label.en})")
    return Text("（附随程序有变动）", "(a change in an incident)")


def too_large(subject: Subject, question: Text) -> Fault:
    """The fault of a definition whose slice cannot be explored: a proof is owed, and none can be given."""
    return subject.fault(
        (),
        "无法证明：{question}：须考察的状态过多",
        "cannot be proved: {question}: its slice has too many states",
        question=question,
    )


__all__ = ["Explorer", "TooLarge", "path_text", "too_large"]
