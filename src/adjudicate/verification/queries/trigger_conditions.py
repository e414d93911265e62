"""The condition of a trigger as a tree, so that two ways of writing one are the same; it reads no database."""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"::\s*[a-z]+(?:\s+(?:varying|without|with|time|zone))*(?:\(\d+\))?|'(?:[^']|'')*'|[\w.\"]+|<>|>=|<=|=|[()+<>-]"
)
_COMPARING = {"=", "<>", ">=", "<=", "<", ">", "+", "-"}


class _Unreadable(ValueError):
    """The text is no condition that migrations write."""


def parsed(condition: str) -> Any:
    """The tree of a condition: nested tuples of operators, casts and words, without needless brackets.

    What is no condition that migrations write is its own text, which equals no tree.
    """
    if _TOKEN.sub("", condition.lower()).strip():
        return condition
    tokens = [" ".join(token.split()) for token in _TOKEN.findall(condition.lower())]
    reader = _Reader(tokens)
    try:
        tree = reader.disjunction()
    except (_Unreadable, IndexError):
        return condition
    return tree if reader.place == len(tokens) else condition


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    def disjunction(self) -> Any:
        return self._joined("or", lambda: self._joined("and", self._negation))

    def _joined(self, word: str, part: Any) -> Any:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        flat = [one for each in parts for one in (each[1:] if isinstance(each, tuple) and each[0] == word else (each,))]
        return flat[0] if len(flat) == 1 else (word, *flat)

    def _negation(self) -> Any:
        return ("not", self._negation()) if self._take("not") else self._comparison()

    def _comparison(self) -> Any:
        left = self._operand()
        if self._take("is"):
            return ("is not null" if self._take("not") else "is null", left, self._word("null"))
        while self.place < len(self.tokens) and self.tokens[self.place] in _COMPARING:
            sign = self._next()
            left = (sign, left, self._operand())
        # A sum binds closer than a comparison: `a = b + 1` was read from the left.
        if isinstance(left, tuple) and left[0] in {"+", "-"} and isinstance(left[1], tuple) and left[1][0] == "=":
            left = ("=", left[1][1], (left[0], left[1][2], left[2]))
        return left

    def _operand(self) -> Any:
        operand = self._plain_operand()
        # A cast may cut off what is compared, so it is part of the condition.
        while self.place < len(self.tokens) and self.tokens[self.place].startswith("::"):
            operand = (self._next(), operand)
        return operand

    def _plain_operand(self) -> Any:
        if self._take("("):
            inner = self.disjunction()
            self._word(")")
            return inner
        token = self._next()
        if not re.fullmatch(r"[\w.\"]+|'.*'", token):
            raise _Unreadable
        return token.replace('"', "")

    def _take(self, token: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place] == token:
            self.place += 1
            return True
        return False

    def _next(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def _word(self, token: str) -> str:
        if not self._take(token):
            raise _Unreadable
        return token
