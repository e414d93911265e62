"""Whether steps and facts agree on whose they are: what is kept for each party is recorded where one is meant."""

from __future__ import annotations

from adjudicate.definition.naming import Naming
from adjudicate.law.text import Text


def check(naming: Naming) -> None:
    """Note every fault of this kind in a procedure; an incident's thread has one party at most."""
    if naming.is_incident:
        return
    for name, rule in naming.workflow.facts.items():
        if rule.per:
            saying = Text(f"事实“{name}”分别针对", f"fact '{name}' is kept per")
            naming.known(("facts", name), "party", rule.per, naming.party_roles, saying)
    for i, step in enumerate(naming.workflow.steps):
        for name in step.records:
            kept = naming.workflow.facts.get(name)
            if kept is not None and kept.day and kept.per and not step.per:
                naming.add(
                    ("steps", i, "records"),
                    f"step '{step.event}' names no party, but records the day '{name}', which is kept per {kept.per}",
                    f"步骤“{step.event}”不涉及某一当事人，却记录按“{kept.per}”分别记录的日期“{name}”",
                )
        if step.extends is not None and not step.per:
            deadline = naming.workflow.deadlines.get(step.extends.deadline)
            if deadline is not None and deadline.per:
                naming.add(
                    ("steps", i, "extends"),
                    f"step '{step.event}' names no party, but extends '{step.extends.deadline}', "
                    f"which runs per {deadline.per}",
                    f"步骤“{step.event}”不涉及某一当事人，却延长按“{deadline.per}”分别计算的“{step.extends.deadline}”",
                )
