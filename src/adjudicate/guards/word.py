"""What a guard word is: the view of a case that it may ask, and the base it is built on; `guards` has them all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, Protocol

from adjudicate.law.text import Text


class Pending(Exception):
    """A guard reads a fact that the step itself records, and no value was given yet."""

    def __init__(self, fact: str) -> None:
        self.fact = fact
        super().__init__(fact)


class View(Protocol):
    """What a guard may ask about a case at the moment of an act."""

    @property
    def on(self) -> date:
        """The legal day of the act."""

    def fact(self, name: str) -> Any:
        """The value of a fact, or None while unknown. Raises Pending."""

    def happened(self, event: str) -> bool:
        """Whether the event was recorded (for the bound party, where there is one)."""

    def over(self, deadline: str) -> bool:
        """Whether the deadline has passed for every party it runs for."""

    def started(self, deadline: str) -> bool:
        """Whether the deadline has ever been started."""

    def due(self, deadline: str) -> date | None:
        """The due day, where one is known."""

    def furthest_due_on(self, deadline: str, extensions: int) -> date | None:
        """The due day if the first extensions were granted in full; None where nothing limits it."""

    def thread_open(self, incident: str, state: str | None) -> bool:
        """Whether a thread of the incident is open (in that state)."""

    def stands_in(self, states: Sequence[str]) -> bool:
        """Whether the main procedure stands in one of the states."""

    def members(self, role: str) -> Sequence[str]:
        """The parties who play the role now."""

    def bound(self, party: str) -> View:
        """The same view, seen for one party."""

    def twin(self, facts: Sequence[str]) -> bool:
        """Whether another open thread of this incident has the same party and the same values."""


Compile = Callable[[Any], "Word"]


class Word(ABC):
    """One guard word with its argument: tests a view and names what it reads."""

    word: ClassVar[str]
    reads: ClassVar[tuple[str, ...]] = ()

    def __init__(self, argument: Any, compile_inner: Compile) -> None:
        self.argument = argument
        self.children: tuple[Word, ...] = ()
        self.prepare(compile_inner)

    def prepare(self, compile_inner: Compile) -> None:  # noqa: B027 - a word without an argument to check is complete
        """Check the argument's shape. Raises ValueError with a sentence."""

    @abstractmethod
    def test(self, view: View) -> bool:
        """Whether the word holds."""

    def names(self) -> Iterator[tuple[str, str]]:
        """Every (kind, name) this word and the words in it speak of, such as ('fact', 'panel')."""
        for child in self.children:
            yield from child.names()

    def why(self, view: View) -> Text | None:
        """What made it fail, beyond the condition's own label; None where the label says it all."""
        del view
        return None


def need(holds: bool, sentence: str) -> None:
    """Raises ValueError with the sentence unless it holds."""
    if not holds:
        raise ValueError(sentence)


def one_name(argument: Any, word: str) -> str:
    """The argument of a word that takes one name. Raises ValueError."""
    need(isinstance(argument, str), f"'{word}' takes one name")
    return str(argument)
