"""Roles, documents and instruments of one procedure stand in its folder, are its own, and are named once."""

from __future__ import annotations

from datetime import date

from adjudicate.checks import check_texts
from adjudicate.definition.registers import read_registers
from tests.unit.definition.law import BASE, faults, line_of, loaded, small

DAY = date(2020, 1, 1)
ROLE = "expert: {label: {zh: 专家, en: Expert}, kind: outside}\n"
PAPER = "expert_paper: {label: {zh: 专家意见, en: Opinion}, basis: OWN 1}\n"
OWN = "OWN: {title: {zh: 本程序规则, en: Own Rules}, authority: 虚, in_force: {from: 2000-01-01}, days: explicit}\n"
FILES = {"dispute/roles.yaml": ROLE, "dispute/documents.yaml": PAPER, "dispute/instruments.yaml": OWN}
STEP = """  - event: expert_heard
    label: {zh: 听取专家意见, en: Expert heard}
    from: [opened]
    by: [expert]
    issues: [expert_paper]
    basis: OWN 2

always:"""


def with_expert(**more: str) -> dict[str, str]:
    text = small()[BASE].replace("\nalways:", STEP, 1)
    return small(**{BASE: text, **FILES, **more})


def test_a_procedure_uses_what_stands_in_its_own_folder() -> None:
    texts = with_expert()
    assert check_texts(texts).clean
    book = loaded(texts).rulebook("dispute", DAY, "440000")
    assert "expert" in book.registers.roles
    assert "expert_paper" in book.registers.documents
    assert {"expert", "clerk"} <= set(read_registers(texts).roles)


def test_another_procedure_does_not() -> None:
    text = small()[BASE].replace("\nalways:", STEP, 1)
    texts = small(**{BASE: text})
    texts |= {path.replace("dispute/", "parcel/"): one for path, one in FILES.items()}
    found = [fault.en for fault in faults(texts)]
    for what in ("unknown role 'expert'", "unknown document 'expert_paper'", "unknown instrument 'OWN'"):
        assert [said for said in found if what in said]


def test_a_name_of_the_shared_register_is_not_defined_again() -> None:
    twice = {
        "dispute/roles.yaml": (ROLE + "clerk: {label: {zh: 经办, en: Clerk}, kind: office}\n", "clerk", "role", "角色"),
        "dispute/documents.yaml": (
            PAPER + "decision_paper: {label: {zh: 决定书, en: Decision}}\n",
            "decision_paper",
            "document",
            "文书",
        ),
        "dispute/instruments.yaml": (
            OWN + "LAW: {title: {zh: 法, en: Law}, authority: 虚, in_force: {from: 2000-01-01}, days: explicit}\n",
            "LAW",
            "instrument",
            "法律文本",
        ),
    }
    for path, (text, name, en, zh) in twice.items():
        texts = with_expert(**{path: text})
        shared = "documents/index.yaml" if "documents" in path else path.partition("/")[2]
        also = f"{shared}:{line_of(texts[shared], f'{name}:')}"
        (fault,) = faults(texts)
        assert (fault.file, fault.line) == (path, line_of(text, f"{name}:"))
        assert fault.en == f"{en} '{name}' is defined twice: also at {also}"
        assert fault.zh == f"{zh}“{name}”重复定义：另见 {also}"


def test_two_procedures_may_not_keep_the_same_name() -> None:
    (fault,) = faults(with_expert(**{"parcel/roles.yaml": ROLE}))
    assert (fault.file, fault.en) == (
        "parcel/roles.yaml",
        "role 'expert' is defined twice: also at dispute/roles.yaml:1",
    )


def test_a_folder_without_a_definition_needs_no_register() -> None:
    (fault,) = faults(small(**{"quarrel/roles.yaml": ROLE}))
    assert (fault.file, fault.line) == ("quarrel/roles.yaml", 1)
    assert fault.en == "'quarrel' has no definition that could use this file"
    assert fault.zh == "“quarrel”没有任何定义，此文件无人使用"


def test_a_shared_register_that_is_missing_is_told() -> None:
    texts = small()
    del texts["roles.yaml"]
    found = faults(texts)
    assert ("roles.yaml", "缺少此文件") in [(fault.file, fault.zh) for fault in found]
