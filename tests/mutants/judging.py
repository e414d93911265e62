"""Whether a broken definition is noticed: refused when loaded, failed by a worked example, or refused by `check`."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import yaml
from pydantic import ValidationError

from adjudicate.checks import check_texts
from adjudicate.definition import law_files
from adjudicate.definition.catalogue import Catalogue, Version, from_texts, load, read_texts
from adjudicate.definition.cross_references import CrossReferences
from adjudicate.definition.models import Workflow
from adjudicate.errors import AdjudicateError, DefinitionError
from tests.mutants.changes import Raw
from tests.mutants.operators import Mutant
from tests.workflows.runner import ROOT, ScenarioError, run
from tests.workflows.script import Scenario, collect
from tests.workflows.standings import differing
from tests.workflows.watch import File, file_of, watching


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: a mutant reads like a file that somebody typed."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@lru_cache(maxsize=1)
def texts() -> dict[str, str]:
    """The shipped law, read once, so that an edit during a long run changes nothing halfway.

    Every version is one file with all that it inherits, so that a mutant changes that version and no other.
    """
    written = read_texts(ROOT / "workflows")
    own = {path for those in law_files.layout(written).definitions.values() for path in those}
    beside = {path: text for path, text in written.items() if path not in own}
    return {**beside, **{path: _dumped(data) for path, data in files().items()}}


@lru_cache(maxsize=1)
def files() -> dict[str, Raw]:
    """Every version of every procedure and incident as plain data."""
    versions = load(ROOT / "workflows").versions_by_key
    return {f"{key}/{day}.yaml": one.source.data for key, days in versions.items() for day, one in days.items()}


def _dumped(data: Raw) -> str:
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


class Bench:
    """The shipped law with its worked examples, ready to be run against one mutant after another."""

    def __init__(self) -> None:
        self.catalogue = from_texts(texts())
        self.paths = {v.path: (k, d) for k, days in self.catalogue.versions_by_key.items() for d, v in days.items()}
        self.scenarios = collect(ROOT / "workflows")
        self.touched: dict[int, set[tuple[File, int]]] = {}
        self.broken: list[str] = []
        for number, scenario in enumerate(self.scenarios):
            with watching() as watch:
                try:
                    run(scenario, self.catalogue)
                except ScenarioError as error:
                    self.broken.append(str(error))
            judged = {(file, place) for file, place, _ in [*watch.refused, *watch.irregular]}
            self.touched[number] = {*watch.steps, *judged}

    def killed_by(self, mutant: Mutant) -> str | None:
        """What noticed the mutant, or None where it survives."""
        key, day = self.paths[mutant.file]
        try:
            catalogue = self._with(mutant, key, day)
        except ValidationError as error:
            return f"loading: {error.errors()[0]['msg']}"
        except DefinitionError as error:
            return f"loading: {error.faults[0]}"
        for scenario in self._in_order(mutant, key, day):
            try:
                case = run(scenario, catalogue)
            except ScenarioError as error:
                return f"scenario: {error}"
            except (AdjudicateError, AssertionError, KeyError, ValueError, TypeError) as error:
                return f"scenario: {scenario.file}:{scenario.line}: {error!r}"
            if otherwise := differing(scenario, case):
                return f"scenario: {scenario.file}:{scenario.line}: {otherwise[0]}"
        return self._checked(mutant)

    def _with(self, mutant: Mutant, key: str, day: date) -> Catalogue:
        workflow = Workflow.model_validate(mutant.data)
        versions = {k: dict(days) for k, days in self.catalogue.versions_by_key.items()}
        version = versions[key][day]
        versions[key][day] = Version(version.path, workflow, version.source)
        faults = []
        for other, days in versions.items():
            for first, one in days.items():
                concerned = (other, first) == (key, day) or any(use.opens == key for use in one.workflow.incidents)
                if concerned:
                    faults.extend(
                        CrossReferences(
                            one.workflow, one.source, self.catalogue.registers, _met(versions, first)
                        ).check()
                    )
        if faults:
            raise DefinitionError(faults)
        return Catalogue(self.catalogue.register_set, self.catalogue.offices, versions, self.catalogue._local)

    def _in_order(self, mutant: Mutant, key: str, day: date) -> list[Scenario]:
        """The scenarios that touch the file, those that touch the very step first."""
        workflow = self.catalogue.versions_by_key[key][day].workflow
        file = file_of(workflow)
        touching = [n for n, seen in self.touched.items() if any(one[0] == file for one in seen)]
        touching.sort(key=lambda n: (file, mutant.place) not in self.touched[n])
        return [self.scenarios[n] for n in touching]

    def _checked(self, mutant: Mutant) -> str | None:
        report = check_texts({**texts(), mutant.file: _dumped(mutant.data)})
        return f"check: {report.faults[0]}" if report.faults else None


def _met(versions: dict[str, dict[date, Version]], day: date) -> dict[str, Workflow]:
    found = {}
    for key, others in versions.items():
        known = [first for first in others if first <= day]
        if known and others[max(known)].workflow.kind == "incident":
            found[key] = others[max(known)].workflow
    return found
