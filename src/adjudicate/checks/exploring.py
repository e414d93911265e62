"""Asking one definition every question that only exploring answers; each on the smallest slice that settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

from adjudicate.checks.abstraction import Domains, Key
from adjudicate.checks.report import SliceSize
from adjudicate.checks.space import Space, TooLarge, Transition
from adjudicate.checks.subject import Subject
from adjudicate.errors import Fault

Bad = Callable[[Space, Transition], bool]


@dataclass
class Explorer:
    """Spaces of one definition by the variables kept, and the sizes of those that settled a question."""

    subject: Subject
    slices: list[SliceSize] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._domains = Domains(self.subject)
        self._spaces: dict[tuple[frozenset[Key], frozenset[str]], Space] = {}

    def space(self, keys: Iterable[Key], watched: Iterable[str] = ()) -> Space:
        """The space of these variables in which steps of the events watched are never left out. Raises TooLarge."""
        known = (frozenset(keys), frozenset(watched))
        if known not in self._spaces:
            self._spaces[known] = Space(self.subject, self._domains, *known)
        return self._spaces[known]

    def measured(self, question: str, space: Space, begun: float) -> None:
        """Note how much a question needed."""
        self.slices.append(
            SliceSize(
                file=self.subject.version.path,
                question=question,
                variables=tuple(" ".join(part for part in key if part) for key in space.keys),
                states=len(space.states),
                transitions=len(space.transitions),
                seconds=perf_counter() - begun,
            )
        )

    def counterexample(
        self, question: str, keys: Iterable[Key], bad: Bad, watched: Iterable[str] = ()
    ) -> tuple[Space, list[Transition]] | None:
        """The shortest path whose last transition is bad, or None where there is none. Raises TooLarge.

        A path that only a left-out guard would close is looked at again with that guard's variables kept.
        """
        begun, kept = perf_counter(), frozenset(keys)
        while True:
            space = self.space(kept, watched)
            path = shortest(space, bad)
            wanting = next((transition.needs for transition in reversed(path or []) if transition.needs - kept), None)
            if path is None or wanting is None:
                self.measured(question, space, begun)
                return None if path is None else (space, path)
            kept |= wanting


def shortest(space: Space, bad: Bad) -> list[Transition] | None:
    """The path to the first bad transition, breadth first."""
    found = next((transition for transition in space.transitions if bad(space, transition)), None)
    return None if found is None else [*path_to(space, found.source), found]


def path_to(space: Space, number: int) -> list[Transition]:
    """The ways by which a state was first found."""
    path: list[Transition] = []
    transition = space.first[number]
    while transition is not None:
        path.append(transition)
        transition = space.first[transition.source]
    return path[::-1]


def described(space: Space, path: Iterable[Transition]) -> str:
    """A path in words: the labels of its events, one after another."""
    return " → ".join(_words(space, path)) or "（尚无事项）"


def _words(space: Space, path: Iterable[Transition]) -> Iterator[str]:
    subject = space.subject
    for transition in path:
        if transition.step is not None:
            yield subject.workflow.steps[transition.step].label.zh
        elif transition.deadline is not None:
            yield f"（{subject.compiled.deadlines[transition.deadline].label.zh}届满）"
        else:
            yield "（附随程序）"


def too_large(subject: Subject, question: str) -> Fault:
    """The fault of a definition whose slice cannot be explored: a proof is owed, and none can be given."""
    return subject.fault((), f"cannot be proved: {question}: its slice has too many states")


__all__ = ["Explorer", "TooLarge", "described", "path_to", "shortest", "too_large"]
