"""The shipped pages can be signed: words only, rows short enough to read, paper that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from adjudicate.cli import main
from adjudicate.definition.catalogue import Catalogue, load, read_texts
from adjudicate.definition.open_points import sound_points
from adjudicate.review.files import reviews, sheets

SHIPPED = Path(__file__).parents[3] / "workflows"
LONGEST = 120
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@cache
def catalogue() -> Catalogue:
    return load(SHIPPED)


@cache
def pages() -> dict[str, str]:
    return {path.relative_to(SHIPPED).as_posix(): text for path, text in reviews(SHIPPED).items()}


@cache
def printed() -> dict[str, str]:
    return sheets(SHIPPED)


@cache
def codes() -> re.Pattern[str]:
    known = {*catalogue().registers.instruments, *sound_points(read_texts(SHIPPED))}
    codes = "|".join(sorted(known, key=len, reverse=True))
    # The page of open points explains the letters with which the numbers begin.
    return re.compile(rf"(?<![A-Za-z])(?:{codes})(?![A-Za-z0-9])|“[CDL]”")


def english(text: str) -> set[str]:
    """Whatever is written with letters and is no code of an instrument, number of an open point or digest."""
    return set(WORD.findall(codes().sub("", DIGEST.sub("", text))))


def without_syntax(page: str) -> str:
    """A page with only the labels of its diagrams."""

    def labels(diagram: re.Match[str]) -> str:
        found = re.findall(r'"(.*)" as s\d+$|--> \S+: (.*)$', diagram[1], re.MULTILINE)
        return "\n".join(one or other for one, other in found)

    return re.sub(r"```mermaid\nstateDiagram-v2\n(.*?)```", labels, page, flags=re.DOTALL)


def on_paper(text: str) -> str:
    """What is printed: the text of the file, and what stands above and below each sheet."""
    boxes = re.findall(r'content: "([^"]*)"', text)
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "\n", body)) + "\n".join(boxes)


@pytest.mark.parametrize("name", sorted(pages()))
def test_no_key_and_no_english_word_stands_in_a_review(name: str) -> None:
    assert english(without_syntax(pages()[name])) == set()


@pytest.mark.parametrize("name", sorted(printed()))
def test_no_key_and_no_english_word_stands_on_paper(name: str) -> None:
    assert english(on_paper(printed()[name])) == set()


def test_a_key_an_english_word_a_party_and_a_number_that_nobody_registered_are_all_found() -> None:
    told = "合议组 panel_members；ZJ81 12(5)；C13；see the note；当事人 p2；发现 E97；ZJ810；“a-b”"
    assert english(told) == {"panel_members", "see", "the", "note", "p2", "E97", "ZJ810", "a-b"}


def test_no_two_conditions_that_may_hold_differently_bear_one_name() -> None:
    for key, versions in catalogue().versions_by_key.items():
        for version in versions.values():
            labels = [condition.label.zh for condition in version.workflow.conditions.values()]
            assert sorted(labels) == sorted(set(labels)), (key, version.workflow.in_force.from_)


@pytest.mark.parametrize("name", sorted(pages()))
def test_every_row_of_a_review_is_short_enough_to_read(name: str) -> None:
    cells = [cell for line in pages()[name].splitlines() if line.startswith("|") for cell in line.split(" | ")]
    assert [cell for cell in cells if len(cell) > LONGEST] == []


@pytest.mark.parametrize("name", sorted(printed()))
def test_every_line_of_a_table_on_paper_is_short_enough_to_read_save_on_the_first_sheet(name: str) -> None:
    for section in printed()[name].split('<section class="')[1:]:
        if section.startswith("upright"):
            lines = [line for cell in re.findall(r"<td>(.*?)</td>", section) for line in cell.split("<br>")]
            assert [line for line in lines if len(unescape(line)) > LONGEST] == []


@pytest.mark.parametrize("name", sorted(printed()))
def test_a_file_for_printing_fetches_nothing(name: str) -> None:
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img|src=", printed()[name])


def test_every_sheet_bears_the_procedure_its_version_its_digest_and_a_line_for_the_signature() -> None:
    for key in catalogue().versions_by_key:
        text = printed()[f"{key}.html"]
        for day in catalogue().versions(key):
            title = catalogue().versions_by_key[key][day].workflow.title.zh
            assert f'content: "{title}，自 {day} 起施行的版本' in text
        assert len(set(DIGEST.findall(text))) == len(catalogue().versions(key))
        assert "审阅人：＿" in text


def test_the_digest_on_the_sheets_is_the_one_by_which_cases_are_pinned() -> None:
    day = max(catalogue().versions("patent-adjudication"))
    assert catalogue().rulebook("patent-adjudication", day, "110000").digest in printed()["patent-adjudication.html"]


def test_every_open_point_that_is_used_stands_in_the_register_and_on_the_one_page() -> None:
    page = pages()["OPEN-POINTS.md"].split("## 已登记而尚未使用的")[0]
    for number, point in sound_points(read_texts(SHIPPED)).items():
        if f"**{number} " in page:
            assert f"**{number} {point.question.zh}**" in page
    assert "（尚未登记）" not in "".join(pages().values())


def marks(data: Any) -> Iterator[str]:
    """The numbers behind every `ruling_needed`, however deep it stands."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "ruling_needed":
                yield from [value] if isinstance(value, str) else value
            else:
                yield from marks(value)
    elif isinstance(data, list):
        for one in data:
            yield from marks(one)


