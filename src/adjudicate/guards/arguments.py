"""How the arguments of guard words are read: names, pairs, mappings with known keys; each refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from adjudicate.errors import Misworded
from adjudicate.law.periods import quoted
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text
from adjudicate.law.written import described

T = TypeVar("T")


def need(holds: bool, zh: str, en: str) -> None:
    """Raises Misworded with the sentence unless it holds."""
    if not holds:
        raise Misworded(zh, en)


def worded(what: str, read: Callable[[], T]) -> T:
    """What `read` gives; what it refuses is refused as being wrong with `what`. Raises Misworded."""
    try:
        return read()
    except Misworded as error:
        raise Misworded(f"“{what}”{error.zh}", f"'{what}' {error.en}") from error


def one_name(argument: Any, word: str) -> str:
    """The argument of a word that takes one name. Raises Misworded."""
    need(isinstance(argument, str) and bool(argument), f"“{word}”须跟一个名称", f"'{word}' takes one name")
    return str(argument)


def some_names(argument: Any, word: str) -> list[str]:
    """The argument of a word that takes a name or several, each once. Raises Misworded."""
    found = [argument] if isinstance(argument, str) else argument
    sound = isinstance(found, list) and bool(found) and all(isinstance(one, str) for one in found)
    need(sound, f"“{word}”须跟名称", f"'{word}' takes names")
    _once(found, word)
    return list(found)


def two_facts(argument: Any, word: str) -> tuple[str, str]:
    """The argument of a word that compares two facts. Raises Misworded."""
    sound = isinstance(argument, list) and len(argument) == 2 and all(isinstance(one, str) for one in argument)
    need(sound, f"“{word}”须跟两个事实", f"'{word}' takes two facts")
    _once(argument, word)
    return argument[0], argument[1]


def _once(names: list[str], word: str) -> None:
    twice = next((one for one in names if names.count(one) > 1), None)
    need(twice is None, f"“{word}”重复写了“{twice}”", f"'{word}' names '{twice}' twice")


def with_keys(
    argument: Any, word: str, *, required: set[str], optional: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The argument of a word that takes a mapping with these keys. Raises Misworded."""
    listed = [*sorted(required), *sorted(optional)]
    sound = isinstance(argument, dict) and required <= set(argument) <= required | optional
    shown = described(argument)
    if isinstance(argument, dict):
        keys = [quoted(str(key)) for key in argument]
        shown = Text(f"“{'、'.join(keys)}”", f"'{', '.join(keys)}'")
    need(
        sound,
        f"“{word}”须写作 {{{', '.join(listed)}}}，而不是{shown.zh}",
        f"'{word}' takes {{{', '.join(listed)}}}, not {shown.en}",
    )
    return dict(argument)


def no_such_state(incident: str, state: str, states: Iterable[str]) -> Text:
    """The sentence for a state that the incident does not have."""
    zh, en = f"附随程序“{incident}”没有阶段“{state}”", f"the incident '{incident}' has no state '{state}'"
    return unknown(zh, en, state, states)
