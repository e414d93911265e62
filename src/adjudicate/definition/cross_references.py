"""Whether every word in a workflow file stands for something that can be there; it explores nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adjudicate.definition import (
    condition_names,
    deadline_names,
    incident_names,
    list_names,
    party_names,
    step_names,
)
from adjudicate.definition.dated_bases import bases
from adjudicate.definition.models import Workflow
from adjudicate.definition.naming import Naming
from adjudicate.definition.registers import Registers
from adjudicate.definition.yaml_source import Source
from adjudicate.errors import Fault, Leaves


class CrossReferences:
    """Collects the faults of one file; `incidents` are the incident files that were found.

    `admitting` are the procedures that admit this incident, `unread` the keys of files that could not be read.
    """

    def __init__(
        self,
        workflow: Workflow,
        source: Source,
        registers: Registers,
        incidents: Mapping[str, Workflow],
        *,
        admitting: Iterable[Workflow] = (),
        unread: Iterable[str] = (),
    ) -> None:
        self.naming = Naming(workflow, source, registers, incidents, tuple(admitting), frozenset(unread))

    def check(self) -> list[Fault]:
        """Every fault of the file."""
        self._bases()
        for part in (condition_names, step_names, deadline_names, incident_names, list_names, party_names):
            part.check(self.naming)
        return list(dict.fromkeys(self.naming.faults))

    def _bases(self) -> None:
        naming = self.naming
        for at, basis in bases(naming.source.data):
            if isinstance(basis, str | dict):
                naming.faults.extend(naming.registers.basis_faults(basis, naming.source, at, naming.day))
        for i, step in enumerate(naming.workflow.steps):
            if step.basis is None:
                naming.add(
                    ("steps", i),
                    f"step '{step.event}' cites nothing: it needs a basis",
                    f"步骤“{step.event}”没有引用依据（basis）",
                    Leaves.ALL,
                )
        for name, deadline in naming.workflow.deadlines.items():
            if deadline.basis is None:
                naming.add(
                    ("deadlines", name),
                    f"deadline '{name}' cites nothing: it needs a basis",
                    f"期限“{name}”没有引用依据（basis）",
                    Leaves.ALL,
                )
