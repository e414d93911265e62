"""The table of what random histories exercised: every step, and every guard that was asked, with how it answered."""

from __future__ import annotations

from collections import Counter

from adjudicate.states.catalogue import Catalogue
from tests.workflows.watch import Watch, file_of


def exercised(catalogue: Catalogue, watch: Watch, counted: Counter[str]) -> str:
    """Lines for people: histories and acts, then each file's steps, then its guards."""
    lines = ["", *(f"{what:60}{count:>10}" for what, count in sorted(counted.items()))]
    for key in sorted(catalogue.versions_by_key):
        for version in catalogue.versions_by_key[key].values():
            workflow = version.workflow
            file = file_of(workflow)
            if not any((file, place) in watch.steps for place in range(len(workflow.steps))):
                continue
            lines += ["", f"{key} {file[1]}", f"  {'step':76}{'taken':>10}"]
            lines += [
                f"  {step.event + ' from ' + '/'.join(step.from_):.76}".ljust(78) + f"{watch.steps[file, place]:>10}"
                for place, step in enumerate(workflow.steps)
            ]
        names = list(dict.fromkeys(n for v in catalogue.versions_by_key[key].values() for n in v.workflow.conditions))
        asked = [name for name in names if watch.guards[key, name, True] or watch.guards[key, name, False]]
        if asked:
            lines += ["", f"{key}", f"  {'guard':70}{'held':>10}{'not':>10}"]
            lines += [
                f"  {name:70}{watch.guards[key, name, True]:>10}{watch.guards[key, name, False]:>10}" for name in asked
            ]
            lines += [f"  {name:70}{'never asked':>20}" for name in names if name not in asked]
    return "\n".join(lines)
