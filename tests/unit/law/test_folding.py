"""The fold of names and numbers: what it makes alike, what it leaves apart; the migration folds the same way."""

from __future__ import annotations

import importlib.util
import unicodedata
from typing import Any

import pytest

from adjudicate.cases.parties import name_key
from adjudicate.law.folding import check_digit, fold, fold_number, is_blank
from adjudicate.shipped_files import migrations_folder


def test_spaces_do_not_count_in_any_width() -> None:
    assert fold("甲  公司") == fold("甲\u3000公司") == fold("甲公司")


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u3164", "\u2800", "\ufeff\u00ad", "\u2029"])
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}甲")


@pytest.mark.parametrize(
    "text", ["ß", "İ", "ŉ", "㍿", "ﬃ", "Ⅷ", "〔〕", "Ａ\u200bＢ", "ǰ", "ΐ", "\u3164ㅤ", "①", "½", "Å", "ﷺ", "…", "㋿"]
)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold_number(fold_number(text)) == fold_number(text)


def test_a_check_digit_is_what_the_office_computes() -> None:
    assert check_digit("201510299950") == "3"
    assert check_digit("202320000001") == "0"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("202320000001", "2023200000010"),
        ("ZL202320000001", "2023200000010"),
        ("ZL202320000001.5", "2023200000015"),
        ("BS.205012345", "bs.205012345"),
        ("ZL", "zl"),
    ],
)
def test_a_stored_number_is_completed_only_where_it_is_certain(written: str, key: str) -> None:
    assert fold_number(written, whole=True) == key


def test_the_migration_folds_as_the_product_does() -> None:
    (path,) = (migrations_folder() / "versions").glob("*_0004_*.py")
    spec = importlib.util.spec_from_file_location("migration", path)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    characters = [chr(code) for code in range(0x30000) if unicodedata.category(chr(code)) != "Cs"]
    assert [one for one in characters if module._name_key(f"甲{one}乙") != name_key(f"甲{one}乙")] == []
    numbers = (
        "ZL 2023 2 0000001.0",
        "CN202320000001.0U",
        "202320000001",
        "98801234",
        "HZ测字〔2026〕1号",
        "ZL",
        "BS.2050",
    )
    for number in numbers:
        assert module._number_key(number) == fold_number(number, whole=True)
