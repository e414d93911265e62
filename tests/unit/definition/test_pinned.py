"""What a case is pinned to depends on what its law says and uses alone; every format of kept laws is read for ever."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adjudicate.definition import kept, kept_format_1, pinned
from adjudicate.definition.catalogue import Catalogue, load, read_texts, survey
from adjudicate.definition.rulebook import Rulebook
from adjudicate.errors import DefinitionError, KeptLawUnreadable, Leaves
from tests.unit.definition.law import BASE, dumped, loaded, small

ROOT = Path(__file__).parents[3]
DAY = date(2020, 1, 1)
HERE, THERE = "440000", "990000"


def digest(texts: dict[str, str], region: str = HERE) -> str:
    return loaded(texts).rulebook("dispute", DAY, region).digest


def edited(file: str, old: str, new: str) -> dict[str, str]:
    text = small()[file]
    assert old in text
    return small(**{file: text.replace(old, new, 1)})


SAME: dict[str, Callable[[], dict[str, str]]] = {
    "a comment": lambda: edited(BASE, "deadlines:\n", "# 期限\n\ndeadlines:  # here\n"),
    "how a list is laid out": lambda: edited(BASE, "while: [opened, heard]", "while:\n      - opened\n      - heard"),
    "a list of one": lambda: edited(BASE, "by: [claimant]", "by: claimant"),
    "a default written out": lambda: edited(BASE, "kind: wait\n", "kind: wait\n    rolls: true\n"),
    "quotation marks": lambda: edited(BASE, "length: 3 months", 'length: "3 months"'),
    "the order of facts": lambda: small(**{BASE: swapped("facts")}),
    "a role that it does not use": lambda: edited("roles.yaml", "en: Tribunal", "en: Court"),
    "a new role": lambda: edited("roles.yaml", "clerk:", "mediator: {label: {zh: 调, en: M}, kind: outside}\nclerk:"),
    "whose other acts its clerk records": lambda: edited("roles.yaml", ", tribunal]", "]"),
    "an instrument that it does not cite": lambda: edited("instruments.yaml", "Old Invented Law", "Older Law"),
    "a document of another procedure": lambda: small(
        **{"parcel/documents.yaml": "stamp: {label: {zh: 邮票, en: Stamp}}\n"}
    ),
    "a role of another procedure": lambda: small(
        **{"quarrel/2020-01-01.yaml": small()[BASE].replace("workflow: dispute", "workflow: quarrel")},
        **{"quarrel/roles.yaml": "boss: {label: {zh: 首长, en: Boss}, kind: office, may_override: true}\n"},
    ),
    "another version": lambda: edited("dispute/2000-01-01.yaml", "en: Claimant", "en: Applicant"),
    "a local rule elsewhere": lambda: edited("dispute/local/990000/2021-01-01.yaml", "2 months", "1 month"),
}


@pytest.mark.parametrize("what", SAME)
def test_the_digest_does_not_depend_on(what: str) -> None:
    assert digest(SAME[what]()) == digest(small())


OTHER: dict[str, Callable[[], dict[str, str]]] = {
    "a length": lambda: edited(BASE, "length: 15 days", "length: 16 days"),
    "a label": lambda: edited(BASE, "en: Time to answer", "en: Answer period"),
    "the order of deadlines": lambda: small(**{BASE: swapped("deadlines")}),
    "a role that acts": lambda: edited("roles.yaml", "en: Clerk", "en: Registrar"),
    "who records for a party": lambda: edited("roles.yaml", "[claimant, opponent", "[claimant"),
    "who may accept an irregular act": lambda: edited(
        "roles.yaml", "clerk:", "boss: {label: {zh: 长, en: Boss}, kind: office, may_override: true}\nclerk:"
    ),
    "an instrument that is cited": lambda: edited("instruments.yaml", "en: Invented Law", "en: Other Law"),
    "a document that is issued": lambda: small(
        **{"documents/index.yaml": small()["documents/index.yaml"].replace("en: ", "en: The ", 1)}
    ),
    "an incident": lambda: edited("pause/1995-01-01.yaml", "LAW 9", "LAW 10"),
}


def swapped(section: str) -> str:
    """The small law with the first two entries of a section in the other order."""
    data = yaml.safe_load(small()[BASE])
    first, second, *rest = data[section].items()
    return dumped({**data, section: dict([second, first, *rest])})


@pytest.mark.parametrize("what", OTHER)
def test_the_digest_depends_on(what: str) -> None:
    assert digest(OTHER[what]()) != digest(small())


def test_a_local_rule_changes_the_digest_of_its_own_region_alone() -> None:
    changed = edited("dispute/local/990000/2021-01-01.yaml", "2 months", "1 month")
    assert digest(changed, THERE) != digest(small(), THERE)
    assert digest(small(), THERE) != digest(small(), HERE)
    assert digest(small(), "440100") == digest(small(), HERE)


def kept_laws() -> Iterator[tuple[Catalogue, Rulebook]]:
    catalogue = load(ROOT / "workflows")
    for key in catalogue.keys():  # noqa: SIM118 - a catalogue is no mapping
        for day in catalogue.versions(key):
            for region in dict.fromkeys((HERE, *(rule.overlay.region for rule in catalogue.local_rules(key)))):
                yield catalogue, catalogue.rulebook(key, day, region)


def test_what_is_kept_reads_as_the_law_that_was_loaded() -> None:
    seen = 0
    for _, book in kept_laws():
        body = json.loads(json.dumps(dict(book.kept.body)))
        again = kept.read(book.kept.format, body, book.key, book.day, book.region)
        assert again.digest == book.digest == pinned.digest(body)
        same_law(book, again)
        seen += 1
    assert seen >= 6


def same_law(one: Rulebook, other: Rulebook) -> None:
    assert one.main.workflow.model_copy(update={"always": ()}) == other.main.workflow.model_copy(update={"always": ()})
    assert sorted(map(repr, one.main.workflow.always)) == sorted(map(repr, other.main.workflow.always))
    assert list(one.incidents) == list(other.incidents)
    for key, admitted in one.incidents.items():
        assert admitted.compiled.workflow == other.incidents[key].compiled.workflow
    assert one.order == other.order
    used = other.registers
    for role in used.roles:
        assert one.registers.roles[role].label == used.roles[role].label
    for step in one.main.workflow.steps:
        for role in step.by:
            able = {name for name in one.registers.recorders[role] if name in used.roles}
            assert used.recorders[role] == able == one.registers.recorders[role]
        assert set(step.issues) <= set(used.documents)


def test_what_is_kept_has_nothing_that_the_law_does_not_use() -> None:
    body = loaded(small()).rulebook("dispute", DAY, HERE).kept.body
    assert set(body["instruments"]) == {"LAW", "NAT"}
    assert "tribunal" not in body["roles"]
    assert body["roles"]["clerk"]["records_for"] == ["claimant", "opponent"]


# What the first format kept: the texts of the version with its local rules, incidents and registers.
def first_format(texts: dict[str, str]) -> dict[str, str]:
    wanted = (BASE, "pause/", "parcel/", "dispute/local/", "roles.yaml", "instruments.yaml", "documents/")
    return {path: text for path, text in texts.items() if path.startswith(wanted)}


def test_the_first_format_has_its_own_digest_and_reads_as_the_folder_did() -> None:
    texts = first_format(small())
    book = kept.read(1, texts, "dispute", DAY, THERE)
    assert book.digest == kept_format_1.digest(texts)
    assert (book.kept.format, book.kept.body) == (1, texts)
    national = {path: text for path, text in texts.items() if "/local/" not in path}
    now = loaded(small()).rulebook("dispute", DAY, HERE)
    same_law(now, kept.read(1, national, "dispute", DAY, HERE))
    assert book.digest != now.digest


def test_the_first_format_applies_local_rules_as_it_always_did() -> None:
    """What is said today by the time of local rules, citations and extensions, an old case stands on untold."""
    path = "dispute/local/990000/2021-01-01.yaml"
    texts = first_format(edited(path, "length: 2 months", "length: 2 months\n    extend: []"))
    book = kept.read(1, texts, "dispute", DAY, THERE)
    rule = book.main.deadlines["decision_time"]
    assert (rule.basis, rule.extend) == ("LAW 5", ())
    assert {str(length) for length in rule.length.values()} == {"3 months", "2 months"}  # type: ignore[union-attr]
    assert "told_of_rights_in_990000" in book.main.conditions


def test_the_digest_of_the_first_format_is_what_it_was_from_the_beginning() -> None:
    assert kept_format_1.digest({"a/2020-01-01.yaml": "workflow: 甲\n"}) == (
        "54de6da5c07cb62775a73c5960ec5d46c57bce43e32ea112e53ae97cf668dd35"
    )


REFUSED_TODAY = {
    "an instrument out of force": ("basis: LAW 9", "basis: OLD 9"),
    "an unknown instrument": ("basis: LAW 9", "basis: NONE 9"),
    "a role that nobody has": ("by: [chief]", "by: [chief, ghost]"),
    "a deadline that nothing starts": ("restarts: [opening_time]", "restarts: []"),
    "a name in capitals": ("told_text", "toldText"),
    "a key twice": ("    kind: wait\n", "    kind: wait\n    kind: wait\n"),
    "an anchor": ("basis: LAW 9", "basis: &nine LAW 9"),
    "what was planned": ("always:\n", "siblings: []\nhandoffs: [{when: heard}]\nalways:\n"),
    "a bound that excludes nothing": ("{odd: true, at_least: 3}", "{odd: true, even: false, at_least: -3}"),
    "a value named twice": ("fact_is: {result: granted}", "fact_is: {result: [granted, granted]}"),
}


@pytest.mark.parametrize("what", REFUSED_TODAY)
def test_the_first_format_is_not_held_to_the_rules_of_the_folder(what: str) -> None:
    old, new = REFUSED_TODAY[what]
    texts = first_format({**small(), BASE: small()[BASE].replace(old, new)})
    book = kept.read(1, texts, "dispute", DAY, THERE)
    assert book.main.workflow.workflow == "dispute"
    assert len(book.main.workflow.steps) == len(loaded(small()).rulebook("dispute", DAY, THERE).main.workflow.steps)


UNREADABLE: dict[str, tuple[int, Any, str]] = {
    "a format of a later release": (3, {}, "a law was kept in format 3, this release reads 1–2"),
    "no file of that version": (1, {"roles.yaml": "a: b"}, "a kept law cannot be read"),
    "a key of no version of the format": (
        1,
        first_format({**small(), BASE: small()[BASE] + "appeal: {}\n"}),
        "unknown key 'appeal'",
    ),
    "a length that is none": (
        1,
        first_format({**small(), BASE: small()[BASE].replace("length: 15 days", "length: some days")}),
        "shapes that may stand here",
    ),
    "the rules of another region": (1, first_format(small()), "the local rules of 990000 are not those of 440000"),
    "a body that says nothing": (2, {"format": 2}, "a kept law cannot be read"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_said_in_both_languages(what: str) -> None:
    form, body, says = UNREADABLE[what]
    region = HERE if "region" in what else THERE
    with pytest.raises(KeptLawUnreadable) as refusal:
        kept.read(form, body, "dispute", DAY, region)
    assert says in refusal.value.en
    assert refusal.value.zh.startswith("所存法律文本")


def test_a_kept_law_is_of_the_procedure_and_day_that_it_is_looked_for() -> None:
    book = loaded(small()).rulebook("dispute", DAY, HERE)
    with pytest.raises(KeptLawUnreadable, match="says dispute/2020-01-01 where dispute/2021-01-01 is looked for"):
        kept.read(pinned.FORMAT, book.kept.body, "dispute", date(2021, 1, 1), HERE)


# How a definition is spread over files, drawn at random.
LISTS = {"steps": "event", "incidents": "opens"}
JUNK = {"label": {"zh": "废", "en": "Junk"}}


@cache
def whole() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(small()[BASE])
    return data


def groups(section: str) -> list[tuple[Any, Any]]:
    """The entries of a section with their names, all steps of an event as one."""
    entries = whole()[section]
    if isinstance(entries, dict):
        return list(entries.items())
    found: dict[str, list[Any]] = {}
    for entry in entries:
        found.setdefault(entry[LISTS[section]], []).append(entry)
    return list(found.items())


SECTIONS = ["parties", "facts", "conditions", "states", "dockets", "deadlines", "incidents", "steps"]
Placed = list[tuple[str, Any, Any]]


def junk(section: str, name: str) -> Any:
    """Something of that name that says something else."""
    if section == "steps":
        return [{"event": name, **JUNK, "from": "any", "by": "clerk", "basis": "LAW 1"}]
    if section == "incidents":
        return [{"opens": name, "while": ["opened"], "basis": "LAW 1"}]
    if section == "deadlines":
        return {**JUNK, "kind": "duty", "length": "1 day", "basis": "LAW 1"}
    if section == "facts":
        return {**JUNK, "flag": True}
    if section == "conditions":
        return {**JUNK, "in_time": {"from": DAY}}
    return {**JUNK, "format": "{number}"} if section == "dockets" else JUNK


@st.composite
def spreads(draw: st.DrawFn) -> tuple[Placed, Placed, dict[str, list[str]]]:
    """What the base has, what the version has, and what it drops."""
    base: Placed = []
    own: Placed = []
    drops: dict[str, list[str]] = {}
    for section in SECTIONS:
        before = None
        for place, (name, entry) in enumerate(groups(section)):
            where = draw(st.sampled_from(["base", "replaced"] if place == 0 else ["base", "replaced", "own"]))
            if where != "own":
                base.append((section, name, entry if where == "base" else junk(section, name)))
            if where == "replaced":
                own.append((section, name, entry))
            elif where == "own":
                own.append((section, name, _behind(entry, before)))
            before = name
        if draw(st.booleans()) and section not in ("incidents", "states"):
            base.append((section, "left_out", junk(section, "left_out")))
            drops[section] = ["left_out"]
    return base, own, drops


def _behind(entry: Any, before: Any) -> Any:
    if isinstance(entry, list):
        first, *rest = entry
        return [{**first, "placed_after": before}, *rest]
    return {**entry, "placed_after": before}


def files(draw: Callable[[Any], Any], folder: str, head: dict[str, Any], placed: Placed) -> dict[str, str]:
    """The entries in up to four chapters, each section in order, or in one file."""
    count = draw(st.integers(1, 4))
    chapters: list[dict[str, Any]] = [dict(head), *({} for _ in range(count - 1))]
    reached: dict[str, int] = {}
    for section, name, entry in placed:
        number = reached[section] = draw(st.integers(reached.get(section, 0), count - 1))
        if isinstance(entry, list):
            chapters[number].setdefault(section, []).extend(entry)
        else:
            chapters[number].setdefault(section, {})[name] = entry
    if count == 1:
        return {f"{folder}.yaml": dumped(chapters[0])}
    return {f"{folder}/{n:02}-part.yaml": dumped(one) for n, one in enumerate(chapters) if one}


@settings(deadline=None, max_examples=60)
@given(spread=spreads(), data=st.data())
def test_however_it_is_spread_over_a_base_and_chapters_it_is_the_same_law(
    spread: tuple[Placed, Placed, dict[str, list[str]]], data: st.DataObject
) -> None:
    base, own, drops = spread
    head = {key: whole()[key] for key in ("workflow", "title", "basis", "in_force")}
    rest = {key: whole()[key] for key in ("kind", "governs", "levels", "always")}
    ground = {**head, **rest, "workflow": "ground", "in_force": {"from": date(2015, 1, 1)}}
    texts = {path: text for path, text in small().items() if path != BASE}
    texts |= files(data.draw, "ground/2015-01-01", ground, base)
    child = {**head, "based_on": "ground/2015-01-01", **({"drops": drops} if drops else {})}
    texts |= files(data.draw, "dispute/2020-01-01", child, own)
    found = survey(texts)
    # The base alone need not be sound: what it says may rest on entries that only its heir has.
    assert found.versions["dispute"][DAY].leaves is Leaves.ALL, "\n".join(map(str, found.faults))
    assert found.registers is not None
    assert found.offices is not None
    book = Catalogue(found.registers, found.offices, found.versions, {}).rulebook("dispute", DAY, HERE)
    plainly = loaded(small()).rulebook("dispute", DAY, HERE)
    assert book.main.workflow == plainly.main.workflow
    assert list(book.main.workflow.deadlines) == list(plainly.main.workflow.deadlines)
    assert book.digest == plainly.digest


def test_the_shipped_folder_is_read_whole() -> None:
    found = survey(read_texts(ROOT / "workflows"))
    assert found.complete
    assert found.faults == ()


def test_a_folder_with_a_fault_is_no_catalogue() -> None:
    with pytest.raises(DefinitionError):
        loaded(edited(BASE, "basis: LAW 9", "basis: NONE 9"))
