"""REVIEW.md says what the definitions say, one card a step, and is stale as soon as a definition moves on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from adjudicate.definition.catalogue import load
from adjudicate.review.files import reviews, stale_reviews, write_reviews

BASE = Path(__file__).parents[1] / "checks" / "broken" / "base"
STEPS = "、事项"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "law"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the first table under the first heading that ends so, without its head."""
    lines = page.split(f"{heading}\n", 1)[1].splitlines()
    table = []
    for line in lines:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.removeprefix("|").removesuffix("|").split(" | ")])
        elif table:
            break
    return table[2:]


def cards(page: str, heading: str) -> dict[str, dict[str, str]]:
    """What is said under the title of each card; what stands beside the title is said under no name."""
    found: dict[str, dict[str, str]] = {}
    title = name = ""
    for first, said in rows(page, heading):
        if first.startswith("**"):
            title, name = first.strip("*"), ""
            found.setdefault(title, {})
        name = name if not first or first.startswith("**") else first
        found[title][name] = f"{found[title].get(name, '')}{said}"
    return found


def table(page: str, heading: str) -> dict[str, list[str]]:
    """The other cells of each row by its first; a row that goes on has an empty first cell."""
    found: dict[str, list[str]] = {}
    name = ""
    for first, *others in rows(page, heading):
        name = first or name
        found[name] = [f"{a}{b}" for a, b in zip(found.get(name, [""] * len(others)), others, strict=True)]
    return found


def page_of(folder: Path, key: str) -> str:
    return next(text for path, text in reviews(folder).items() if path.parent.name == key)


def test_every_step_has_a_card_of_its_own(folder: Path) -> None:
    workflow = max(load(folder).versions_by_key["dispute"].items())[1].workflow
    found = [row[0].strip("*") for row in rows(page_of(folder, "dispute"), STEPS) if row[0].startswith("**")]
    assert found == [f"{i} {step.label.zh}" for i, step in enumerate(workflow.steps, 1)]


def test_what_is_required_and_what_is_expected_stand_apart_and_the_weight_is_named(folder: Path) -> None:
    card = cards(page_of(folder, "dispute"), STEPS)["7 立案"]
    assert card[""] == "经办人；LAW 2"
    assert card["阶段"] == "“已收到” → “已立案”"
    assert card["须具备"] == "三人以上单数〔1〕"
    assert card["应符合（轻微）"] == "在立案期限内〔2〕"
    assert card["提示"] == "已告知权利〔4〕"
    assert card["期限"] == "起算“办案期限”；终止“立案期限”"


def test_a_step_says_what_it_records_and_what_it_may_record(folder: Path) -> None:
    found = cards(page_of(folder, "dispute"), STEPS)
    assert found["7 立案"]["必须记录"] == "立案日；合议组"
    assert any("可以记录" in card for card in found.values())


def test_a_deadline_says_how_long_whose_what_does_not_count_and_what_follows(folder: Path) -> None:
    card = cards(page_of(folder, "dispute"), "、期限")["办案期限"]
    assert card[""].startswith("义务（机关应当）")
    assert card["长度"] == "3 个月；自“立案日”起算"
    assert "末日" not in card
    assert card["延长"] == "由主管延长，不超过 1 个月"
    assert card["不计入"] == "暂停（暂停开始）"
    assert card["届满后"] == "记录“逾期未决定”"
    assert card["待裁断"] == "C1"


def test_a_fact_is_told_with_its_options(folder: Path) -> None:
    page = page_of(folder, "dispute")
    assert table(page, "、事实与选项")["结果"] == ["选项，择一", "支持；驳回"]
    assert ["文字；个人信息，可以依法删除", "住址"] in rows(page.split("| 没有选项的事实 |", 1)[1], "")


def test_an_open_point_is_told_with_its_question_its_default_and_whom_it_protects(folder: Path) -> None:
    assert cards(page_of(folder, "dispute"), "、所依赖的待裁断问题") == {
        "C1 办案期限是否包括休息日": {"": "LAW 2", "现行默认": "包括", "保护谁": "申请人", "用于": "期限“办案期限”"}
    }


def test_all_open_points_stand_on_one_page_with_where_each_is_used_and_those_that_wait(folder: Path) -> None:
    register = folder / "open-points.yaml"
    waiting = register.read_text(encoding="utf-8").replace("C1:", "C2:").replace("包括休息日", "包括节日")
    register.write_text(f"{register.read_text(encoding='utf-8')}{waiting}", encoding="utf-8")
    page = reviews(folder)[folder / "OPEN-POINTS.md"]
    used = cards(page, "## 正在使用的")["C1 办案期限是否包括休息日"]
    assert used["用于"] == "虚构纠纷（自 2020-01-01 起）：期限“办案期限”"
    assert [row[0] for row in rows(page, "## 已登记而尚未使用的")] == ["C2"]


