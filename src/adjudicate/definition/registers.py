"""The registers beside the procedures: instruments, roles and official documents; they hold data and judge nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field, RootModel

from adjudicate.definition import modelling, yaml_source
from adjudicate.definition.models import Basis, InForce, Label, Lawful, Model
from adjudicate.definition.values import Code, DayCount, Name, Names, YesOrNo
from adjudicate.errors import DefinitionError, Fault, Leaves, Misworded
from adjudicate.law.citations import Instrument, basis_at, parse_citations
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text

RootT = TypeVar("RootT", bound=BaseModel)


class Working(Model):
    """The counts of 「日」 that an instrument's own text turns into working days."""

    working: Annotated[tuple[DayCount, ...], Field(min_length=1)]


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
    may_override: YesOrNo = False
    may_rectify: YesOrNo = False


class DocumentEntry(Lawful):
    """An official document by its proper name."""


class Instruments(RootModel[dict[Code, InstrumentEntry]]):
    """The file of instruments."""


class Roles(RootModel[dict[Name, Role]]):
    """The file of roles."""


class Documents(RootModel[dict[Name, DocumentEntry]]):
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
            faults.extend(source.fault(path, said.en, said.zh, Leaves.ALL) for said in self._citation_faults(text, on))
        if not isinstance(basis, str) and basis_at(basis, day) is None:
            en = f"no citation is given for {day}, the first day in force"
            faults.append(source.fault(path, en, f"没有写出施行首日 {day} 的依据", Leaves.ALL))
        return faults

    def _citation_faults(self, text: str, on: date | None) -> Iterator[Text]:
        try:
            citations = parse_citations(text)
        except Misworded as error:
            yield Text(error.zh, error.en)
            return
        for citation in citations:
            code, instrument = citation.code, self.instruments.get(citation.code)
            if instrument is None:
                yield unknown(f"不存在的法律文本“{code}”", f"unknown instrument '{code}'", code, self.instruments)
            elif on is not None and not instrument.in_force(on):
                begins, ends = instrument.from_on, instrument.until_on
                time_zh = f"自 {begins} 起施行" + (f"，至 {ends} 止（不含）" if ends else "")
                yield Text(
                    f"“{code}”在 {on} 不施行（{time_zh}）",
                    f"'{code}' is not in force on {on} (in force {begins} to {ends or 'now'})",
                )

    def faults(self, roles: yaml_source.Source, documents: yaml_source.Source) -> Iterator[Fault]:
        """The names that the registers' own entries give and that stand for nothing, citations among them."""
        for name, role in self.roles.items():
            for other in role.records_for:
                if other not in self.roles:
                    en, zh = (
                        f"role '{name}' records for unknown role '{other}'",
                        f"角色“{name}”代为记录不存在的角色“{other}”",
                    )
                    said = unknown(zh, en, other, self.roles)
                    yield roles.fault((name, "records_for"), said.en, said.zh, Leaves.ALL)
        for source, entries in ((roles, self.roles), (documents, self.documents)):
            for name, entry in entries.items():
                dated = [entry.basis] if isinstance(entry.basis, str) else [*(entry.basis or {}).values()]
                for said in (said for text in dated for said in self._citation_faults(text, None)):
                    yield source.fault((name, "basis"), said.en, said.zh, Leaves.ALL)


def read_registers(texts: Mapping[str, str]) -> Registers:
    """Read the three registers out of named texts. Raises DefinitionError with every fault of all three."""
    faults: list[Fault] = []
    sources: dict[str, yaml_source.Source] = {}

    def read(name: str, kind: type[RootT], entries: Text) -> RootT | None:
        try:
            if name not in texts:
                raise DefinitionError([Fault(name, 1, "the file is missing", "缺少此文件")])
            sources[name] = yaml_source.read(texts[name], name)
            return modelling.model(sources[name], kind, entries)
        except DefinitionError as error:
            faults.extend(error.faults)
            return None

    entries = read("instruments.yaml", Instruments, Text("法律文本", "instrument"))
    roles = read("roles.yaml", Roles, Text("角色", "role"))
    documents = read("documents/index.yaml", Documents, Text("文书", "document"))
    if entries is None or roles is None or documents is None:
        raise DefinitionError(faults)
    instruments = {code: entry.instrument(code) for code, entry in entries.root.items()}
    registers = Registers(instruments, roles.root, documents.root)
    if faults := list(registers.faults(sources["roles.yaml"], sources["documents/index.yaml"])):
        raise DefinitionError(faults)
    return registers
