"""JSON as the program stores, hashes and sends it: without spaces, Chinese as it is; it reads and checks nothing."""

from __future__ import annotations

import json
from typing import Any

# Made once: `json.dumps` makes an encoder for every value. Values are trees that this program has built.
_as_given = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)
_by_key = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False, sort_keys=True
)


def compact(value: Any) -> str:
    """`value` as JSON, keys as given. Raises ValueError for NaN and infinity, TypeError for what JSON cannot say."""
    return _as_given.encode(value)


def compact_sorted(value: Any) -> str:
    """`value` as JSON, keys in the order of their code points. Raises as `compact` does."""
    return _by_key.encode(value)
