"""The registers of instruments, roles and official documents, shared or a procedure's own; they judge nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from adjudicate.definition import law_files, modelling, yaml_source
from adjudicate.definition.law_files import SHARED
from adjudicate.definition.shared_models import Basis, InForce, Label, Lawful, Model
from adjudicate.definition.values import Code, DayCount, Name, Names, YesOrNo
from adjudicate.errors import DefinitionError, Fault, Leaves, Misworded
from adjudicate.law.citations import Instrument, parse_citations
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


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
            at = path if isinstance(basis, str) else (*path, str(first_day))
            faults.extend(source.fault(at, said.en, said.zh, Leaves.ALL) for said in self._citation_faults(text, on))
        if not isinstance(basis, str) and day < min(basis, default=date.max):
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
                yield Text(
                    f"“{code}”在 {on} 不施行（自 {begins} 起施行{f'，至 {ends} 止（不含）' if ends else ''}）",
                    f"'{code}' is not in force on {on} (in force {begins} to {ends or 'now'})",
                )

    def faults(self, roles: Iterable[yaml_source.Source], documents: Iterable[yaml_source.Source]) -> Iterator[Fault]:
        """The names that the entries of these files give and that stand for nothing, citations among them."""
        for source in roles:
            for name in source.data:
                for other in self.roles[name].records_for:
                    if other not in self.roles:
                        said = unknown(
                            f"角色“{name}”代为记录不存在的角色“{other}”",
                            f"role '{name}' records for unknown role '{other}'",
                            other,
                            self.roles,
                        )
                        yield source.fault((name, "records_for"), said.en, said.zh, Leaves.ALL)
            yield from self._citations_of(source, self.roles)
        for source in documents:
            yield from self._citations_of(source, self.documents)

    def _citations_of(self, source: yaml_source.Source, entries: Mapping[str, Lawful]) -> Iterator[Fault]:
        for name in source.data:
            basis = entries[name].basis
            for text in [basis] if isinstance(basis, str) else [*(basis or {}).values()]:
                for said in self._citation_faults(text, None):
                    yield source.fault((name, "basis"), said.en, said.zh, Leaves.ALL)


@dataclass(frozen=True)
class RegisterSet:
    """The registers that all procedures share, and beside them those of single procedures by their folder."""

    shared: Registers
    own: Mapping[str, Registers]

    def of(self, *folders: str) -> Registers:
        """What a definition of this folder may name, together with that of others it admits."""
        return _joined([self.shared, *(self.own[folder] for folder in dict.fromkeys(folders) if folder in self.own)])

    @cached_property
    def everything(self) -> Registers:
        """All of them; no name stands in two."""
        return self.of(*self.own)


def _joined(parts: list[Registers]) -> Registers:
    if len(parts) == 1:
        return parts[0]
    return Registers(
        {code: one for part in parts for code, one in part.instruments.items()},
        {name: one for part in parts for name, one in part.roles.items()},
        {name: one for part in parts for name, one in part.documents.items()},
    )


_KINDS: Mapping[str, tuple[type[RootModel[Any]], Text]] = {
    "instruments": (Instruments, Text("法律文本", "instrument")),
    "roles": (Roles, Text("角色", "role")),
    "documents": (Documents, Text("文书", "document")),
}


def read_registers(texts: Mapping[str, str]) -> Registers:
    """Every register of a folder as one. Raises DefinitionError with every fault of all of them."""
    return read_register_set(texts).everything


def read_register_set(texts: Mapping[str, str]) -> RegisterSet:
    """The shared registers and those of single procedures. Raises DefinitionError with every fault of all of them."""
    files = law_files.layout(texts)
    faults = [Fault(path, 1, "the file is missing", "缺少此文件") for path in SHARED.values() if path not in texts]
    read: dict[str | None, dict[str, Mapping[str, Any]]] = {}
    sources: dict[str, list[yaml_source.Source]] = {"roles": [], "documents": [], "instruments": []}
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for path, (register, owner) in sorted(files.registers.items(), key=lambda one: (one[1][1] or "", one[0])):
        try:
            source = yaml_source.read(texts[path], path)
            entries = modelling.model(source, *_KINDS[register]).root
        except DefinitionError as error:
            faults.extend(error.faults)
            continue
        read.setdefault(owner, {})[register] = entries
        sources[register].append(source)
        faults.extend(_twice(register, entries, source, seen))
    if faults:
        raise DefinitionError(faults)
    own = {owner: _registers(found) for owner, found in read.items() if owner is not None}
    found = RegisterSet(_registers(read.get(None, {})), own)
    if faults := list(found.everything.faults(sources["roles"], sources["documents"])):
        raise DefinitionError(faults)
    return found


def _registers(found: Mapping[str, Mapping[str, Any]]) -> Registers:
    entries = found.get("instruments", {})
    instruments = {code: entry.instrument(code) for code, entry in entries.items()}
    return Registers(instruments, found.get("roles", {}), found.get("documents", {}))


def _twice(
    register: str, entries: Mapping[str, Any], source: yaml_source.Source, seen: dict[tuple[str, str], tuple[str, int]]
) -> Iterator[Fault]:
    """Names that another file has defined already, or that two procedures keep for themselves."""
    kind = _KINDS[register][1]
    for name in entries:
        here = (source.file, source.line((name,)))
        file, line = seen.setdefault((register, name), here)
        if (file, line) != here:
            en, zh = f"{kind.en} '{name}' is defined twice: also at", f"{kind.zh}“{name}”重复定义：另见"
            yield source.fault((name,), f"{en} {file}:{line}", f"{zh} {file}:{line}")
