"""Search reads as the eye does: what looks alike is the same name or number, and what looks like nothing is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.api.harness import REQUEST

if TYPE_CHECKING:
    from tests.api.harness import Api


# The same number in full-width characters.
WIDE = "ZL202320000001.0".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


FACTS: Any = REQUEST["facts"]


def named(name: str) -> list[dict[str, str]]:
    return [{"role": "claimant", "name": name}, {"role": "opponent", "name": "乙公司"}]


def found(api: Api, **filters: str) -> list[str]:
    query = "&".join(f"{name}={quote(value)}" for name, value in filters.items())
    answer = api.get(f"/v1/cases?{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["data"]]


@pytest.mark.finding("E8")
@pytest.mark.parametrize(
    ("stored", "looked_for"),
    [
        ("华为（深圳）有限公司", "(深圳)"),
        ("华为(深圳)有限公司", "（深圳）"),
        ("华为[深圳]有限公司", "【深圳】"),
        ("ＡＢＣ照明", "abc"),
        ("ABC照明", "ＡＢＣ"),
        ("Ⅷ号工厂", "VIII"),
        ("㈱山田", "(株)山田"),
        ("山\u200b田", "山田"),
        ("山田", "山\u00ad田\ufeff"),
        ("山\ufe0f田", "山田"),
        ("阿・买提", "阿·买提"),
        ("甲—乙", "甲-乙"),
    ],
)
def test_a_name_is_found_however_its_brackets_widths_and_invisible_characters_are_written(
    api: Api, stored: str, looked_for: str
) -> None:
    case_id = api.open(parties=named(stored))
    api.open(parties=named("丙公司"))
    assert found(api, party=looked_for) == [case_id]
    shown = api.get("/v1/cases?limit=50").json()["data"]
    assert stored in {party["name"] for row in shown for party in row["parties"]}


@pytest.mark.finding("E8")
def test_five_spellings_of_one_patent_number_are_one_patent(api: Api) -> None:
    spellings = (
        *("ZL202320000001.0", "202320000001.0", "ZL 2023 2 0000001.0", "2023200000010", "CN202320000001.0"),
        *(WIDE, "zl20232-0000001.0"),
    )
    ids = [api.open(facts={**FACTS, "patent_number": spelling}) for spelling in spellings]
    api.open(facts={**FACTS, "patent_number": "ZL202320000002.9"})
    for spelling in spellings:
        assert sorted(found(api, patent=spelling)) == sorted(ids), spelling
    assert sorted(found(api, patent="0000001.0")) == sorted(ids)
    shown = {row["patent"] for row in api.get("/v1/cases").json()["data"]}
    assert set(spellings) <= shown


@pytest.mark.finding("E8")
@pytest.mark.parametrize("written", ["HZ测字[2026]1号", "hz测字（２０２６）1 号", "【2026】1", "[2026]"])
def test_a_docket_number_is_found_by_any_brackets_and_by_a_part(api: Api, written: str) -> None:
    case_id = api.docketed()
    api.open()
    assert found(api, docket_number=written) == [case_id]


@pytest.mark.finding("E8")
@pytest.mark.parametrize("name", ["\u200b", "\u200b \ufeff", "\u3164", "\u2800", "\u00ad"])
def test_a_party_whose_name_nobody_can_see_is_refused(api: Api, name: str) -> None:
    answer = api.post("/v1/cases", {**REQUEST, "parties": named(name)})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "body-invalid"
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/parties/0/name", "string-blank")
    assert api.get("/v1/cases").json()["data"] == []


@pytest.mark.finding("E8")
def test_a_fact_whose_text_nobody_can_see_is_refused(api: Api) -> None:
    answer = api.post("/v1/cases", {**REQUEST, "facts": {**FACTS, "patent_number": "\u200b"}})
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == "facts-invalid"


BLANKS = ("%20", "%E2%80%8B", "%E3%80%80", "%EF%BB%BF")


@pytest.mark.finding("E8")
@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_filter_is_refused_and_does_not_list_everything(sqlite_api: Api, blank: str) -> None:
    sqlite_api.open()
    for path in ("/v1/cases", "/v1/deadlines", "/v1/hearings"):
        for name in ("party", "patent", "docket_number", "workflow", "stage", "office"):
            answer = sqlite_api.get(f"{path}?{name}={blank}")
            assert answer.status_code == 422, (path, name)
            assert answer.json()["code"] == "parameter-invalid"
            assert answer.json()["errors"][0]["pointer"].strip("/") == name


@pytest.mark.finding("E8")
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("stage=recieved", "没有所填的阶段，请按程序的阶段列表填写。"),
        ("stage=opened&workflow=test-pause", "没有所填的程序；现有：“测试纠纷”。"),
        ("workflow=other", "没有所填的程序；现有：“测试纠纷”。"),
        ("office=XX", "没有所填代码的机构，请按机构列表填写。"),
    ],
)
def test_a_filter_that_names_nothing_there_is_is_refused_by_its_sentence(
    sqlite_api: Api, query: str, says: str
) -> None:
    for path in ("/v1/cases", "/v1/deadlines", "/v1/hearings"):
        answer = sqlite_api.get(f"{path}?{query}")
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["code"] == "parameter-invalid"
        assert answer.json()["detail"] == says


@pytest.mark.finding("E8")
def test_a_deadline_of_an_unknown_name_is_refused_and_the_sort_and_status_too(sqlite_api: Api) -> None:
    for query in ("name=decison", "status=over", "kind=duties", "sort=due", "sort=%20"):
        answer = sqlite_api.get(f"/v1/deadlines?{query}")
        assert answer.status_code == 422, query
    assert sqlite_api.get("/v1/deadlines?name=decision").status_code == 200


def test_a_filter_is_judged_only_for_a_caller_who_is_known(sqlite_api: Api) -> None:
    answer = sqlite_api.client.get("/v1/cases?office=XX", headers={"Authorization": f"Bearer {'x' * 43}"})
    assert answer.status_code == 401
