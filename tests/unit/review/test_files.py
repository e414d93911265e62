"""REVIEW.md says what the definitions say, one row a step, and is stale as soon as a definition moves on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adjudicate.definition.catalogue import load
from adjudicate.review.files import reviews, stale_reviews, write_reviews

BASE = Path(__file__).parents[1] / "checks" / "broken" / "base"
SHIPPED = Path(__file__).parents[3] / "workflows"
STEPS = "### 事项"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "law"))


def rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    lines = page.split(f"{heading}\n", 1)[1].splitlines()
    table = []
    for line in lines:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif table:
            break
    return table[2:]


def page_of(folder: Path, key: str) -> str:
    return next(text for path, text in reviews(folder).items() if path.parent.name == key)


def test_every_step_has_a_row_of_its_own(folder: Path) -> None:
    workflow = max(load(folder).versions_by_key["dispute"].items())[1].workflow
    found = [row[0] for row in rows(page_of(folder, "dispute"), STEPS)]
    assert found == [step.label.zh for step in workflow.steps]


def test_what_is_required_and_what_is_expected_stand_apart(folder: Path) -> None:
    row = next(row for row in rows(page_of(folder, "dispute"), STEPS) if row[0] == "立案")
    assert row[1:3] == ["已收到 → 已立案", "经办人"]
    assert row[3:6] == ["三人以上单数（LAW 2）", "在立案期限内（LAW 2）", "已告知权利（LAW 3）"]
    assert row[6] == "起算办案期限；终止立案期限"
    assert row[8] == "LAW 2"


def test_a_deadline_says_how_long_whose_and_what_follows(folder: Path) -> None:
    row = next(row for row in rows(page_of(folder, "dispute"), "### 期限") if row[0] == "办案期限")
    assert row[1:4] == ["义务（机关应当）", "3 个月", "自立案日"]
    assert row[5:8] == ["主管，不超过 1 个月", "暂停（暂停开始）", "逾期未决定"]
    assert row[10].startswith("C1")


def test_the_assumptions_are_listed_with_what_rests_on_them(folder: Path) -> None:
    assert [
        [cell.strip("| ") for cell in row] for row in rows(page_of(folder, "dispute"), "### 所依赖的待裁断问题")
    ] == [["C1", "期限“办案期限”"]]


def test_the_diagram_shows_every_way_between_states(folder: Path) -> None:
    diagram = page_of(folder, "dispute").split("```mermaid\n", 1)[1].split("```", 1)[0]
    assert "[*] --> received: 收到请求" in diagram
    assert "received --> opened: 立案" in diagram
    assert 'state "已立案" as opened' in diagram
    assert "closed --> [*]" in diagram


def test_the_newest_version_stands_first_and_local_rules_last(folder: Path) -> None:
    page = page_of(folder, "dispute")
    order = [
        page.index(text)
        for text in ("自 2020-01-01 起施行", "自 2000-01-01 起施行", "地方规定", "虚构省规定（990000）")
    ]
    assert order == sorted(order)


def test_a_condition_is_told_in_words(folder: Path) -> None:
    meanings = {row[0]: row[1] for row in rows(page_of(folder, "dispute"), "### 条件的含义")}
    assert meanings["决定书已送达全部当事人"] == "对每一名当事人：已发生“决定书已送达”"
    assert meanings["支持申请"] == "“结果”为“支持”"
    assert meanings["在立案期限内"] == "“立案期限”未届满"


def test_a_page_is_stale_once_its_definition_changes(folder: Path) -> None:
    assert {path.parent.name for path in write_reviews(folder)} == {"dispute", "pause", "parcel"}
    assert stale_reviews(folder) == []
    rules = folder / "dispute" / "2020-01-01.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("length: 3 months", "length: 4 months"), encoding="utf-8"
    )
    assert stale_reviews(folder) == [folder / "dispute" / "REVIEW.md"]
    write_reviews(folder)
    assert stale_reviews(folder) == []


def test_a_page_whose_definition_is_gone_is_taken_away(folder: Path) -> None:
    (folder / "gone").mkdir()
    (folder / "gone" / "REVIEW.md").write_text("old", encoding="utf-8")
    assert folder / "gone" / "REVIEW.md" in stale_reviews(folder)
    write_reviews(folder)
    assert not (folder / "gone" / "REVIEW.md").exists()


def test_every_shipped_definition_has_a_page_without_a_name_left_untold() -> None:
    """An English name inside the Chinese table would be a label that was not found."""
    catalogue = load(SHIPPED)
    for path, page in reviews(SHIPPED).items():
        workflows = [version.workflow for version in catalogue.versions_by_key[path.parent.name].values()]
        events = {step.event for workflow in workflows for step in workflow.steps}
        cells = [cell for row in rows(page, STEPS) for cell in row]
        assert cells
        assert [cell for cell in cells if cell in events] == []


def test_a_promise_without_a_label_is_a_sentence_made_of_labels(folder: Path) -> None:
    path = folder / "dispute" / "2020-01-01.yaml"
    text = path.read_text(encoding="utf-8")
    begin = text.index("always:")
    lines = [
        "{before: decided_upon, one_of: [{event: heard}, on_paper], basis: LAW 4}",
        "{after: decided_upon, follows: decision_arrived, basis: LAW 5}",
        "{never: enforcement_asked, until: {over: demand_wait}, basis: LAW 6}",
        "{never_both: [closed, enforced], basis: LAW 7}",
    ]
    always = "".join(f"  - {line}\n" for line in lines)
    path.write_text(f"{text[:begin]}always:\n{always}", encoding="utf-8")
    assert [row[0] for row in rows(page_of(folder, "dispute"), "### 任何情形下都成立的规则")] == [
        "“作出决定”之前须有“听审”或者“书面审”",
        "“作出决定”之后须有“决定书已送达”",
        "须“催告等待期”已届满，方可有“申请执行”",
        "“已结案”和“已申请执行”不得并存",
    ]
