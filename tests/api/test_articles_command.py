"""The command `adjudicate articles`: the definitions' part without a database, the open cases with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from adjudicate.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.harness import Api


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["articles", *arguments], env={"ADJUDICATE_DATABASE_URL": None, **environment})


def test_without_a_database_an_article_is_printed_with_what_rests_on_it(law: Path) -> None:
    result = run("TEST", "2", "--lang", "zh", ADJUDICATE_WORKFLOWS=str(law))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "TEST 测试规则第2条"
    assert "  测试纠纷（2000-01-01 起，2025-02-01 前）" in lines
    assert "    条件“合议组三人以上单数”" in lines
    assert "在办案件" not in result.stdout


def test_a_dated_citation_is_printed_with_its_day() -> None:
    lines = run("ZJ81", "5", "--lang", "en").stdout.splitlines()
    assert [line for line in lines if line.startswith("    condition") and line.endswith(", cited from 2025-02-01")]


def test_an_instrument_alone_is_printed_article_by_article_with_the_reasons() -> None:
    lines = run("ZJ81", "--lang", "zh").stdout.splitlines()
    assert lines[0].startswith("ZJ81 专利纠纷行政裁决和调解办法：引用所列 85 条中的 ")
    assert "  第84条：规定解释机关，无可记录。" in lines
    assert len(lines) == 86


def test_with_a_database_the_open_cases_are_counted_version_by_version(api: Api, law: Path) -> None:
    api.open()
    api.docketed()
    url = api.registry.settings.database_url
    environment = {"ADJUDICATE_DATABASE_URL": url, "ADJUDICATE_WORKFLOWS": str(law), "ADJUDICATE_SANDBOX": "1"}
    counted = run("TEST", "2", "--lang", "zh", **environment).stdout.splitlines()
    assert counted[-2:] == ["  如有变动，涉及在办案件 1 件", "    测试纠纷（2025-02-01 起）：1 件"]
    assert run("TEST", "3", "--lang", "en", **environment).stdout.splitlines()[-2:] == [
        "  open cases that a change would touch: 2",
        "    Dispute for tests (from 2025-02-01): 2",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [(("ZJ82", "1"), "没有法律文本“ZJ82”。是否应为“ZJ81”？"), (("ZJ81", "126"), "没有“126”条。是否应为“26”？")],
)
def test_an_unknown_article_ends_with_the_nearest(asked: tuple[str, str], said: str) -> None:
    result = run(*asked)
    assert result.exit_code == 2
    assert said in result.stderr
