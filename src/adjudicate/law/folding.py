"""How a text is folded for search: what looks alike to a reader is the same text; it stores and finds nothing."""

from __future__ import annotations

import re
import unicodedata

# What Unicode asks not to be displayed (Default_Ignorable_Code_Point): zero-width characters, the byte order mark, the
# soft hyphen, direction controls, variation selectors, fillers and tags; and control characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Looks empty, though Unicode counts it among the symbols.
_EMPTY_SYMBOL = "\u2800"
# Compatibility forms (widths, Ⅷ, ㈱) are NFKC's business; these remain different there and look alike.
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("[{\u3014\u3010\u3016\u3018\u301a\ufe5d\u2768\u2772", "("),
        **dict.fromkeys("]}\u3015\u3011\u3017\u3019\u301b\ufe5e\u2769\u2773", ")"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b", "-"),
        **dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb\xb7", "\xb7"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\xab\xbb\u301d\u301e", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        _EMPTY_SYMBOL: None,
    }
)
# An application number with its check digit, or the beginning or the end of one, however it was set out.
_PART = re.compile(r"(?:zl|cn)?([0-9]*)\.?([0-9x]?)")
_COMPLETE = re.compile(r"(?:zl|cn)?([0-9]{12}|[0-9]{8})\.?([0-9x])?(?:[a-z][0-9]?)?")


def fold(text: str) -> str:
    """A text as the eye reads it: forms, widths, case, brackets, dashes and dots alike; nothing invisible, no spaces.

    A text of which nothing is left is blank to a reader. Folding twice changes nothing.
    """
    shown = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    # A fold may produce what the normal form writes otherwise, and normal forms may hold a filler.
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", shown)).translate(_ALIKE)
    return "".join(shown.split())


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of a text."""
    return not fold(text)


def fold_number(text: str, *, whole: bool = False) -> str:
    """A docket, patent or application number folded for search; `whole` where it is stored, not a part to be found.

    An application number is 12 digits (8 before October 2003) and a check digit. Written with or without the prefix ZL
    or CN, spaces, the dot or (where it is whole) the check digit, it gives the same text: the digits and the check
    digit. A letter behind a number whose check digit is right is passed over. Anything else, a number with a wrong
    check digit included, is folded as it is written, without hyphens between digits.
    """
    plain = re.sub(r"(?<=[0-9])-(?=[0-9x])", "", fold(text))
    complete = _COMPLETE.fullmatch(plain)
    if complete is not None:
        right = check_digit(complete[1])
        # 8 bare digits may be anything.
        implied = complete[2] is None and (plain[:2] == "zl" or (plain == complete[1] and len(plain) == 12))
        if complete[2] == right or (whole and implied):
            return complete[1] + right
    part = _PART.fullmatch(plain)
    return part[1] + part[2] if part is not None and part[1] + part[2] else plain


def check_digit(digits: str) -> str:
    """The check digit of an application number: the digits times 2 to 9 in turn, summed, modulo 11; 10 is x."""
    remainder = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(digits)) % 11
    return "x" if remainder == 10 else str(remainder)
