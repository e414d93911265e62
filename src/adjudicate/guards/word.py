"""What a guard word is: the base of all words, and what one may ask of a case, a definition or an explorer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Protocol

from adjudicate.guards.kinds import FactRule, Place, kind_of
from adjudicate.guards.why import Names, Why
from adjudicate.law.text import Text

# A condition that holds on every day, in the words of a definition.
ALWAYS: Mapping[str, Any] = {"in_time": {"from": date.min}}

Key = tuple[str, ...]
Literal = Callable[[Any], bool]

# What becomes of a deadline: it runs; it is over already when it starts, and its lapse follows at the end of that day;
# it lapses; it is stopped in time; or it is stopped and its last day passes later.
NEVER, RUNNING, OVERDUE, LAPSED, STOPPED, PASSED = "never", "running", "overdue", "lapsed", "stopped", "passed"
OVER = (OVERDUE, LAPSED, PASSED)


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

    @property
    def party(self) -> str | None:
        """The party of whom it is asked, or None where no party is meant."""

    @property
    def names(self) -> Names:
        """What the parts of the case are called where a word says why it fails."""

    @property
    def state(self) -> str | None:
        """Where the main procedure stands; None before it has begun."""

    def fact(self, name: str) -> Any:
        """The value of a fact, or None while unknown. Raises Pending."""

    def happened(self, event: str) -> bool:
        """Whether the event was recorded (for the bound party, where there is one)."""

    def over(self, deadline: str) -> bool:
        """Whether the deadline has passed for every party it runs for."""

    def kept(self, deadline: str) -> bool:
        """Whether the deadline was ended in time for every party it runs for."""

    def started(self, deadline: str) -> bool:
        """Whether the deadline has ever been started."""

    def due(self, deadline: str) -> date | None:
        """The due day, where one is known."""

    def missing_notice(self, deadline: str) -> Text | None:
        """Which holiday notices are missing for want of which its last day is provisional; None where it is certain."""

    def furthest_due_on(self, deadline: str, extensions: int) -> date | None:
        """The due day if the first extensions were granted in full; None where nothing limits it for certain."""

    def thread_open(self, incident: str, state: str | None) -> bool:
        """Whether a thread of the incident is open (in that state)."""

    def named_in_threads(self, incident: str, fact: str, states: Sequence[str]) -> frozenset[str]:
        """Whom the threads of the incident that stand in one of the states name by that fact, over or not."""

    def stands_in(self, states: Sequence[str]) -> bool:
        """Whether the main procedure stands in one of the states."""

    def members(self, role: str) -> Sequence[str]:
        """The parties who play the role now."""

    def principal(self, party: str) -> str:
        """Whom somebody represents in the case; a party stands for itself."""

    def is_working(self, on: date) -> bool:
        """Whether the day is a working day, as far as is known."""

    def bound(self, party: str) -> View:
        """The same view, seen for one party."""

    def twin(self, facts: Sequence[str]) -> bool:
        """Whether another open thread of this incident has the same party and the same values."""


class Surroundings(Protocol):
    """What a word may ask about the definition that it stands in."""

    @property
    def is_incident(self) -> bool:
        """Whether it is an incident's."""

    def fact(self, name: str) -> FactRule | None:
        """The rule of a fact, or None for a name that no fact has."""

    def extensions(self, deadline: str) -> int | None:
        """How often a deadline may be extended, or None for a name that no deadline has."""

    def thread_states(self, incident: str) -> Mapping[str, bool] | None:
        """The states of an incident, and whether each is final; None for a name that no incident has."""

    def thread_fact(self, incident: str, name: str) -> FactRule | None:
        """The rule of a fact of an incident, or None for a name that no fact of it has."""


class Labels(Protocol):
    """What the parts of a definition are called in Chinese."""

    def fact(self, name: str) -> str:
        """A fact."""

    def value(self, fact: str, value: Any) -> str:
        """A value of a fact."""

    def item(self, fact: str, name: str) -> str:
        """An item of a checklist."""

    def event(self, name: str) -> str:
        """An event."""

    def deadline(self, name: str) -> str:
        """A deadline."""

    def incident(self, name: str) -> str:
        """An incident."""

    def place(self, name: str) -> str:
        """A state of the main procedure."""

    def thread_state(self, incident: str, name: str) -> str:
        """A state of an incident."""

    def role(self, name: str) -> str:
        """A part that parties play."""

    def condition_label(self, name: str) -> str:
        """A condition."""


Compile = Callable[[Any], "Word"]


