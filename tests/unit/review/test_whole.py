"""A definition printed whole is YAML that says the same, and each entry names the file and line it comes from."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from adjudicate.cli import main
from adjudicate.definition.catalogue import load, read_texts
from adjudicate.errors import NoLawInForce
from adjudicate.review.whole import whole
from tests.unit.definition.law import BASE, NEXT, following, line_of, loaded, small

ROOT = Path(__file__).parents[3]
LAW = ROOT / "workflows"
SHIPPED = load(LAW)
VERSIONS = [(key, day) for key, days in SHIPPED.versions_by_key.items() for day in days]
ORIGIN = re.compile(r"  # (\S+\.yaml):(\d+)$")


@pytest.mark.parametrize(("key", "day"), VERSIONS, ids=[f"{key}/{day}" for key, day in VERSIONS])
def test_put_in_place_of_its_files_it_is_the_same_definition(key: str, day: date) -> None:
    printed = whole(SHIPPED, key, day)
    texts = {path: text for path, text in read_texts(LAW).items() if not path.startswith(f"{key}/{day}")}
    again = loaded({**texts, f"{key}/{day}.yaml": printed})
    assert again.versions_by_key[key][day].workflow == SHIPPED.versions_by_key[key][day].workflow
    if again.versions_by_key[key][day].workflow.kind == "procedure":
        digests = {law.rulebook(key, day, "440000").digest for law in (again, SHIPPED)}
        assert len(digests) == 1


def test_every_entry_names_the_line_it_was_written_in() -> None:
    texts = following("facts:\n  told_again: {label: {zh: 新, en: New}, text: true}\n")
    printed = whole(loaded(texts), "dispute", date(2021, 6, 1))
    origins = {line.split(":")[0].strip(): ORIGIN.search(line) for line in printed.splitlines()}
    for name, file in (("told_again", NEXT), ("received_on", BASE), ("opening_time", BASE), ("title", NEXT)):
        found = origins[name]
        assert found is not None
        assert (found[1], int(found[2])) == (file, line_of(texts[file], f"{name}:"))
    entries = [line for line in printed.splitlines() if re.match(r"  \S", line)]
    assert [line for line in entries if not ORIGIN.search(line)] == []


def test_it_reads_in_the_order_of_a_lawyers_questions() -> None:
    printed = whole(loaded(small()), "dispute", date(2020, 1, 1))
    tops = re.findall(r"^([a-z_]+):", printed, re.MULTILINE)
    assert tops[:6] == ["workflow", "kind", "title", "basis", "in_force", "governs"]
    assert tops[-8:] == ["facts", "conditions", "states", "dockets", "deadlines", "incidents", "steps", "always"]


def test_a_region_is_printed_with_its_local_rules_and_where_they_stand() -> None:
    plain, local = (whole(loaded(small()), "dispute", date(2020, 1, 1), region) for region in ("440000", "990000"))
    assert plain == whole(loaded(small()), "dispute", date(2020, 1, 1))
    data = yaml.safe_load(local)
    assert data["deadlines"]["decision_time"]["length"] == {date(2020, 1, 1): "3 months", date(2021, 1, 1): "2 months"}
    assert data["conditions"]["told_of_rights_in_990000_20210101"]["any"][0] == {
        "not": {"in_time": {"from": date(2021, 1, 1)}}
    }
    (opened,) = [step for step in data["steps"] if step["event"] == "case_opened"]
    assert opened["expects"] == ["opened_in_time", "told_of_rights_in_990000_20210101"]
    overlay = "dispute/local/990000/2021-01-01.yaml"
    text = small()[overlay]
    assert f"decision_time:  # {overlay}:{line_of(text, 'decision_time')}" in local
    assert f"told_of_rights_in_990000_20210101:  # {overlay}:{line_of(text, 'raises')}" in local


def test_a_text_of_several_lines_stays_on_one() -> None:
    text = small()[BASE].replace("en: Invented dispute}", 'en: "Invented\\n\\ndispute: # of two lines"}', 1)
    printed = whole(loaded(small(**{BASE: text})), "dispute", date(2020, 1, 1))
    assert yaml.safe_load(printed)["title"]["en"] == "Invented\n\ndispute: # of two lines"
    assert len([line for line in printed.splitlines() if line.startswith("title:")]) == 1


def test_what_there_is_not_is_answered_with_what_there_is() -> None:
    law = loaded(small())
    with pytest.raises(NoLawInForce, match=r"no procedure 'disputt'\. Did you mean 'dispute'\?") as unknown:
        whole(law, "disputt", date(2020, 1, 1))
    assert unknown.value.zh == "没有名为“disputt”的程序。是否应为“dispute”？"
    with pytest.raises(NoLawInForce, match=r"In force on that day is the version of 2020-01-01\.") as between:
        whole(law, "dispute", date(2020, 2, 1))
    assert "该日施行的是自 2020-01-01 起的版本" in between.value.zh
    with pytest.raises(NoLawInForce, match=r"Its versions are in force from: 2000-01-01, 2020-01-01\.") as before:
        whole(law, "dispute", date(1999, 1, 1))
    assert "各版本的施行首日为：2000-01-01、2020-01-01" in before.value.zh


def shown(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["show", *arguments], env={"ADJUDICATE_WORKFLOWS": str(LAW)})
    return result.exit_code, result.output


def test_the_command_prints_a_procedure_or_an_incident() -> None:
    code, printed = shown("patent-adjudication", "2025-02-01")
    assert code == 0
    assert printed == whole(SHIPPED, "patent-adjudication", date(2025, 2, 1))
    assert yaml.safe_load(shown("service", "2025-02-01")[1])["kind"] == "incident"
    assert shown("patent-adjudication", "2015-07-01", "--region", "330000")[1].count("/local/330000/") > 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("patent-adjudicatoin", "2025-02-01"), "Did you mean 'patent-adjudication'?"),
        (("patent-adjudication", "2025-02-02"), "In force on that day is the version of 2025-02-01."),
        (("patent-adjudication", "2025-02-30"), "write a real day as YYYY-MM-DD"),
        (("patent-adjudication", "2025-02-01", "--region", "Beijing"), "'Beijing' is no GB/T 2260 code of six digits"),
        (("suspension", "2025-02-01", "--region", "440000"), "'suspension' is an incident, which has no local rules"),
    ],
)
def test_the_command_refuses_with_a_sentence_and_2(arguments: tuple[str, ...], says: str) -> None:
    code, printed = shown(*arguments)
    assert code == 2
    assert says in printed


def test_the_command_says_where_a_region_has_no_local_rules() -> None:
    code, printed = shown("patent-adjudication", "2025-02-01", "--region", "999999")
    assert code == 0
    assert "999999 对该版本没有地方规定 / no local rules of 999999 meet this version" in printed
    assert "no local rules" not in shown("patent-adjudication", "2025-02-01", "--region", "370200")[1]
