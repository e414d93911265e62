"""What people call the values of facts in a sentence."""

from __future__ import annotations

from datetime import date

from adjudicate.states.naming import CaseNames
from tests.workflows.runner import shipped


def test_a_finding_on_a_checklist_is_told_in_words_and_never_by_its_code() -> None:
    rulebook = shipped().rulebook("patent-adjudication", date(2025, 2, 1), "440000")
    name, rule = next((name, rule) for name, rule in rulebook.main.facts.items() if rule.checklist)
    told = {item: {"finding": "not_applicable", "reason": "未主张"} for item in rule.checklist or ()}
    said = CaseNames(rulebook, None).value(name, {"finding": told})
    assert "not applicable" in said.en
    assert "不适用" in said.zh
    assert "not_applicable" not in said.en + said.zh
