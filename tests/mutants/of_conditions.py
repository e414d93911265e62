"""How the conditions of a definition are broken: another weight, or less asked by one of their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.mutants.changes import Change, Operator, Path, Raw, dropping, entries, many, pick, putting

FINDINGS = ("met", "not_met", "not_applicable")
ROLES = ("requester", "respondent")


class Site(NamedTuple):
    """A word of a condition where it stands: what names it, its argument, the step it is asked of, or -1."""

    what: str
    path: Path
    word: str
    argument: Any
    place: int


def _asked_of(data: Raw, name: str) -> int:
    """The first step that asks the condition."""
    for place, step in enumerate(data["steps"]):
        if any(name in many(step.get(key)) for key in ("requires", "expects", "advises")):
            return place
    return -1


def sites(data: Raw, *words: str) -> Iterator[Site]:
    """Every place where one of the words stands, those inside other words included."""
    for name, condition in entries(data, "conditions"):
        place, count = _asked_of(data, name), 0
        for path, word, argument in _walked(condition, ("conditions", name)):
            if word in words:
                count += 1
                yield Site(f"{word} of {name}{f', {count}' if count > 1 else ''}", path, word, argument, place)


def _walked(value: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("label", "basis", "note"):
                yield (*path, key), key, inner
                yield from _walked(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _walked(inner, (*path, i))


def _instead(site: Site, word: str, argument: Any, how: str) -> Change:
    """Another word where the site's stands."""

    def change(data: Raw) -> None:
        holder: Any = data
        for part in site.path[:-1]:
            holder = holder[part]
        del holder[site.path[-1]]
        holder[word] = argument

    return f"{site.what}: {how}", change, site.place


def _other(data: Raw, site: Site, fact: str) -> str | None:
    """Another fact of the same type: of lists, of the same kind of list."""
    kinds = ("list", "actor", "document")
    facts = data.get("facts") or {}
    if fact not in facts:  # an incident may ask about a fact of the case
        return None
    mine = {key: facts[fact][key] for key in kinds if key in facts[fact]}
    options = [n for n, rule in facts.items() if n != fact and {k: rule[k] for k in kinds if k in rule} == mine]
    return pick(options, site.what) if options else None


def change_a_weight(data: Raw) -> Iterator[Change]:
    """A grave irregularity becomes a minor one, and the reverse."""
    other = {"grave": "minor", "minor": "grave"}
    expected = {name for step in data["steps"] for name in many(step.get("expects"))}
    for name, rule in entries(data, "conditions"):
        # Where a condition is only advised, its weight waits for a later version that expects it.
        if "weight" in rule and name in expected:
            what, path = f"of {name}: {rule['weight']}", ("conditions", name, "weight")
            yield putting(what, path, other[rule["weight"]], _asked_of(data, name))
    for i, use in enumerate(many(data.get("incidents"))):
        if "weight" in use:
            what = f"of incident {use['opens']}: {use['weight']}"
            yield putting(what, ("incidents", i, "weight"), other[use["weight"]])


def drop_a_part(data: Raw) -> Iterator[Change]:
    """One of what `all` or `any` lists is no longer asked."""
    for site in sites(data, "all", "any"):
        for i in range(len(site.argument)):
            if len(site.argument) > 1:
                yield dropping(f"part {i + 1} of {site.what}", (*site.path, i), site.place)


def begun_is_kept(data: Raw) -> Iterator[Change]:
    """It is enough that the period began, kept or not."""
    for site in sites(data, "kept"):
        if isinstance(site.argument, str):
            yield _instead(site, "started", site.argument, "started")


def other_threads(data: Raw) -> Iterator[Change]:
    """One state of the threads fewer, or, of a single one, another list held against them."""
    for site in sites(data, "free_of", "each_named", "no_paper_of"):
        states = many(site.argument["states"])
        if len(states) > 1:
            gone = pick(states, site.what)
            rest = [one for one in states if one != gone]
            yield putting(f"{site.what}: without {gone}", (*site.path, "states"), rest, site.place)
        else:
            key = "papers" if site.word == "no_paper_of" else "people"
            if other := _other(data, site, site.argument[key]):
                yield putting(f"{site.what}: {other}", (*site.path, key), other, site.place)


