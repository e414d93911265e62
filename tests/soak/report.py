"""What the random histories of a procedure exercised: its steps and guards, file by file, as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from adjudicate.definition.catalogue import Catalogue
from adjudicate.definition.models import Workflow
from tests.soak.aims import Aim, asked_of, every, ways_of
from tests.workflows.watch import File, Watch, file_of


@dataclass(frozen=True)
class Exercised:
    """How often a step was taken, or a guard held and did not; `lacks` says what was never seen."""

    kind: str
    file: File
    what: str
    yes: int
    no: int | None = None

    @property
    def lacks(self) -> str:
        """What no history showed, or nothing."""
        if self.yes or self.no:
            return ""
        return "never taken" if self.no is None else "never asked"

    @property
    def one_sided(self) -> bool:
        """Whether a guard only ever held, or only ever failed."""
        return self.no is not None and not (self.yes and self.no)


def demands(catalogue: Catalogue, key: str, watch: Watch) -> list[Exercised]:
    """Every step and guard of every version of a procedure and of the incidents it admits."""
    found: dict[File, list[Exercised]] = {}
    for day in catalogue.versions(key):
        rulebook = catalogue.rulebook(key, day, "000000")
        main = rulebook.main.workflow
        opening = [name for use in main.incidents for name in use.requires]
        found[file_of(main)] = [*_of_file(main, opening, watch)]
        for admitted in rulebook.incidents.values():
            workflow = admitted.compiled.workflow
            found.setdefault(file_of(workflow), [*_of_file(workflow, [], watch)])
    return [one for those in found.values() for one in those]


def _of_file(workflow: Workflow, opening: list[str], watch: Watch) -> Iterator[Exercised]:
    file = file_of(workflow)
    asked: list[str] = [*opening]
    for place, step in enumerate(workflow.steps):
        yield Exercised("step", file, f"{step.event} from {'/'.join(step.from_)}", watch.steps[file, place])
        asked += [*asked_of(step), *ways_of(step)]
    for name in dict.fromkeys(asked):
        yield Exercised("guard", file, name, watch.guards[file, name, True], watch.guards[file, name, False])


def aims_of(catalogue: Catalogue, key: str, lacking: Exercised) -> list[tuple[date, Aim]]:
    """Under which versions of a procedure a history can aim at a step or a guard, and the aims."""
    found = []
    for day in catalogue.versions(key):
        rulebook = catalogue.rulebook(key, day, "000000")
        for aim in every(rulebook):
            step, file = aim.step, file_of(rulebook.compiled(aim.incident).workflow)
            named = f"{step.event} from {'/'.join(step.from_)}"
            sought = (
                named == lacking.what if lacking.kind == "step" else lacking.what in (*asked_of(step), *ways_of(step))
            )
            if file == lacking.file and sought:
                found.append((day, aim))
    return found


def table(found: list[Exercised], counted: Counter[str]) -> str:
    """Lines for people: histories and acts, then each file's steps, then its guards."""
    lines = [f"{what:78}{count:>10}" for what, count in sorted(counted.items())]
    for file in dict.fromkeys(one.file for one in found):
        steps = [one for one in found if one.file == file and one.kind == "step"]
        guards = [one for one in found if one.file == file and one.kind == "guard"]
        lines += ["", f"{file[0]} {file[1]}", f"  {'step':76}{'taken':>10}"]
        lines += [f"  {one.what:76.76}{one.yes:>10}" for one in steps]
        if guards:
            lines += [f"  {'guard':76}{'held':>10}{'failed':>10}"]
            lines += [f"  {one.what:76.76}{one.yes:>10}{one.no:>10}" for one in guards]
    guards = [one for one in found if one.kind == "guard"]
    lines += ["", f"{sum(not one.lacks for one in found)} of {len(found)} steps and guards exercised"]
    lines += [f"{sum(not one.one_sided for one in guards)} of {len(guards)} guards seen both to hold and to fail"]
    return "\n".join(lines)
