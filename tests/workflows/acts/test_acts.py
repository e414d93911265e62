"""The hundred acts of `verdicts.yaml`: the engine's verdict on each is the law's, or the row is listed as differing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.api.harness import Api
from tests.databases import Databases
from tests.workflows.acts.judging import Clerk, Verdict, judge, judged_in_core
from tests.workflows.acts.over_http import OverHttp, application
from tests.workflows.acts.reader import HERE, Row, script_of, table, written

ROWS = list(table().values())
LISTED = {one["id"]: one for one in yaml.safe_load((HERE / "disagreements.yaml").read_text(encoding="utf-8"))}
VERDICTS = {"accepted", "reminded", "marked-minor", "marked-grave", "refused"}
IN_CORE = [row for row in ROWS if not written().get(row.id, {}).get("only_over_http")]
A_DOZEN = ["L09", "L11", "L27", "L30", "L39", "L48", "U03", "U07", "U09", "U22", "U34", "U40"]


def sentence(row: Row) -> str:
    """What a test is called: the act, as a lawyer would say it."""
    return f"{row.id}: {row.act['en']}"


def hold(row: Row, verdict: Verdict) -> None:
    """Fail unless the verdict is the table's, or differs in the way that the list of disagreements says."""
    script = script_of(row)
    found = f"{row.id} of {row.day}: {row.expected} expected, {verdict.said} found ({', '.join(sorted(verdict.names))})"
    if verdict.agrees(script):
        assert row.id not in LISTED, f"{row.id} agrees by now: take it off disagreements.yaml"
        return
    if row.id not in LISTED:
        lacking = "" if row.expected == "accepted" or script.because else "; the script names no `because`"
        unsaid = f"; it cannot be said yet: {script.unsaid}" if script.unsaid else ""
        pytest.fail(f"{found}{lacking}{unsaid} {verdict.told}", pytrace=False)
    assert verdict.said == LISTED[row.id]["now"], f"{found}, which disagreements.yaml says otherwise: {verdict.told}"


@pytest.mark.parametrize("row", IN_CORE, ids=sentence)
def test_act(row: Row) -> None:
    hold(row, judged_in_core(script_of(row)))


@pytest.fixture(scope="module")
def office(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    url = databases.create("sqlite")
    documents: Path = tmp_path_factory.mktemp("acts")
    with application(url, documents) as api:
        yield api


@pytest.mark.parametrize("row", [table()[name] for name in A_DOZEN], ids=sentence)
def test_act_over_http(row: Row, office: Api) -> None:
    script = script_of(row)
    if script.beside:
        assert Clerk(OverHttp(office, row.workflow)).lead(script.beside) is None
    verdict = judge(script, OverHttp(office, row.workflow))
    hold(row, verdict)
    if not script.only_over_http:
        core = judged_in_core(script)
        assert (verdict.said, verdict.names) == (core.said, core.names)


def test_the_table_holds_fifty_lawful_acts_and_fifty_unlawful_ones_each_with_a_script() -> None:
    assert Counter(row.id[0] for row in ROWS) == {"L": 50, "U": 50}
    assert {row.expected for row in ROWS} == VERDICTS
    assert set(written()) == {row.id for row in ROWS}


def test_every_row_that_only_the_api_can_judge_is_among_the_dozen() -> None:
    assert {row.id for row in ROWS} - {row.id for row in IN_CORE} <= set(A_DOZEN)
    assert len(A_DOZEN) == len(set(A_DOZEN)) == 12


def test_a_disagreement_says_in_one_line_what_is_lacking() -> None:
    assert set(LISTED) <= set(table())
    for one in LISTED.values():
        assert set(one) == {"id", "now", "lacks"}
        assert one["lacks"].strip()
        assert "\n" not in one["lacks"]