def told_of(page: str) -> dict[str, dict[str, str]]:
    """What the first part of the page of open points says of each number."""
    found: dict[str, dict[str, str]] = {}
    number = name = ""
    for line in page.split("## 已登记而尚未使用的", maxsplit=1)[0].splitlines():
        cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
        if not line.startswith("| ") or len(cells) != 2:
            continue
        if begun := re.match(r"\*\*([A-Z]\d+) ", cells[0]):
            number = begun[1]
            found[number] = {}
        elif number:
            name = cells[0] or name
            found[number][name] = found[number].get(name, "") + cells[1]
    return found


def test_every_mark_of_an_open_point_in_any_file_leads_to_its_question_its_default_and_whom_it_protects() -> None:
    marked: dict[str, set[str]] = {}
    for path in SHIPPED.rglob("*.yaml"):
        for number in marks(yaml.safe_load(path.read_text(encoding="utf-8"))):
            marked.setdefault(number, set()).add(path.relative_to(SHIPPED).parts[0])
    told, register = told_of(pages()["OPEN-POINTS.md"]), sound_points(read_texts(SHIPPED))
    assert set(told) == set(marked)
    assert "日历" in told["C37"]["用于"]
    for number, homes in marked.items():
        point = register[number]
        assert f"**{number} {point.question.zh}**" in pages()["OPEN-POINTS.md"]
        assert told[number]["保护谁"] == point.protects.zh
        assert told[number]["现行默认"].replace("…", "") == point.default.zh
        for home in homes & set(catalogue().versions_by_key):
            titles = [version.workflow.title.zh for version in catalogue().versions_by_key[home].values()]
            titles += [rule.overlay.title.zh for rule in catalogue().local_rules(home)]
            assert any(title in told[number]["用于"] for title in titles), (number, home)


def test_one_word_is_used_for_what_runs_beside_a_procedure() -> None:
    for text in pages().values():
        assert not re.search("附属程序|关联程序|子程序|分支程序", text)


@pytest.mark.parametrize("name", sorted(pages()))
def test_no_stage_is_named_twice_where_a_step_may_lead_to_several(name: str) -> None:
    assert re.findall(r"(“[^”]+”)、\1", pages()[name]) == []


def test_the_command_writes_the_files_for_printing_and_nothing_else(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["render", "--html", str(tmp_path / "paper")])
    assert told.exit_code == 0, told.output
    assert {path.name for path in (tmp_path / "paper").iterdir()} == set(printed())
    told = CliRunner().invoke(main, ["render", "--check", "--html", str(tmp_path)])
    assert told.exit_code != 0