def other_list(data: Raw) -> Iterator[Change]:
    """Another list of the same kind is asked."""
    for site in sites(data, "named_in", "same_people", "most_of", "among"):
        if isinstance(site.argument, str):
            fact, path = site.argument, site.path
        elif isinstance(site.argument, list):
            fact, path = site.argument[1], (*site.path, 1)
        else:
            fact, path = site.argument["list"], (*site.path, "list")
        other = _other(data, site, fact)
        if other and other not in many(site.argument):
            yield putting(f"{site.what}: {fact} → {other}", path, other, site.place)


def other_part(data: Raw) -> Iterator[Change]:
    """Those of another part are looked for on the list."""
    for site in sites(data, "among"):
        role = site.argument["role"]
        other = pick([one for one in data.get("parties") or ROLES if one != role], site.what)
        yield putting(f"{site.what}: {role} → {other}", (*site.path, "role"), other, site.place)


def wider_finding(data: Raw) -> Iterator[Change]:
    """Another finding on one item does too."""
    for site in sites(data, "finding_is"):
        ((fact, items),) = site.argument.items()
        item = pick(list(items), site.what)
        wanted = many(items[item])
        more = [one for one in FINDINGS if one not in wanted]
        if more:
            also = pick(more, site.what)
            yield putting(f"{site.what}: {item} {also} too", (*site.path, fact, item), [*wanted, also], site.place)


def other_choice(data: Raw) -> Iterator[Change]:
    """Another of the several choices is asked, or one fewer."""
    for site in sites(data, "chosen"):
        ((fact, value),) = site.argument.items()
        wanted = many(value)
        if len(wanted) > 1:
            gone = pick(wanted, site.what)
            rest = [one for one in wanted if one != gone]
            yield putting(f"{site.what}: without {gone}", (*site.path, fact), rest, site.place)
        else:
            other = pick([one for one in data["facts"][fact]["several"] if one not in wanted], site.what)
            yield putting(f"{site.what}: {wanted[0]} → {other}", (*site.path, fact), other, site.place)


def other_day_or_hour(data: Raw) -> Iterator[Change]:
    """A day may lie otherwise to the act's, need be no working day, or an hour may be any."""
    other = {"same": "not_before", "not_before": "same"}
    for site in sites(data, "act_day", "working_day", "time_between"):
        if site.word == "working_day":
            yield _instead(site, "fact_known", site.argument, "fact_known")
        elif site.word == "time_between":
            for key, widest in (("first", "00:00"), ("last", "23:59")):
                yield putting(f"{site.what}: {key} {widest}", (*site.path, key), widest, site.place)
        else:
            for fact, wanted in site.argument.items():
                yield putting(f"{site.what}: {other[wanted]}", (*site.path, fact), other[wanted], site.place)


def fewer_people(data: Raw) -> Iterator[Change]:
    """One fewer is enough, an even number too, and one vote for more than half."""
    for site in sites(data, "has_party", "count_of", "most_of"):
        if site.word == "most_of":
            yield _instead(site, "count_of", {site.argument[0]: {"at_least": 1}}, "one is enough")
            continue
        path, rule = site.path, site.argument
        if site.word == "count_of":
            ((fact, rule),) = site.argument.items()
            path = (*path, fact)
        if not isinstance(rule, dict):
            continue
        if rule.get("at_least", 1) > 1:
            # Of odd numbers, the next smaller is two less.
            fewer = rule["at_least"] - (2 if {"odd", "even"} & set(rule) else 1)
            yield putting(f"{site.what}: at_least {fewer}", (*path, "at_least"), fewer, site.place)
        for parity in ("odd", "even"):
            if parity in rule:
                yield dropping(f"{site.what}: not {parity}", (*path, parity), site.place)


def one_is_enough(data: Raw) -> Iterator[Change]:
    """What must hold for each party need hold for one of them only."""
    for site in sites(data, "for_each"):
        inner = {"for_each": {**site.argument, "holds": {"not": site.argument["holds"]}}}
        yield _instead(site, "not", inner, "one is enough")


OF_CONDITIONS: dict[str, Operator] = {
    "change a weight": change_a_weight,
    "drop a part of a condition": drop_a_part,
    "begun is kept": begun_is_kept,
    "other threads": other_threads,
    "another list": other_list,
    "another part on a list": other_part,
    "one finding more": wider_finding,
    "another choice": other_choice,
    "another day or hour": other_day_or_hour,
    "fewer people": fewer_people,
    "one is enough": one_is_enough,
}
