"""The due-date command: what it prints, what it refuses, and line by line from standard input."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adjudicate.due_date import due_date_command
from tests.surroundings import ROOT

REGIONAL = Path(__file__).parent / "fixtures/regional"


def ask(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(due_date_command, ["--calendars", str(ROOT / "workflows/calendars"), *args], input=stdin)


def printed(*args: str) -> str:
    result = ask(*args)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def with_region(tmp_path: Path) -> str:
    shutil.copytree(ROOT / "workflows/calendars", tmp_path / "calendars")
    shutil.copytree(REGIONAL / "540000", tmp_path / "calendars/540000")
    return str(tmp_path)


def test_the_bare_day_is_printed() -> None:
    assert printed("2026-02-10", "5 working_days") == "2026-02-24\n"
    assert printed("2026-02-10", "1 working_day") == "2026-02-11\n"


def test_exclusions_and_extensions_do_what_they_say() -> None:
    boehringer = ("2021-11-05", "3 months", "--exclude", "2021-12-15..2022-05-16")
    assert printed(*boehringer) == "2022-07-07\n"
    assert printed(*boehringer, "--extend", "1 month") == "2022-08-04\n"
    twice = ("2026-03-02", "30 days", "--exclude", "2026-03-10..2026-03-20", "--exclude", "2026-04-08..2026-04-12")
    assert printed(*twice) == "2026-04-15\n"
    assert printed("2025-03-03", "3 months", "--extend", "1 month", "--extend", "1 month") == "2025-08-04\n"


def test_a_period_may_be_counted_backward() -> None:
    assert printed("2026-10-12", "3 working_days", "--backward") == "2026-10-08\n"


def test_an_open_exclusion_leaves_the_day_open_and_says_so() -> None:
    result = ask("2026-03-02", "30 days", "--exclude", "2026-03-10..")
    assert (result.exit_code, result.stdout) == (0, "open\n")
    assert "尚未结束" in result.stderr
    assert "still open" in result.stderr


def test_a_provisional_day_is_bare_on_output_and_named_beside_it() -> None:
    result = ask("2026-12-28", "5 working_days")
    assert (result.exit_code, result.stdout) == (0, "2027-01-05\n")
    assert "暂定" in result.stderr
    assert "provisional" in result.stderr
    assert "provisional" not in ask("2026-02-10", "5 working_days").stderr


def test_explain_prints_the_day_and_the_account_in_both_languages() -> None:
    lines = printed("2026-02-10", "5 working_days", "--explain").splitlines()
    assert lines[0] == "2026-02-24"
    assert "期限5个工作日，自2026-02-10起算" in lines
    assert "  2026-02-15 至 2026-02-23  春节，不是工作日（9日）〔依据：国办发明电〔2025〕7号〕" in lines
    assert "5 working days from 2026-02-10" in lines


def test_json_holds_the_day_and_the_account() -> None:
    told = json.loads(printed("2026-02-10", "5 working_days", "--json"))
    assert (told["due_on"], told["provisional"], told["open"]) == ("2026-02-24", False, [])
    assert [line["rule"] for line in told["account"]][-1] == "due"
    assert {line["notice"] for line in told["account"]} == {None, "国办发明电〔2025〕7号"}
    assert told["calendar"]["code"] == "cn"
    assert len(told["calendar"]["digest"]) == 64
    assert json.loads(printed("2026-12-28", "5 working_days", "--json"))["provisional"] is True


def test_hours_run_from_an_instant() -> None:
    assert printed("2026-02-13T09:30+08:00", "48 hours") == "2026-02-15T09:30:00+08:00\n"
    assert printed("2026-03-02T17:00+00:00", "1 day") == "2026-03-04\n"


@pytest.mark.parametrize(
    "args",
    [
        ("2026-02-10", "5 weeks"),
        ("2026-02-10", "five days"),
        ("2026-02-10", "0 days"),
        ("2026-02-10", "99999 years"),
        ("2026-02-30", "5 days"),
        ("0000-01-01", "5 days"),
        ("9999-12-31", "1 year"),
        ("0001-01-01", "5 days", "--backward"),
        ("2026-02-10", "5 hours"),
        ("2026-02-10T09:00", "5 hours"),
        ("2026-02-10T25:00+08:00", "5 hours"),
        ("0001-01-01T00:00+14:00", "5 days"),
        ("2026-02-10", "5 days", "--exclude", "2026-02-11"),
        ("2026-02-10", "5 days", "--exclude", "2026-02-11..2026-02-10"),
        ("2026-02-10", "5 days", "--exclude", "..2026-02-10"),
        ("2026-02-10", "5 days", "--extend", "long"),
        ("2026-02-10", "5 days", "--jurisdiction", "Tibet"),
        ("2026-02-10", "5 days", "--jurisdiction", "../../x"),
        ("2026-02-10",),
        ("-", "5 days"),
        ("-", "--explain"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_2_in_both_languages(args: tuple[str, ...]) -> None:
    result = ask(*args, stdin="")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert " / " in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_without_calendars_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(due_date_command, ["2026-02-10", "5 days", "--calendars", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no national calendar" in result.stderr


def test_without_a_folder_the_calendars_of_the_workflows_in_use_are_taken(tmp_path: Path) -> None:
    plain = CliRunner().invoke(due_date_command, ["2026-02-10", "5 working_days"])
    assert plain.stdout == "2026-02-24\n"
    elsewhere = {"ADJUDICATE_WORKFLOWS": str(tmp_path)}
    assert CliRunner().invoke(due_date_command, ["2026-02-10", "5 days"], env=elsewhere).exit_code == 2


def test_a_regional_calendar_is_used_if_one_is_loaded(with_region: str) -> None:
    asked = ("2026-08-11", "3 working_days")
    tibet = ask(*asked, "--jurisdiction", "540000", "--calendars", with_region)
    assert (tibet.stdout, tibet.stderr) == ("2026-08-18\n", "")
    assert ask(*asked, "--jurisdiction", "540000").stdout == "2026-08-14\n"


def test_a_city_takes_its_provinces_calendar_and_says_so(with_region: str) -> None:
    lhasa = ask("2026-08-11", "3 working_days", "--jurisdiction", "540102", "--calendars", with_region)
    assert lhasa.stdout == "2026-08-18\n"
    assert "using 540000" in lhasa.stderr


def test_without_a_regional_calendar_the_national_one_is_used_and_named() -> None:
    result = ask("2026-02-10", "5 working_days", "--jurisdiction", "540000")
    assert (result.exit_code, result.stdout) == (0, "2026-02-24\n")
    assert "使用全国日历" in result.stderr
    assert "no calendar of 540000 is loaded: using the national one" in result.stderr
    assert json.loads(printed("2026-02-10", "5 days", "--jurisdiction", "540000", "--json"))["calendar"]["code"] == "cn"


def test_each_line_in_gives_one_line_out() -> None:
    lines = [
        "2026-02-10,5 working_days",
        '{"from": "2021-11-05", "length": "3 months", "exclude": [["2021-12-15", "2022-05-16"]], "extend": "1 month"}',
        '{"from": "2021-11-05", "length": "3 months", "exclude": [["2021-12-15", null]]}',
        '{"from": "2021-11-05", "length": "3 months", "exclude": null, "extend": ["1 month", "1 month"]}',
        " 2026-12-28 , 5 working_days ",
    ]
    result = ask("-", stdin="\n".join(lines))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["2026-02-24", "2022-08-04", "open", "2022-04-06", "2027-01-05"]
    assert result.stderr == (
        "第5行：暂定：国务院办公厅2027年的放假通知尚未加载 / "
        "line 5: provisional: the State Council's holiday notice for 2027 is not loaded\n"
    )


BAD_LINES = [
    "",
    "   ",
    "2026-02-10",
    "2026-02-30,5 days",
    "2026-02-10,5 weeks",
    "from,length",
    "{",
    "{}",
    '{"from": "2026-02-10"}',
    '{"from": 20260210, "length": "5 days"}',
    '{"from": "2026-02-10", "length": 5}',
    '{"from": "2026-02-10", "length": "5 days", "exclude": "2026-02-11"}',
    '{"from": "2026-02-10", "length": "5 days", "exclude": [["2026-02-11"]]}',
    '{"from": "2026-02-10", "length": "5 days", "exclude": [[null, "2026-02-11"]]}',
    '{"from": "2026-02-10", "length": "5 days", "exclude": [["2026-02-12", "2026-02-11"]]}',
    '{"from": "2026-02-10", "length": "5 days", "extend": 5}',
    '{"from": "2026-02-10", "length": "5 days", "extend": [5]}',
    '{"from": "2026-02-10", "length": "5 days", "colour": "red"}',
    '{"from": "2026-02-10", "from": "2026-02-11", "length": "5 days"}',
    '{"from": "2026-02-10", "length": "\\ud800"}',
    '{"from": "2026-02-10", "length": "5 days", "\\u001b[31m": 1}',
    '{"exclude": ' + "[" * 20000,
    '{"from": ' + "9" * 5000 + "}",
    "2026-02-10," + "9" * 100000 + " days",
    "\x00,\x1b[31m",
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=[f"line_{i}" for i in range(len(BAD_LINES))])
def test_a_bad_line_is_a_dash_is_named_by_number_and_hinders_no_other(bad: str) -> None:
    result = ask("-", stdin=f"2026-02-10,5 working_days\n{bad}\n2026-02-10,1 day\n")
    assert result.exit_code == 2
    assert result.stdout.splitlines() == ["2026-02-24", "-", "2026-02-11"]
    assert result.stderr.startswith("第2行：")
    assert " / line 2: " in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "\x1b" not in result.stderr
    assert len(result.stderr) < 600


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    result = ask("-", stdin=b"\xef\xbb\xbf2026-02-10,5 working_days\r\n2026-02-10,1 day\r\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "2026-02-24\n2026-02-11\n", "")


def test_a_line_that_is_no_utf8_is_a_dash() -> None:
    result = ask("-", stdin=b"\xff\xfe2\n2026-02-10,1 day")
    assert (result.exit_code, result.stdout) == (2, "-\n2026-02-11\n")


def test_no_input_gives_no_output() -> None:
    result = ask("-", stdin="")
    assert (result.exit_code, result.stdout) == (0, "")


def test_options_given_beside_the_lines_apply_to_every_line() -> None:
    result = ask("-", "--exclude", "2021-12-15..2022-05-16", stdin="2021-11-05,3 months\n2026-02-10,1 day\n")
    assert result.stdout == "2022-07-07\n2026-02-11\n"


def test_json_line_by_line_is_one_object_a_line() -> None:
    result = ask("-", "--json", stdin="2026-02-10,5 working_days\nx\n")
    first, second = result.stdout.splitlines()
    assert json.loads(first)["due_on"] == "2026-02-24"
    assert second == "-"
    assert result.exit_code == 2


def test_ten_thousand_lines_are_answered_one_for_one() -> None:
    asked = [f"20{10 + i % 17:02}-{1 + i % 12:02}-{1 + i % 28:02},{1 + i % 60} working_days" for i in range(10_000)]
    result = ask("-", stdin="\n".join(asked) + "\n")
    told = result.stdout.splitlines()
    assert result.exit_code == 0
    assert len(told) == 10_000
    for i in (0, 5_000, 9_999):
        day, _, length = asked[i].partition(",")
        assert told[i] == printed(day, length).strip()


def test_help_names_every_option() -> None:
    text = printed("--help")
    for option in ("--exclude", "--extend", "--explain", "--json", "--jurisdiction", "--backward", "--calendars"):
        assert option in text
