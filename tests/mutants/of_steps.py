"""How the steps, parties, facts and promises of a definition are broken."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutants.changes import (
    Change,
    Operator,
    Path,
    Raw,
    dropping,
    entries,
    many,
    pick,
    putting,
    step_named,
    without,
)


def drop_step(data: Raw) -> Iterator[Change]:
    """A step is missing."""
    for place in range(len(data["steps"])):
        yield dropping(step_named(data, place), ("steps", place), place)


def _drop_from(key: str) -> Operator:
    def drop(data: Raw) -> Iterator[Change]:
        for place, step in enumerate(data["steps"]):
            if key != "expects" or many(step["by"]) != ["link"]:
                yield from _dropped(data, place, key)

    return drop


def drop_expects_of_link(data: Raw) -> Iterator[Change]:
    """What a procedure expects of an event that an incident brings about is asked no more."""
    for place, step in enumerate(data["steps"]):
        if many(step["by"]) == ["link"]:
            yield from _dropped(data, place, "expects")


def _dropped(data: Raw, place: int, key: str) -> Iterator[Change]:
    for i, one in enumerate(many(data["steps"][place].get(key))):
        name = one["deadline"] if isinstance(one, dict) else one
        what = f"{name} of {step_named(data, place)}"
        yield what, lambda d, p=place, n=i: without(d["steps"][p], key, n), place  # type: ignore[misc]


def _flag_of_steps(key: str) -> Operator:
    def drop(data: Raw) -> Iterator[Change]:
        for place, step in enumerate(data["steps"]):
            if step.get(key):
                yield dropping(step_named(data, place), ("steps", place, key), place)

    return drop


def drop_always(data: Raw) -> Iterator[Change]:
    """A promise is no longer made."""
    for i, line in enumerate(many(data.get("always"))):
        said = {key: value for key, value in line.items() if key not in ("basis", "label")}
        yield dropping(f"{said}", ("always", i))


def drop_per(data: Raw) -> Iterator[Change]:
    """What is each party's own becomes the case's."""
    for name, rule in entries(data, "deadlines"):
        if rule.get("per"):
            yield dropping(f"of deadline {name}", ("deadlines", name, "per"))
    for place, step in enumerate(data["steps"]):
        if step.get("per"):
            yield dropping(f"of {step_named(data, place)}", ("steps", place, "per"), place)
    for i, use in enumerate(many(data.get("incidents"))):
        if use.get("per"):
            yield dropping(f"of incident {use['opens']}", ("incidents", i, "per"))


def drop_per_of_fact(data: Raw) -> Iterator[Change]:
    """One value is kept for all parties."""
    for name, rule in entries(data, "facts"):
        if rule.get("per"):
            yield dropping(f"of fact {name}", ("facts", name, "per"))


def retarget(data: Raw) -> Iterator[Change]:
    """A step leads elsewhere."""
    states = list(data["states"])
    for place, step in enumerate(data["steps"]):
        to, named, path = step.get("to"), step_named(data, place), ("steps", place, "to")
        if isinstance(to, str):
            yield _led_elsewhere(states, named, to, path, place)
        elif isinstance(to, dict) and "choose" in to:
            ((fact, options),) = to["choose"].items()
            value = pick(list(options), named)
            said = f"{named}, {fact} {value}"
            yield _led_elsewhere(states, named, options[value], (*path, "choose", fact, value), place, said)
        elif isinstance(to, dict):
            yield _led_elsewhere(states, named, to["then"], (*path, "then"), place, f"{named}, then")


def _led_elsewhere(states: list[str], named: str, to: str, path: Path, place: int, said: str | None = None) -> Change:
    other = pick([one for one in states if one != to], named)
    return putting(f"{said or named}: {to} → {other}", path, other, place)


ROLES = ("case_officer", "panel", "head", "upper_office", "requester", "respondent", "court", "clock")


def swap_role(data: Raw) -> Iterator[Change]:
    """Somebody else acts."""
    for place, step in enumerate(data["steps"]):
        by, named = many(step["by"]), step_named(data, place)
        mine = pick(by, named)
        other = pick([one for one in ROLES if one not in by], named)
        roles = [other if one == mine else one for one in by]
        yield putting(f"{named}: {mine} → {other}", ("steps", place, "by"), roles, place)


def drop_must_join(data: Raw) -> Iterator[Change]:
    """A step may be taken although nobody of that part joins."""
    for place, step in enumerate(data["steps"]):
        for i, role in enumerate(many(step.get("must_join"))):
            what = f"{role} of {step_named(data, place)}"
            yield what, lambda d, p=place, n=i: without(d["steps"][p], "must_join", n), place  # type: ignore[misc]


def drop_at_most(data: Raw) -> Iterator[Change]:
    """Any number may play the part at once."""
    for role, rule in entries(data, "parties"):
        if "at_most" in rule:
            yield dropping(f"of {role}", ("parties", role, "at_most"))


def fewer_choices(data: Raw) -> Iterator[Change]:
    """One of the several that a fact offers is missing."""
    for name, rule in entries(data, "facts"):
        for one in rule.get("several") or {}:
            yield dropping(f"{one} of {name}", ("facts", name, "several", one))


OF_STEPS: dict[str, Operator] = {
    "drop a step": drop_step,
    "drop a starts": _drop_from("starts"),
    "drop a stops": _drop_from("stops"),
    "drop a requires": _drop_from("requires"),
    "drop an expects": _drop_from("expects"),
    "drop an expects of a link": drop_expects_of_link,
    "drop an always line": drop_always,
    "drop a per": drop_per,
    "drop a per of a fact": drop_per_of_fact,
    "retarget to": retarget,
    "swap a role": swap_role,
    "drop a must_join": drop_must_join,
    "drop an at_most of a part": drop_at_most,
    "drop a reopens": _flag_of_steps("reopens"),
    "one choice fewer": fewer_choices,
}
