"""Models of the law as plain values for JSON, and back without judging them: what was kept is read, not checked."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from adjudicate.law.periods import Length, Unit

ModelT = TypeVar("ModelT", bound=BaseModel)

# Where any value may stand, a day is told from a text that looks like one.
_DAY = "$day"


class Unreadable(ValueError):
    """A kept text has something that no version of its format has."""


def plain(value: Any, *, free: bool = False) -> Any:
    """A model, or a value in one, as JSON has it; what is not said is left out. `free`: a value of any kind."""
    if isinstance(value, BaseModel):
        return _plain_model(value)
    if isinstance(value, Length):
        return str(value)
    if isinstance(value, date):
        return {_DAY: value.isoformat()} if free else value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(one, free=free) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one, free=free) for one in value]
    return value


def _plain_model(value: BaseModel) -> dict[str, Any]:
    found = {}
    for name, field in type(value).model_fields.items():
        one = getattr(value, name)
        if _is_absent(one) and not field.is_required() and one == field.get_default(call_default_factory=True):
            continue
        said = plain(one, free=_is_free(field.annotation))
        if said != {} or isinstance(one, dict):
            found[field.alias or name] = said
    found.update({str(key): plain(one, free=True) for key, one in (value.model_extra or {}).items()})
    return found


def _is_absent(value: Any) -> bool:
    """Whether it says nothing. A default that says something is written out: it may change, what is kept may not."""
    return value is None or value is False or value in ((), {})


def _is_free(annotation: Any) -> bool:
    return annotation is Any or any(_is_free(one) for one in get_args(annotation))


def rebuilt(kind: type[ModelT], data: Any) -> ModelT:
    """A model out of what `plain` made of it, or out of YAML that says the same; nothing but its shape is looked at.

    Raises Unreadable for a key that the model does not have and for a value of another shape.
    """
    if not isinstance(data, Mapping):
        raise Unreadable(f"{kind.__name__}: not a mapping")
    by_key = {field.alias or name: (name, field) for name, field in kind.model_fields.items()}
    values: dict[str, Any] = {}
    for key, one in data.items():
        if str(key) in by_key:
            name, field = by_key[str(key)]
            values[name] = value_of(field.annotation, one)
        elif kind.model_config.get("extra") == "allow":
            values[str(key)] = _freed(one)
        else:
            raise Unreadable(f"{kind.__name__}: unknown key '{key}'")
    for name, field in kind.model_fields.items():
        if name not in values and field.is_required():
            raise Unreadable(f"{kind.__name__}: '{name}' is missing")
    return kind.model_construct(**values)


def value_of(annotation: Any, data: Any) -> Any:
    """A value as a field of that annotation holds it. Raises Unreadable."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if annotation is Any:
        return _freed(data)
    if hasattr(annotation, "__metadata__"):
        return value_of(annotation.__origin__, data)
    if origin in (Union, types.UnionType):
        return _one_of(inside, data)
    if origin is Literal:
        if data not in inside:
            raise Unreadable(f"'{data}' is none of {inside}")
        return data
    if origin is tuple:
        return _sequence(inside, data)
    if origin is dict:
        if not isinstance(data, Mapping):
            raise Unreadable(f"'{data}' is no mapping")
        return {value_of(inside[0], key): value_of(inside[1], one) for key, one in data.items()}
    return _single(annotation, data)


def _sequence(inside: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    # One name may stand for a list of one.
    items = data if isinstance(data, list) else [data]
    if len(inside) == 2 and inside[1] is Ellipsis:
        return tuple(value_of(inside[0], one) for one in items)
    if len(inside) != len(items):
        raise Unreadable(f"'{data}' does not have {len(inside)} items")
    return tuple(value_of(kind, one) for kind, one in zip(inside, items, strict=True))


def _one_of(options: tuple[Any, ...], data: Any) -> Any:
    for option in options:
        try:
            return value_of(option, data)
        except Unreadable:
            continue
    raise Unreadable(f"'{data}' has none of the shapes that may stand here")


def _single(kind: Any, data: Any) -> Any:
    if kind is type(None):
        if data is not None:
            raise Unreadable(f"'{data}' is not nothing")
        return None
    if kind is Length:
        return _length(data)
    if kind is date:
        return _day(data)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return rebuilt(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            raise Unreadable(f"'{data}' is no {kind.__name__}") from None
    if kind is bool:
        return _flag(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise Unreadable(f"'{data}' is no {getattr(kind, '__name__', kind)}")
    return data


def _flag(data: Any) -> bool:
    # Until 2026 a flag could also be written as a word or as a number.
    said = str(data).lower()
    if said in ("true", "yes", "on", "1", "y", "t"):
        return True
    if said in ("false", "no", "off", "0", "n", "f"):
        return False
    raise Unreadable(f"'{data}' is neither true nor false")


def _length(data: Any) -> Length:
    count, _, unit = data.strip().partition(" ") if isinstance(data, str) else ("", "", "")
    units = {**{one.value: one for one in Unit}, **{one.value.removesuffix("s"): one for one in Unit}}
    if not count.isdigit() or unit.strip() not in units:
        raise Unreadable(f"'{data}' is no length")
    return Length(int(count), units[unit.strip()])


def _day(data: Any) -> date:
    if isinstance(data, date):
        return data
    try:
        return date.fromisoformat(data)
    except (TypeError, ValueError):
        raise Unreadable(f"'{data}' is no day") from None


def _freed(data: Any) -> Any:
    if isinstance(data, Mapping):
        return _day(data[_DAY]) if set(data) == {_DAY} else {str(key): _freed(one) for key, one in data.items()}
    return [_freed(one) for one in data] if isinstance(data, list) else data
