"""Files that are no plain UTF-8 YAML are refused one by one with file, line and a remedy; others are still judged."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

import pytest

from adjudicate.checks import check
from adjudicate.definition.catalogue import load
from adjudicate.errors import CalendarInvalid, DefinitionError
from adjudicate.law.calendars import load_calendars
from tests.workflows.script import read_file

BASE = Path(__file__).parents[1] / "checks" / "broken" / "base"
ROOT = Path(__file__).parents[3]
MAIN = "dispute/2020-01-01.yaml"
FILES = ["dispute/2020-01-01.yaml", "pause/1995-01-01.yaml", "dispute/local/990000/2021-01-01.yaml", "instruments.yaml"]
ENCODINGS = {
    "gbk": (lambda text: text.encode("gbk"), "GBK", "须另存为 UTF-8"),
    "utf-16": (lambda text: text.encode("utf-16"), "UTF-16", "须另存为 UTF-8"),
    "utf-16 without a mark": (lambda text: text.encode("utf-16-le"), "NUL", "须另存为 UTF-8"),
    "utf-8 with a mark": (lambda text: b"\xef\xbb\xbf" + text.encode(), "byte order mark", "不带 BOM 的 UTF-8"),
    "nul bytes": (lambda text: text.encode().replace(b"\n", b"\n\x00", 1), "NUL", "空字节"),
    "latin-1": (lambda text: text.encode("ascii", "replace") + b"\xff\xfe\xff", "not UTF-8", "不是 UTF-8"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "law"))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_in_another_encoding_is_one_fault_that_says_how_to_save_it(
    folder: Path, name: str, encoding: str
) -> None:
    change, en, zh = ENCODINGS[encoding]
    path = folder / name
    path.write_bytes(change(path.read_text(encoding="utf-8")))
    found = [fault for fault in check(folder).faults if fault.file == name]
    assert len(found) == 1
    assert en in found[0].en
    assert zh in found[0].zh
    with pytest.raises(DefinitionError) as refused:
        load(folder)
    assert found[0] in refused.value.faults


def test_a_file_that_cannot_be_read_makes_no_other_fault(folder: Path) -> None:
    """Not even in the procedure that admits the incident which it holds."""
    path = folder / "pause/1995-01-01.yaml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    assert [fault.file for fault in check(folder).faults] == ["pause/1995-01-01.yaml"]


def test_a_file_that_is_none_is_a_fault_and_hides_no_other(folder: Path) -> None:
    (folder / "dispute" / "2021-01-01.yaml").mkdir()
    (folder / "pause" / "2021-01-01.yaml").symlink_to(folder / "nowhere.yaml")
    (folder / "parcel" / "2021-01-01.yaml").symlink_to("2021-01-01.yaml")
    (folder / "dispute" / "2022-01-01.yml").write_text("workflow: dispute\n", encoding="utf-8")
    text = (folder / MAIN).read_text(encoding="utf-8")
    (folder / MAIN).write_text(text.replace("to: effective", "to: efective"), encoding="utf-8")
    found = {fault.file: fault for fault in check(folder).faults}
    assert "a folder, not a file" in found["dispute/2021-01-01.yaml"].en
    assert "leads to no file" in found["pause/2021-01-01.yaml"].en
    assert "parcel/2021-01-01.yaml" in found
    assert "ends in '.yaml'" in found["dispute/2022-01-01.yml"].en
    assert "efective" in found[MAIN].en
    assert all(fault.zh for fault in found.values())


def bomb(levels: int = 9) -> str:
    rows = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, levels))
    return f"a0: &a0 [x, x, x, x, x, x, x, x, x]\n{rows}"


CLEVER = {
    "nested aliases": (bomb(), 1, "the anchor '&a0' has no place here", "不得使用锚点“&a0”"),
    "an alias of nothing": ("a: *b\n", 1, "the alias '*b' has no place here", "不得使用别名“*b”"),
    "a merge key": ("a: 1\n<<: {b: 1}\n", 2, "the merge key '<<' has no place here", "不得使用合并键“<<”"),
    "a tag": ("a: !!int 3\n", 1, "the tag '!!int' has no place here", "不得使用标签“!!int”"),
    "a tag of one's own": ("a: !python/object:os.system x\n", 1, "the tag '!python/object:os.system'", "不得使用标签"),
    "two documents": ("a: 1\n---\nb: 1\n", 2, "a file holds one document", "一个文件只能有一份内容"),
    "a directive": ("%YAML 1.1\n---\na: 1\n", 1, "begins with '%'", "以“%”开头的指令"),
    "a key that is a list": ("? [a, b]\n: 1\n", 1, "a key is a single word", "键须为一个词"),
    "a list for a file": ("- a\n- b\n", 1, "the file is a mapping", "文件须为键值表"),
    "a text for a file": ("abc\n", 1, "the file is a mapping", "文件须为键值表"),
    "nothing": ("# nothing\n", 1, "the file is empty", "文件为空"),
    "a hundred thousand brackets": ("a: " + "[" * 100_000, 1, "nested more than 40 levels deep", "嵌套超过 40 层"),
    "a tab": ("a:\n\tb: 1\n", 2, "indent with spaces: a tab stands here", "缩进只能用空格，不能用制表符"),
    "a control character": ("a: b\x01\n", 1, "a control character", "控制字符"),
    "an open bracket": ("a: [b\nc: 1\n", 2, "a list in '[' is not closed", "方括号“[”未闭合"),
    "an open quotation mark": ("a: 'b\nc: 1\n", 1, "a quotation mark is not closed", "引号未闭合"),
    "a full-width colon in a block": ("a: 1\nb：2\nc: 3\n", 2, "full-width colon '：'", "全角冒号“：”"),
    "a full-width colon in braces": ("a: 1\nb: {zh：甲, en: A}\n", 2, "full-width colon '：'", "全角冒号“：”"),
    "a full-width comma": ("a: {zh: 甲， en: A}\n", 1, "full-width comma '，'", "全角逗号“，”"),
    "a full-width hyphen": ("a: 1\n－ b\nc: 1\n", 2, "full-width hyphen '－'", "全角短横“－”"),
    "a full-width space": ("a:\n\u3000b: 1\n", 2, "full-width or invisible space", "全角空格"),
    "a full-width space after a colon": ("a:\u3000x\nb: 1\n", 1, "full-width or invisible space", "全角空格"),
    "a full-width brace": ("a: ｛zh: 甲, en: A｝\n", 1, "full-width brace '｛'", "全角花括号“｛”"),
}


@pytest.mark.parametrize("what", CLEVER)
@pytest.mark.parametrize("name", ["extra/2020-01-01.yaml", "roles.yaml"])
def test_what_is_no_plain_yaml_is_refused_at_once_on_its_line(folder: Path, what: str, name: str) -> None:
    text, line, en, zh = CLEVER[what]
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    begun = perf_counter()
    found = [fault for fault in check(folder).faults if fault.file == name]
    assert perf_counter() - begun < 20
    there = [fault for fault in found if fault.line == line]
    assert any(en in fault.en and zh in fault.zh for fault in there), "\n".join(map(str, found))


STOPS, KIND = "stops: [opening_time]", "kind: duty"
COMMA, BRACKET = ("全角逗号", "full-width comma"), ("全角方括号", "full-width bracket")
QUOTES, LETTER = ("中文引号", "curly quotation mark"), ("全角字符", "full-width character")
WIDE = {
    "a full-width comma in a list": (STOPS, "stops: [opening_time，decision_time]", *COMMA),
    "full-width brackets": (STOPS, "stops: ［opening_time］", *BRACKET),
    "chinese brackets": (STOPS, "stops: 【opening_time】", *BRACKET),
    "curly quotation marks": (KIND, "kind: “duty”", *QUOTES),
    "a full-width letter": ("to: opened", "to: ｏpened", *LETTER),
    "a full-width underscore": ("to: not_opened", "to: not＿opened", *LETTER),
    "a full-width digit": ("length: 5 working_days", "length: ５ working_days", *LETTER),
}


@pytest.mark.parametrize("what", WIDE)
def test_a_full_width_character_is_named_where_it_makes_a_word_a_wrong_one(folder: Path, what: str) -> None:
    old, new, zh, en = WIDE[what]
    text = (folder / MAIN).read_text(encoding="utf-8")
    assert old in text
    (folder / MAIN).write_text(text.replace(old, new, 1), encoding="utf-8")
    (fault,) = check(folder).faults
    assert new in text.replace(old, new, 1).splitlines()[fault.line - 1]
    assert en in fault.en
    assert zh in fault.zh


def test_a_full_width_colon_in_running_text_is_what_the_author_meant(folder: Path) -> None:
    text = (folder / MAIN).read_text(encoding="utf-8")
    (folder / MAIN).write_text(text.replace("zh: 立案,", "zh: 立案：受理，登记,", 1), encoding="utf-8")
    assert check(folder).clean


def test_a_line_of_a_million_characters_is_read_or_refused_and_never_printed_whole(folder: Path) -> None:
    text = (folder / MAIN).read_text(encoding="utf-8")
    (folder / MAIN).write_text(text.replace("stops: [opening_time]", f"stops: [{'x' * 10**6}]", 1), encoding="utf-8")
    (fault,) = check(folder).faults
    assert len(fault.en) < 400
    assert len(fault.zh) < 400


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_calendar_in_another_encoding_names_its_file_and_how_to_save_it(tmp_path: Path, encoding: str) -> None:
    change, en, zh = ENCODINGS[encoding]
    shutil.copytree(ROOT / "workflows/calendars/cn", tmp_path / "cn")
    path = tmp_path / "cn" / "2024.yaml"
    path.write_bytes(change(path.read_text(encoding="utf-8")))
    with pytest.raises(CalendarInvalid) as refused:
        load_calendars(tmp_path)
    assert f"{path}:" in refused.value.en
    assert en in refused.value.en
    assert zh in refused.value.zh


@pytest.mark.parametrize("what", ["nested aliases", "a full-width colon in a block", "a tab", "a tag"])
def test_a_calendar_that_is_no_plain_yaml_is_refused_at_once(tmp_path: Path, what: str) -> None:
    text, line, en, zh = CLEVER[what]
    shutil.copytree(ROOT / "workflows/calendars/cn", tmp_path / "cn")
    path = tmp_path / "cn" / "2024.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarInvalid) as refused:
        load_calendars(tmp_path)
    assert f"{path}:{line}: " in refused.value.en
    assert en in refused.value.en
    assert zh in refused.value.zh


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_scenario_in_another_encoding_names_its_file_and_how_to_save_it(tmp_path: Path, encoding: str) -> None:
    change, en, zh = ENCODINGS[encoding]
    path = tmp_path / "x.yaml"
    path.write_bytes(change("- scenario: {zh: 甲, en: A}\n"))
    (scenario,) = read_file(path, "x.yaml")
    assert scenario.fault is not None
    assert scenario.fault.startswith("x.yaml:")
    assert en in scenario.fault
    assert zh in scenario.fault


def test_a_scenario_may_repeat_an_event_by_an_alias_but_not_grow_beyond_measure(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("- scenario: &a {zh: 甲, en: A}\n- scenario: *a\n", encoding="utf-8")
    assert [scenario.fault for scenario in read_file(path, "x.yaml")] == [
        "x.yaml:1: the scenario lacks 'workflow'",
        "x.yaml:2: the scenario lacks 'workflow'",
    ]
    path.write_text("".join(f"- {line}\n" for line in bomb().splitlines()), encoding="utf-8")
    begun = perf_counter()
    (scenario,) = read_file(path, "x.yaml")
    assert perf_counter() - begun < 20
    assert "with all that it repeats it holds more than" in str(scenario.fault)
