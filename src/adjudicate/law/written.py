"""What an author wrote where a number, a day, a length or a yes stands, judged by its characters; it reads no file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from adjudicate.errors import Misworded, PeriodError
from adjudicate.law.periods import Length, quoted
from adjudicate.law.text import Text

_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PADDED = re.compile(r"0[0-9]+[ \t]")

# Characters that look like the ones YAML wants, with what each stands for and what to call it.
_WIDE: Mapping[str, tuple[str, Text]] = {
    "：": (":", Text("全角冒号", "full-width colon")),
    "，": (",", Text("全角逗号", "full-width comma")),
    "、": (",", Text("顿号", "enumeration comma")),
    "；": (";", Text("全角分号", "full-width semicolon")),
    "［": ("[", Text("全角方括号", "full-width bracket")),
    "］": ("]", Text("全角方括号", "full-width bracket")),
    "【": ("[", Text("全角方括号", "full-width bracket")),
    "】": ("]", Text("全角方括号", "full-width bracket")),
    "｛": ("{", Text("全角花括号", "full-width brace")),
    "｝": ("}", Text("全角花括号", "full-width brace")),
    "（": ("(", Text("全角圆括号", "full-width parenthesis")),
    "）": (")", Text("全角圆括号", "full-width parenthesis")),
    "“": ('"', Text("中文引号", "curly quotation mark")),
    "”": ('"', Text("中文引号", "curly quotation mark")),
    "‘": ("'", Text("中文引号", "curly quotation mark")),
    "’": ("'", Text("中文引号", "curly quotation mark")),
    "＂": ('"', Text("全角引号", "full-width quotation mark")),
    "＃": ("#", Text("全角井号", "full-width hash")),
    "－": ("-", Text("全角短横", "full-width hyphen")),
    "—": ("-", Text("破折号", "dash")),
    "–": ("-", Text("连接号", "dash")),
}
_SPACES = "\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"


def wide(text: str) -> Text | None:
    """A sentence on the first character of `text` that only looks like its ASCII twin; None where there is none."""
    for char in text:
        if char in _SPACES:
            return Text(
                "其中有全角空格或者不可见字符，须用半角空格。",
                "It holds a full-width or invisible space: write a plain space.",
            )
        if char in _WIDE:
            narrow, name = _WIDE[char]
        elif "！" <= char <= "～":
            narrow, name = chr(ord(char) - 0xFEE0), Text("全角字符", "full-width character")
        else:
            continue
        spaced = Text("并在其后空一格", " and a space after it") if narrow in ":," else Text("", "")
        return Text(
            f"其中有{name.zh}“{char}”，须用半角“{narrow}”{spaced.zh}。",
            f"It holds a {name.en} '{char}': write '{narrow}'{spaced.en}.",
        )
    return None


def hinted(sentence: Text, written: object) -> Text:
    """The sentence, followed by what is wrong with the characters of what was written, where that explains it."""
    hint = wide(written) if isinstance(written, str) else None
    if hint is None:
        return sentence
    return Text(f"{sentence.zh.removesuffix('。')}。{hint.zh}", f"{sentence.en.removesuffix('.')}. {hint.en}")


def described(written: object) -> Text:
    """What stands there, as a sentence names it: the characters themselves, or a list, a mapping, nothing."""
    if isinstance(written, dict):
        return Text("键值表", "a mapping")
    if isinstance(written, list | tuple):
        return Text("列表", "a list")
    if written is None:
        return Text("空值", "nothing")
    shown = str(written).lower() if isinstance(written, bool) else str(written)
    return Text(f"“{quoted(shown)}”", f"'{quoted(shown)}'")


def misworded(zh: str, en: str, written: object) -> Misworded:
    """The refusal of a value: what it must be, what was written instead, and why that is not it."""
    shown = described(written)
    said = hinted(Text(f"{zh}，而不是{shown.zh}", f"{en}, not {shown.en}"), written)
    return Misworded(said.zh, said.en)


def whole(written: Any, low: int, high: int) -> int:
    """A whole number from `low` to `high` in plain digits. Raises Misworded."""
    if isinstance(written, int) and not isinstance(written, bool) and low <= written <= high:
        return written
    zh, en = f"须为 {low} 至 {high} 的整数", f"must be a whole number from {low} to {high}"
    if isinstance(written, str) and _WHOLE.fullmatch(written):
        raise misworded(f"{zh}，不加引号", f"{en} without quotation marks", f'"{written}"')
    raise misworded(zh, en, written)


def day(written: Any) -> date:
    """A day written YYYY-MM-DD. Raises Misworded."""
    if type(written) is date:
        return written
    zh, en = "须为真实日期，写作 YYYY-MM-DD", "must be a real day written YYYY-MM-DD"
    if isinstance(written, str) and _DAY.fullmatch(written) and _real(written):
        raise misworded(f"{zh}，不加引号", f"{en} without quotation marks", f'"{written}"')
    raise misworded(zh, en, written)


def _real(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def yes(written: Any) -> bool:
    """`true` or `false` and no other word for it. Raises Misworded."""
    if isinstance(written, bool):
        return written
    raise misworded("须为 true 或者 false", "must be true or false", written)


def length(written: Any) -> Length:
    """A count and its unit, such as `5 working_days`, without leading zeros. Raises Misworded."""
    if isinstance(written, Length):
        return written
    if not isinstance(written, str) or _PADDED.match(written):
        raise misworded(
            "须为“数字 单位”形式的期限长度，例如“5 working_days”",
            "must be a length such as '5 working_days'",
            written,
        )
    try:
        return Length.parse(written)
    except PeriodError as error:
        said = hinted(Text(error.zh, error.en), written)
        raise Misworded(said.zh, said.en) from error


def value_of(text: str, *, plain: bool) -> str | int | bool | date | None:
    """What a scalar means: only what is written as a number, a day or a yes is one, all else is text as written.

    YAML 1.1 would read 010 as 8, 1:30 as 90 and no as false; nobody who writes a definition means that.
    """
    if not plain:
        return text
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DAY.fullmatch(text) and _real(text):
        return date.fromisoformat(text)
    return text or None
