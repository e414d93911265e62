"""Faults in an input and their messages; the problem and its status are made in `errors.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One fault in an input: where it is (a JSON Pointer, or a parameter's name), its kind and both sentences."""

    pointer: str
    code: str
    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        """The fault as it stands in a problem's `errors`."""
        return {"pointer": self.pointer, "code": self.code, "zh": self.zh, "en": self.en}


def pointer(path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) for a path of keys and positions."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


# Pydantic has these in English only; a kind that is not listed gets a general sentence in Chinese.
_CHINESE = {
    "missing": "缺少必填项",
    "extra_forbidden": "不允许的字段",
    "string_type": "应为字符串",
    "string_too_long": "文字过长",
    "string_too_short": "文字过短",
    "string_pattern_mismatch": "格式不符",
    "bool_type": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "list_type": "应为数组",
    "tuple_type": "应为数组",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_long": "项目过多",
    "too_short": "项目过少",
    "literal_error": "不是允许的取值",
    "enum": "不是允许的取值",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "uuid_parsing": "不是有效的标识",
    "uuid_type": "不是有效的标识",
}


def faults_of(errors: Iterable[Mapping[str, Any]], *, skip: int = 0) -> tuple[FieldFault, ...]:
    """Pydantic's errors as faults; `skip` drops leading parts of each location, such as `query`."""
    found = []
    for error in errors:
        kind = str(error["type"])
        messages = error.get("ctx", {}).get("messages")
        zh, en = messages if messages else (_CHINESE.get(kind, "取值无效"), str(error["msg"]))
        found.append(FieldFault(pointer(error["loc"][skip:]), kind.replace("_", "-"), zh, en))
    return tuple(found)
