"""Reads the headers on language, entity tags and content type with werkzeug's parsers; it refuses nothing itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_etags, parse_options_header, quote_etag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

# The office where who stands in wants to act; without it, the caller's own.
ACTING_OFFICE = "adjudicate-office"

CHINESE = "zh-CN"
ENGLISH = "en"

# The rest of a longer header is not read: no browser sends that much, and parsing takes time for every character.
_LONGEST_LANGUAGES = 400
_LONGEST_TAGS = 4_000

_TAG = re.compile(r'(?:[Ww]/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# A comma may stand within a tag; between two tags it follows a quote.
_BETWEEN_TAGS = re.compile(r'(?<=")[ \t]*,[ \t]*(?=["Ww])')
# What a proxy that compresses adds: `"…-gzip"` (Apache), `"…--gzip"` (Jetty), `"…;gzip"`, `"…-br"` and the like.
COMPRESSION_SUFFIX = r"(?:--?|[;:+.])[A-Za-z][A-Za-z0-9]{0,15}"
_SUFFIX = re.compile(COMPRESSION_SUFFIX)


def language_of(request: Request) -> str:
    """`en` where the caller prefers English to Chinese, otherwise `zh-CN` (RFC 9110, section 12.5.4)."""
    header = ",".join(request.headers.getlist("accept-language"))[:_LONGEST_LANGUAGES]
    ranges = parse_accept_header(header, LanguageAccept)
    return ENGLISH if _quality(ranges, "en") > _quality(ranges, "zh") else CHINESE


def _quality(ranges: LanguageAccept, primary: str) -> float:
    """The quality given to a language in any of its regions and scripts, else that of the wildcard, else 0."""
    # werkzeug's own choice prefers an exact `en;q=0.1` to `zh-TW`, because it looks for whole tags first.
    stated = [quality for tag, quality in ranges if _primary(tag) == primary]
    if stated:
        return float(max(stated))
    return float(max((quality for tag, quality in ranges if tag == "*"), default=0))


def _primary(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def media_type_of(request: Request) -> str:
    """The content type of the body in lower case without its parameters; empty without the header."""
    return parse_options_header(request.headers.get("content-type"))[0].lower()


def entity_tag(content: str) -> str:
    """A strong entity tag as it stands in `ETag`."""
    return quote_etag(content)


def is_known_to_caller(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the entity tag `tag`, by weak comparison as RFC 9110 asks, or is `*`.

    A tag to which a proxy has added the name of its compression names the same answer.
    """
    header = ",".join(request.headers.getlist("if-none-match"))[:_LONGEST_TAGS]
    stated, content = parse_etags(header.strip(" \t")), tag.strip('"')
    if stated.contains_weak(content):
        return True
    return any(_is_with_suffix(one, content) for one in stated.as_set(include_weak=True))


def _is_with_suffix(stated: str, content: str) -> bool:
    return stated.startswith(content) and _SUFFIX.fullmatch(stated, len(content)) is not None


def listed_tags(headers: Sequence[str]) -> list[str] | None:
    """The contents of the tags, strong or weak, that several lines of one header list; None where one is malformed."""
    stated = ",".join(headers).strip(" \t")
    if len(stated) > _LONGEST_TAGS:
        return None
    # werkzeug also reads tags without quotes, and skips what it cannot read.
    found = [_TAG.fullmatch(one) for one in _BETWEEN_TAGS.split(stated)]
    tags = [one[1] for one in found if one is not None]
    return tags if len(tags) == len(found) else None
