"""A version is compiled once for all regions that have no rules of their own, however many threads ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

from adjudicate.definition import catalogue as catalogues
from adjudicate.definition import pinned

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[3]
THREADS = 8


def _law() -> tuple[catalogues.Catalogue, str]:
    law = catalogues.load(ROOT / "workflows")
    return law, next(key for key in sorted(law.versions_by_key) if law.local_rules(key))


def test_threads_that_start_together_compile_a_version_once(monkeypatch: pytest.MonkeyPatch) -> None:
    law, key = _law()
    day, counted, together = law.versions(key)[-1], [], Barrier(THREADS)
    whole = pinned.pinned
    monkeypatch.setattr(pinned, "pinned", lambda *given: counted.append(None) or whole(*given))

    def ask(_: int) -> str:
        together.wait(10)
        return law.rulebook(key, day, "000000").digest

    with ThreadPoolExecutor(THREADS) as pool:
        digests = set(pool.map(ask, range(THREADS)))
    assert len(digests) == 1
    assert len(counted) == 1


def test_regions_without_rules_of_their_own_share_one_law_and_keep_their_code() -> None:
    law, key = _law()
    day = law.versions(key)[-1]
    ruled = {rule.overlay.region for rule in law.local_rules(key)}
    plain = [code for code in ("110000", "120000", "310000") if code not in ruled][:2]
    first, second = (law.rulebook(key, day, code) for code in plain)
    assert [first.region, second.region] == plain
    assert first.kept is second.kept
    assert first.main is second.main


def test_a_region_with_a_rule_of_its_own_is_judged_by_it_also_when_others_were_asked_before() -> None:
    law, key = _law()
    rule = law.local_rules(key)[0].overlay
    day = next(day for day in law.versions(key) if law.overlays(key, day, rule.region))
    plain = law.rulebook(key, day, "000000")
    assert law.rulebook(key, day, rule.region).digest != plain.digest
