"""Reads the headers on language, entity tags and content type with werkzeug's parsers; it refuses nothing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_etags, parse_options_header, quote_etag

if TYPE_CHECKING:
    from starlette.requests import Request

CHINESE = "zh-CN"
ENGLISH = "en"

# The rest of a longer header is not read: no browser sends that much, and parsing takes time for every character.
_LONGEST_LANGUAGES = 400
_LONGEST_TAGS = 4_000


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
    """Whether If-None-Match names the entity tag `tag`, by weak comparison as RFC 9110 asks, or is `*`."""
    header = ",".join(request.headers.getlist("if-none-match"))[:_LONGEST_TAGS]
    return parse_etags(header.strip(" \t")).contains_weak(tag.strip('"'))


def sole_strong_tag(header: str) -> str | None:
    """The content of the one strong tag that a header holds; None for `*`, a weak tag, several, or none in quotes."""
    stated = header.strip(" \t")
    if len(stated) > _LONGEST_TAGS:
        return None
    tags = parse_etags(stated).as_set()
    tag = next(iter(tags), None)
    # werkzeug also reads tags without quotes, and skips what it cannot read.
    return tag if tag is not None and entity_tag(tag) == stated else None
