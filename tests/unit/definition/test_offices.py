"""The file of offices: kinds, whom they employ, who may do what is no step; and what holds without it."""

from __future__ import annotations

import pytest

from adjudicate.definition.offices import read_offices
from adjudicate.definition.registers import read_registers
from adjudicate.errors import DefinitionError
from tests.unit.definition.law import faults, small

BUREAU = "  bureau: {label: {zh: 局, en: Bureau}, roles: [clerk]}\n"
FILE = f"""kinds:
{BUREAU}  tribunal: {{label: {{zh: 法院, en: Tribunal}}, outside: true, roles: [tribunal]}}
may: {{administer: [], grant: [clerk], file: [clerk], erase: [clerk]}}
"""


def test_a_sound_file_says_who_may_do_what() -> None:
    texts = small(**{"offices.yaml": FILE})
    assert faults(texts) == []
    offices = read_offices(texts, read_registers(texts).roles)
    assert offices.usual == "bureau"
    assert offices.permits("grant", frozenset({"clerk"}))
    assert not offices.permits("administer", frozenset({"clerk"}))
    assert offices.kinds["tribunal"].outside


def test_without_the_file_every_office_role_may_grant_file_and_erase_and_nobody_administers() -> None:
    texts = small()
    offices = read_offices(texts, read_registers(texts).roles)
    assert offices.permits("file", frozenset({"clerk"}))
    assert not offices.may["administer"]
    assert [name for name, kind in offices.kinds.items() if not kind.outside] == ["office"]
    assert all(kind.outside for name, kind in offices.kinds.items() if name != "office")


@pytest.mark.parametrize(
    ("old", "new", "en", "zh"),
    [
        ("roles: [clerk]}", "roles: [clark]}", "unknown role 'clark'", "不存在的角色“clark”"),
        ("roles: [clerk]}", "roles: [claimant]}", "role 'claimant' is a party", "角色“claimant”属于当事人"),
        ("roles: [tribunal]", "roles: [clerk]", "only an outside body can stand", "只能是外部机构"),
        ("grant: [clerk]", "grant: [tribunal]", "only an office's person can stand", "只能是机构人员"),
        (
            "  bureau: {label: {zh: 局, en: Bureau}, roles: [clerk]}\n",
            "",
            "no kind of office is inside",
            "没有任何一类机构",
        ),
        ("may: {administer: [], ", "may: {", "", ""),
        ("erase: [clerk]", "erode: [clerk]", "erode", "erode"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(old: str, new: str, en: str, zh: str) -> None:
    text = FILE.replace(old, new, 1)
    assert text != FILE
    texts = small(**{"offices.yaml": text})
    if not en:
        assert faults(texts) == []
        return
    found = faults(texts)
    assert [one for one in found if en in one.en and zh in one.zh and one.file == "offices.yaml"], found
    with pytest.raises(DefinitionError):
        read_offices(texts, read_registers(small()).roles)