def test_the_first_page_follows_the_order_that_a_lawyer_gave_it(folder: Path) -> None:
    chapters = (
        "  - {title: {zh: 甲, en: A}, events: [request_opened]}\n  - {title: {zh: 乙, en: B}, events: [received]}\n"
    )
    events = [step.event for step in max(load(folder).versions_by_key["dispute"].items())[1].workflow.steps]
    chapters = chapters.replace("request_opened", events[3]).replace("received", events[0])
    (folder / "dispute" / "course.yaml").write_text(f"chapters:\n{chapters}", encoding="utf-8")
    told = rows(page_of(folder, "dispute"), "### 一、从请求到生效")
    assert [row[0] for row in told if row[0].startswith("**")] == ["**甲**", "**乙**"]
    assert len(told) == 4


def test_a_first_page_without_an_order_tells_every_step_that_somebody_takes(folder: Path) -> None:
    told = {row[0]: row[1:] for row in rows(page_of(folder, "dispute"), "### 一、从请求到生效")}
    assert told["7 经办人：立案（LAW 2）"] == [
        "“立案期限”（5 个工作日）",
        "进入“已立案”；起算“办案期限”（3 个月）",
        "三人以上单数",
        "轻微：在立案期限内",
    ]


def test_the_diagram_shows_every_way_between_states_and_no_name_of_the_definition(folder: Path) -> None:
    diagram = page_of(folder, "dispute").split("```mermaid\n", 1)[1].split("```", 1)[0]
    ids = dict(re.findall(r'state "(.+)" as (s\d+)', diagram))
    assert f"[*] --> {ids['已收到']}: 收到请求" in diagram
    assert f"{ids['已收到']} --> {ids['已立案']}: 立案" in diagram
    assert f"{ids['已结案']} --> [*]" in diagram
    assert "opened" not in diagram


def test_the_newest_version_stands_first_and_local_rules_last(folder: Path) -> None:
    page = page_of(folder, "dispute")
    order = [
        page.index(text)
        for text in ("自 2020-01-01 起施行", "自 2000-01-01 起施行", "地方规定", "虚构省规定（990000）")
    ]
    assert order == sorted(order)


def test_a_condition_is_told_in_words(folder: Path) -> None:
    meanings = table(page_of(folder, "dispute"), "、条件")
    assert meanings["〔6〕 决定书已送达全部当事人"] == ["对每一名当事人：已发生“决定书已送达”", "LAW 5"]
    assert meanings["〔7〕 支持申请"] == ["“结果”为“支持”", "LAW 5"]
    assert meanings["〔2〕 在立案期限内"] == ["“立案期限”未届满", "轻微瑕疵；LAW 2"]


def test_a_condition_that_asks_something_of_one_case_only_says_so(folder: Path) -> None:
    edit(
        folder / "dispute" / "2020-01-01.yaml",
        "    fact_is: {result: granted}\n",
        "    any: [{not: {fact_is: {result: granted}}}, {recorded: rights_told}]\n",
    )
    said, _ = table(page_of(folder, "dispute"), "、条件")["〔7〕 支持申请"]
    assert said == "“结果”为“支持”的，须已发生“告知权利”"


def test_what_is_nested_in_a_condition_is_counted_line_by_line_and_a_contrary_is_said_outright(folder: Path) -> None:
    edit(
        folder / "dispute" / "2020-01-01.yaml",
        "    fact_is: {result: granted}\n",
        "    for_each:\n      role: opponent\n      holds:\n        any:\n"
        "          - {not: {fact_is: {result: granted}}}\n"
        "          - {not: {fact_known: panel}}\n"
        "          - all: [{recorded: rights_told}, {not: {started: answer_time}}]\n"
        "          - {not: {any: [{over: answer_time}, {recorded: heard}]}}\n",
    )
    said = [row[1] for row in rows(page_of(folder, "dispute"), "、条件")]
    at = next(i for i, one in enumerate(said) if "的，下列任一项成立" in one)
    assert said[at : at + 2] == [
        "对每一名对方，“结果”为“支持”，且已记录“合议组”的，下列任一项成立：",
        "（1）已发生“告知权利”，且“答辩期限”没有开始；（2）“答辩期限”未届满，且未发生“听审”",
    ]