class Word(ABC):
    """One guard word with its argument. The first line of a word's docstring is its sentence in the documentation."""

    word: ClassVar[str]
    zh: ClassVar[str]
    example: ClassVar[str]
    places: ClassVar[tuple[Place, ...]]  # of the last, any number may follow
    binds: ClassVar[bool] = False  # its inner word is asked of one party after another
    of_a_party: ClassVar[bool] = False  # it means something only where one party is meant

    def __init__(self, argument: Any, compile_inner: Compile) -> None:
        self.argument = argument
        self.children: tuple[Word, ...] = ()
        self.name: str | None = None
        self.prepare(compile_inner)
        self.own_keys: tuple[Key, ...] = tuple(self.variables())

    @classmethod
    def en(cls) -> str:
        """When the word holds, in English."""
        return str(cls.__doc__).strip().splitlines()[0].rstrip(".")

    @abstractmethod
    def prepare(self, compile_inner: Compile) -> None:
        """Read the argument. Raises Misworded."""

    @abstractmethod
    def test(self, view: View) -> bool:
        """Whether the word holds."""

    def own_names(self) -> Iterator[tuple[str, str]]:
        """Every (kind, name) that this word itself speaks of, such as ('fact', 'panel')."""
        yield from ()

    def names(self) -> Iterator[tuple[str, str]]:
        """Every (kind, name) that this word and the words in it speak of."""
        yield from self.own_names()
        for child in self.children:
            yield from child.names()

    def asks_a_party(self) -> bool:
        """Whether it, or a word in it, means one party."""
        return self.of_a_party or any(child.asks_a_party() for child in self.children)

    def why(self, view: View) -> Why | None:
        """What decides it now, for a reader who wants to mend it; None where the condition's own label says it all.

        It tells how things are, whether the word holds or not, so that the word around it can say the same.
        """
        del view
        return None

    def faults(self, known: Surroundings) -> Iterator[Text]:
        """Everything in its argument, and in the words in it, that can mean nothing in that definition."""
        facts = [name for kind, name in self.own_names() if kind == "fact"]
        for i, name in enumerate(facts):
            rule, place = known.fact(name), self.places[min(i, len(self.places) - 1)]
            if rule is not None and place.takes(rule):
                yield from self.fact_faults(name, rule)
            elif rule is not None:
                is_kind, wanted = kind_of(rule), place.said()
                yield Text(
                    f"“{self.word}”只能用于{wanted.zh}，而“{name}”是{is_kind.zh}",
                    f"'{self.word}' takes {wanted.en}, but '{name}' is {is_kind.en}",
                )
        for child in self.children:
            yield from child.faults(known)

    def fact_faults(self, name: str, rule: FactRule) -> Iterator[Text]:
        """What is wrong with the argument for a fact of the right kind."""
        del name, rule
        yield from ()

    def variables(self) -> Iterator[Key]:
        """The variables that decide the word itself; what none can decide has none and stays open to an explorer."""
        yield from ()

    def keys(self) -> Iterator[Key]:
        """The variables that decide this word and the words in it."""
        yield from self.own_keys
        for child in self.children:
            yield from child.keys()

    def literals(self) -> Iterator[tuple[Key, Literal]]:
        """The tests of single variables that must all pass for the word to hold; none: it stays open to an explorer.

        A word that holds other words is put together by the explorer from theirs.
        """
        for key in self.own_keys:
            yield key, bool

    def told_apart(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """The values of facts that make a difference to this word and to the words in it, by fact."""
        for child in self.children:
            yield from child.told_apart()

    @abstractmethod
    def in_chinese(self, labels: Labels) -> str:
        """What the word asks for, as a lawyer reads it."""

    def each_in_chinese(self, labels: Labels, *, holds: bool = True) -> tuple[str, ...]:
        """The same, a phrase for each thing that is asked for; or the contrary of each."""
        said = self.in_chinese(labels)
        return (said if holds else f"并非（{said}）",)

    def said(self, labels: Labels) -> str:
        """The same in one, or the condition's label where the definition calls it by name."""
        return f"“{labels.condition_label(self.name)}”" if self.name else self.in_chinese(labels)


class Comparison(Word):
    """A word that compares facts: to an explorer its answer is one unknown, open again when a fact is recorded."""

    unknown: ClassVar[bool] = False  # what it says while the facts are unknown

    def variables(self) -> Iterator[Key]:
        """The one unknown that stands for the comparison."""
        yield ("atom", f"{self.word} {self.argument}")

    def settled_by(self) -> frozenset[str]:
        """The facts that settle it anew when they are recorded."""
        return frozenset(name for kind, name in self.own_names() if kind == "fact")
