"""The registers beside the procedures: instruments, roles and official documents; they hold data and judge nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, RootModel

from adjudicate.definition import yaml_source
from adjudicate.definition.models import Basis, InForce, Label, Lawful, Model, Names
from adjudicate.errors import DefinitionError, Fault
from adjudicate.law.citations import Instrument, parse_citations
from adjudicate.law.suggestion import suggestion
from adjudicate.law.text import Text

RootT = TypeVar("RootT", bound=BaseModel)


class Working(Model):
    """The counts of 「日」 that an instrument's own text turns into working days."""

    working: tuple[int, ...]


class InstrumentEntry(Model):
    """One instrument as the register says it."""

    title: Label
    number: str | None = None
    authority: Label | str
    in_force: InForce
    days: Literal["explicit", "natural"] | Working
    note: Label | None = None

    def instrument(self, code: str) -> Instrument:
        """The value that rules are checked against."""
        working = {"explicit": None, "natural": frozenset[int]()}
        days = frozenset(self.days.working) if isinstance(self.days, Working) else working[self.days]
        return Instrument(
            code=code,
            title=Text(self.title.zh, self.title.en),
            number=self.number or "",
            from_on=self.in_force.from_,
            until_on=self.in_force.until,
            working=days,
        )


class Role(Lawful):
    """Somebody who may act: an office's person, a party, an outside body, or something automatic."""

    kind: Literal["office", "party", "outside", "automatic"]
    records_for: Names = ()
    may_override: bool = False
    may_rectify: bool = False


class DocumentEntry(Lawful):
    """An official document by its proper name."""


class Instruments(RootModel[dict[str, InstrumentEntry]]):
    """The file of instruments."""


class Roles(RootModel[dict[str, Role]]):
    """The file of roles."""


class Documents(RootModel[dict[str, DocumentEntry]]):
    """The file of official documents."""


@dataclass(frozen=True)
class Registers:
    """All registers, read once."""

    instruments: Mapping[str, Instrument]
    roles: Mapping[str, Role]
    documents: Mapping[str, DocumentEntry]

    @cached_property
    def recorders(self) -> Mapping[str, frozenset[str]]:
        """Who may record the acts of each role: it does so itself, and whoever records on its behalf."""
        return {
            whose: frozenset({whose, *(name for name, role in self.roles.items() if whose in role.records_for)})
            for whose in self.roles
        }

    def basis_faults(
        self, basis: Basis | None, source: yaml_source.Source, path: tuple[Any, ...], day: Any
    ) -> list[Fault]:
        """Every citation in `basis` that does not resolve or is out of force on the day it is cited for."""
        if basis is None:
            return []
        dated = {day: basis} if isinstance(basis, str) else basis
        faults: list[Fault] = []
        for first_day, text in dated.items():
            on = first_day if isinstance(basis, str) else max(first_day, min(basis))
            faults.extend(source.fault(path, message) for message in self._citation_faults(text, on))
        if not isinstance(basis, str) and day < min(basis, default=day):
            faults.append(source.fault(path, f"no citation is given for {day}, the first day in force"))
        return faults

    def _citation_faults(self, text: str, on: Any) -> list[str]:
        try:
            citations = parse_citations(text)
        except ValueError as error:
            return [str(error)]
        messages = []
        for citation in citations:
            instrument = self.instruments.get(citation.code)
            if instrument is None:
                near = suggestion(citation.code, self.instruments)
                messages.append(f"unknown instrument '{citation.code}'.{near}")
            elif not instrument.in_force(on):
                until = instrument.until_on or "now"
                messages.append(f"'{citation.code}' is not in force on {on} (in force {instrument.from_on} to {until})")
        return messages


def read_registers(texts: Mapping[str, str]) -> Registers:
    """Read the three registers out of named texts. Raises DefinitionError with every fault of all three."""
    faults: list[Fault] = []

    def read(name: str, kind: type[RootT]) -> RootT | None:
        try:
            if name not in texts:
                raise DefinitionError([Fault(name, 1, "the file is missing")])
            return yaml_source.model(yaml_source.read(texts[name], name), kind)
        except DefinitionError as error:
            faults.extend(error.faults)
            return None

    entries = read("instruments.yaml", Instruments)
    roles = read("roles.yaml", Roles)
    documents = read("documents/index.yaml", Documents)
    if entries is None or roles is None or documents is None:
        raise DefinitionError(faults)
    instruments = {code: entry.instrument(code) for code, entry in entries.root.items()}
    return Registers(instruments, roles.root, documents.root)
