"""Guard words of the first format of kept laws in words that mean the same today; it judges no argument.

What those laws say is fixed; the words of today are not. Folders may no longer say some of what could be said then: a
list that names something twice, a bound that excludes nothing, or what never or always holds. Whoever makes a guard
word stricter adds here what the laws that are kept say instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from adjudicate.guards.word import ALWAYS

# No act lies on the first day that a date can hold.
_NEVER: Mapping[str, Any] = {"in_time": {"from": date.min, "until": date.min + timedelta(days=1)}}


def meant(guard: Any) -> Any:
    """A condition as it was kept, in today's words. What cannot be told is left as it is."""
    if not isinstance(guard, dict) or len(guard) != 1:
        return guard
    ((word, argument),) = guard.items()
    if word in ("all", "any") and isinstance(argument, list):
        return {word: [meant(one) for one in argument]}
    if word == "not":
        return {word: meant(argument)}
    if word == "for_each" and isinstance(argument, dict):
        return {word: {key: meant(one) if key == "holds" else one for key, one in argument.items()}}
    if word in _PLAIN:
        return _PLAIN[word](argument)
    return guard


def _fact_is(argument: Any) -> Any:
    if not isinstance(argument, dict):
        return {"fact_is": argument}
    wanted = {name: _once(values) for name, values in argument.items()}
    return dict(_NEVER) if [] in wanted.values() else {"fact_is": wanted}


def _fact_known(argument: Any) -> Any:
    return dict(ALWAYS) if argument == [] else {"fact_known": _once(argument)}


def _in_state(argument: Any) -> Any:
    return dict(_NEVER) if argument == [] else {"in_state": _once(argument)}


def _no_twin(argument: Any) -> Any:
    return {"no_twin": _once(argument)}


def _same_people(argument: Any) -> Any:
    # A list names the same people as itself, unless nobody is in it.
    same = isinstance(argument, list) and len(argument) == 2 and argument[0] == argument[1]
    return {"fact_known": argument[0]} if same else {"same_people": argument}


def _not_after(argument: Any) -> Any:
    same = isinstance(argument, list) and len(argument) == 2 and argument[0] == argument[1]
    return dict(ALWAYS) if same else {"not_after": argument}


def _in_time(argument: Any) -> Any:
    days = argument.values() if isinstance(argument, dict) else ()
    never = {"from", "until"} == set(argument) if days and all(isinstance(day, date) for day in days) else False
    return dict(_NEVER) if never and argument["until"] <= argument["from"] else {"in_time": argument}


def _count_of(argument: Any) -> Any:
    if not isinstance(argument, dict) or len(argument) != 1:
        return {"count_of": argument}
    ((fact, rule),) = argument.items()
    if not isinstance(rule, dict) or not all(isinstance(rule.get(key, 0), int) for key in ("at_least", "at_most")):
        return {"count_of": argument}
    odd, even = bool(rule.get("odd")), bool(rule.get("even"))
    low, high = max(rule.get("at_least", 0), 0), rule.get("at_most")
    parity = 1 if odd else 0
    first = low + 1 if (odd or even) and low % 2 != parity else low
    if (odd and even) or (high is not None and first > high):
        return dict(_NEVER)
    said = {"at_least": low, **({"at_most": high} if high is not None else {})}
    return {"count_of": {fact: {**said, **({"odd": True} if odd else {}), **({"even": True} if even else {})}}}


def _once(values: Any) -> Any:
    return (
        [one for place, one in enumerate(values) if one not in values[:place]] if isinstance(values, list) else values
    )


_PLAIN = {
    "fact_is": _fact_is,
    "fact_known": _fact_known,
    "in_state": _in_state,
    "no_twin": _no_twin,
    "same_people": _same_people,
    "not_after": _not_after,
    "in_time": _in_time,
    "count_of": _count_of,
}