def test_an_older_version_is_told_as_far_as_the_newer_one_does_not_say_the_same(folder: Path) -> None:
    newer = (BASE / "dispute" / "2020-01-01.yaml").read_text(encoding="utf-8")
    newer = newer.replace("2020-01-01", "2022-01-01", 1).replace("length: 3 months", "length: 4 months")
    (folder / "dispute" / "2022-01-01.yaml").write_text(newer, encoding="utf-8")
    older = page_of(folder, "dispute").split("## 自 2020-01-01 起施行", 1)[1].split("## 自 2000-01-01 起施行", 1)[0]
    assert list(cards(older, "、期限")) == ["办案期限"]
    assert cards(older, "、期限")["办案期限"]["长度"].startswith("3 个月")
    assert "另有 4 项与自 2022-01-01 起施行的版本相同" in older
    assert "**7 立案**" not in older


def test_a_second_step_of_an_event_says_by_number_what_it_has_in_common_with_the_first(folder: Path) -> None:
    first, second = (cards(page_of(folder, "dispute"), STEPS)[name] for name in ("17 作出决定", "18 书面作出决定"))
    assert second["同事项 17"] == "必须记录、期限、文书与“作出决定”相同"
    assert not {"必须记录", "期限", "文书"} & set(second)
    assert first["文书"] == "决定书"


def test_what_a_version_changed_stands_beside_what_was_before(folder: Path) -> None:
    page = page_of(folder, "dispute")
    was, now = (load(folder).versions_by_key["dispute"][day].workflow for day in load(folder).versions("dispute"))
    told = table(page, "、与前一版本的不同")
    added = [step.label.zh for step in now.steps if step.event not in {one.event for one in was.steps}]
    assert added
    for label in added:
        assert label in told["新增"][1]
    assert told["立案期限·长度"] == ["7 个工作日", "5 个工作日"]
    assert told["结案·阶段"] == ["“已立案” → “已结案”", "“已生效” → “已结案”"]


def test_a_period_that_became_longer_is_told_old_and_new(folder: Path) -> None:
    newer = (BASE / "dispute" / "2020-01-01.yaml").read_text(encoding="utf-8")
    newer = newer.replace("2020-01-01", "2022-01-01", 1).replace("length: 3 months", "length: 4 months")
    (folder / "dispute" / "2022-01-01.yaml").write_text(newer, encoding="utf-8")
    told = [row for row in rows(page_of(folder, "dispute"), "、与前一版本的不同") if not row[0].startswith("**")]
    assert told == [["办案期限·长度", "3 个月", "4 个月"]]


def test_citations_that_changed_in_the_same_way_are_told_together_and_apart_from_the_rest(folder: Path) -> None:
    newer = (BASE / "dispute" / "2020-01-01.yaml").read_text(encoding="utf-8")
    newer = newer.replace("2020-01-01", "2022-01-01", 1).replace("basis: LAW 6", "basis: LAW 8")
    (folder / "dispute" / "2022-01-01.yaml").write_text(newer, encoding="utf-8")
    page = page_of(folder, "dispute").split("、与前一版本的不同", 1)[1]
    assert page.lstrip().startswith("内容没有不同。")
    steps = rows(page, "#### 依据的不同")
    assert steps == [["事项 21、22、23；条件 〔8〕；期限 “催告等待期”", "LAW 6", "LAW 8"]]


def test_a_page_is_stale_once_its_definition_changes(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in write_reviews(folder)}
    assert names == {"OPEN-POINTS.md", *(f"{key}/REVIEW.md" for key in ("dispute", "pause", "parcel"))}
    assert stale_reviews(folder) == []
    edit(folder / "dispute" / "2020-01-01.yaml", "length: 3 months", "length: 4 months")
    assert stale_reviews(folder) == [folder / "dispute" / "REVIEW.md"]
    write_reviews(folder)
    assert stale_reviews(folder) == []


def test_a_page_whose_definition_is_gone_is_taken_away(folder: Path) -> None:
    (folder / "gone").mkdir()
    (folder / "gone" / "REVIEW.md").write_text("old", encoding="utf-8")
    assert folder / "gone" / "REVIEW.md" in stale_reviews(folder)
    write_reviews(folder)
    assert not (folder / "gone" / "REVIEW.md").exists()


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
    assert [row[0] for row in rows(page_of(folder, "dispute"), "、任何情形下都成立的规则")] == [
        "“作出决定”之前须有“听审”或者“书面审”",
        "“作出决定”之后须有“决定书已送达”",
        "须“催告等待期”已届满，方可有“申请执行”",
        "“已结案”和“已申请执行”不得并存",
    ]
