"""What kinds of offices there are, whom they may employ, and who may do what is no step of a case; it knows no office.

The file may be left out. Then every office is of one kind inside, the people of which may have every role of an office
and grant, file and erase; an outside body is of the kind that bears its role's name; nobody administers by the API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adjudicate.definition import modelling, yaml_source
from adjudicate.definition.law_files import OFFICES
from adjudicate.definition.registers import Role
from adjudicate.definition.shared_models import Lawful, Model
from adjudicate.definition.values import Name, Names, YesOrNo
from adjudicate.errors import DefinitionError, Fault, Leaves
from adjudicate.law.suggestion import unknown
from adjudicate.law.text import Text


class OfficeKind(Lawful):
    """One kind of office. An outside one sees nothing but what is granted to it, and no case is its own."""

    outside: YesOrNo = False
    roles: Names


class Permissions(Model):
    """Which roles may administer offices and people, grant access to a case, file documents in it, or erase."""

    administer: Names = ()
    grant: Names
    file: Names
    erase: Names


class OfficesFile(Model):
    """The file of offices' kinds."""

    kinds: dict[Name, OfficeKind]
    may: Permissions


@dataclass(frozen=True)
class Offices:
    """The kinds of offices by key, and the roles by what they may do (`administer`, `grant`, `file`, `erase`)."""

    kinds: Mapping[str, OfficeKind]
    may: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def usual(self) -> str:
        """The first kind that is not outside: what an office is where nothing is said."""
        return next(name for name, kind in self.kinds.items() if not kind.outside)

    def permits(self, what: str, roles: frozenset[str]) -> bool:
        """Whether one of the roles may do this."""
        return not self.may[what].isdisjoint(roles)


def read_offices(texts: Mapping[str, str], roles: Mapping[str, Role]) -> Offices:
    """The kinds of offices of a folder of the law. Raises DefinitionError with every fault of the file."""
    if OFFICES not in texts:
        return _without_file(roles)
    source = yaml_source.read(texts[OFFICES], OFFICES)
    read = modelling.model(source, OfficesFile)
    if faults := list(_faults(source, read, roles)):
        raise DefinitionError(faults)
    permissions = {name: frozenset(getattr(read.may, name)) for name in Permissions.model_fields}
    return Offices(read.kinds, permissions)


def _without_file(roles: Mapping[str, Role]) -> Offices:
    inside = tuple(name for name, role in roles.items() if role.kind == "office")
    kinds = {"office": OfficeKind.model_validate({"label": {"zh": "机构", "en": "Office"}, "roles": inside})}
    for name, role in roles.items():
        if role.kind == "outside":
            kinds[name] = OfficeKind(label=role.label, outside=True, roles=(name,))
    everybody = frozenset(inside)
    return Offices(kinds, {"administer": frozenset(), "grant": everybody, "file": everybody, "erase": everybody})


def _faults(source: yaml_source.Source, read: OfficesFile, roles: Mapping[str, Role]) -> Iterator[Fault]:
    if all(kind.outside for kind in read.kinds.values()):
        yield source.fault(("kinds",), "no kind of office is inside", "没有任何一类机构是本系统内的机构", Leaves.ALL)
    for name, kind in read.kinds.items():
        wanted = "outside" if kind.outside else "office"
        for role in kind.roles:
            said = _role_fault(role, roles, wanted)
            if said is not None:
                yield source.fault(("kinds", name, "roles"), said.en, said.zh, Leaves.ALL)
    for what in Permissions.model_fields:
        for role in getattr(read.may, what):
            said = _role_fault(role, roles, "office")
            if said is not None:
                yield source.fault(("may", what), said.en, said.zh, Leaves.ALL)


_KINDS = {
    "office": Text("机构人员", "an office's person"),
    "outside": Text("外部机构", "an outside body"),
    "party": Text("当事人", "a party"),
    "automatic": Text("系统自动", "automatic"),
}


def _role_fault(role: str, roles: Mapping[str, Role], wanted: str) -> Text | None:
    if role not in roles:
        return unknown(f"不存在的角色“{role}”", f"unknown role '{role}'", role, roles)
    kind = roles[role].kind
    if kind == wanted:
        return None
    known, needed = _KINDS[kind], _KINDS[wanted]
    return Text(
        f"角色“{role}”属于{known.zh}，此处只能是{needed.zh}",
        f"role '{role}' is {known.en}; here only {needed.en} can stand",
    )
