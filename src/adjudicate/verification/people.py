"""Who held which role where and when, out of the administrative ledger, and whether writers were entitled then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adjudicate.access.administration import NO_PERSON
from adjudicate.access.queries import RECORDING_KINDS
from adjudicate.chaining import plain
from adjudicate.definition.models import CLOCK, LINK
from adjudicate.states.entries import EntryKind
from adjudicate.verification.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from adjudicate.definition.rulebook import Rulebook
    from adjudicate.ledger import Entry, Replay


@dataclass(frozen=True, slots=True)
class Held:
    """A role at an office, from an instant until another (as text in UTC; empty: without an end)."""

    office: str
    path: str
    role: str
    from_at: str
    until_at: str

    def at(self, instant: str, *, ending: bool = False) -> bool:
        """Whether it was held at an instant; with `ending` also where it ended at that very instant."""
        if self.from_at > instant:
            return False
        return not self.until_at or instant < self.until_at or (ending and instant == self.until_at)


@dataclass
class Register:
    """Everybody who was ever in the register. In a sandbox moments are played, so that only whether a role was ever
    held can be asked.
    """

    held: dict[str, list[Held]] = field(default_factory=dict)
    played: bool = False

    @classmethod
    def of(cls, replay: Replay) -> Register:
        """The register as the ledger says."""
        paths = {key[0]: row["path"] for key, row in replay.rows.get("offices", {}).items()}
        found = cls(played=any(row["sandbox"] for row in replay.rows.get("marker", {}).values()))
        for (actor,) in replay.rows.get("actors", {}):
            found.held[actor] = []
        for row in replay.rows.get("appointments", {}).values():
            found.held.setdefault(row["actor"], []).append(
                Held(row["office"], paths.get(row["office"], ""), row["role"], row["from_at"], row["until_at"] or "")
            )
        return found

    def roles_at(self, actor: str, instant: str, *, ending: bool = False) -> list[Held]:
        """The roles that somebody held at an instant; with `ending` also those that ended at that very instant."""
        return [one for one in self.held.get(actor, ()) if self.played or one.at(instant, ending=ending)]


# What a person may do without holding a role: revoke the own tokens, and play a day in a sandbox.
_WITHOUT_ROLE = frozenset({"token_revoked", "day_played"})


def administration_findings(entries: Sequence[Entry], register: Register) -> Iterator[Finding]:
    """Every entry was written by the program or by a person who held a role then."""
    for entry in entries:
        actor, place = entry.row["actor"], entry.row["place"]
        # An entry bears the moment at which the caller was looked up, so one may end a role of who writes it.
        if actor in NO_PERSON or register.roles_at(actor, plain(entry.row["recorded_at"]), ending=True):
            continue
        if entry.row["kind"] in _WITHOUT_ROLE and actor in register.held:
            continue
        yield Finding.of_all(
            f"管理记录第 {place} 号由当时没有任职的人员作出：{actor}",
            f"entry {place} of the administration was written by somebody without a role then: {actor}",
        )


def writer_findings(
    case: Mapping[Any, Any],
    rows: Iterable[Mapping[Any, Any]],
    grants: Sequence[Mapping[Any, Any]],
    register: Register,
    rulebooks: Mapping[str, Rulebook],
) -> Iterator[Finding]:
    """Every event was written by time alone, or by a person who then held a role that may, where the case was seen."""
    path = case["office_path"]
    for row in rows:
        writer = row["recorded_by"]
        if writer == CLOCK and (row["by"] in {CLOCK, LINK} or row["kind"] not in {EntryKind.ACT, EntryKind.VOIDED}):
            continue
        if writer not in register.held:
            yield Finding(
                case["id"],
                row["sequence"],
                f"记录人不在人员名册中：{writer}",
                f"its writer is not in the register: {writer}",
            )
            continue
        held = register.roles_at(writer, plain(row["recorded_at"]))
        there = [one for one in held if path.startswith(one.path) or _granted(grants, writer, one.office, row)]
        if not there:
            yield Finding(
                case["id"], row["sequence"], f"记录人当时在可办理本案的机构没有任职：{writer}",
                f"its writer then held no role where this case is handled: {writer}",
            )  # fmt: skip
            continue
        book = rulebooks.get(row["law_digest"])
        acted = row["kind"] == EntryKind.ACT and row["by"] not in {CLOCK, LINK}
        recorders = book.registers.recorders.get(row["by"]) if acted and book is not None else None
        if recorders is not None and recorders.isdisjoint(one.role for one in there):
            yield Finding(
                case["id"], row["sequence"], f"记录人当时的角色无权记录此事项：{writer}",
                f"its writer then held no role that may record it: {writer}",
            )  # fmt: skip


def _granted(grants: Sequence[Mapping[Any, Any]], actor: str, office: str, row: Mapping[Any, Any]) -> bool:
    # A grant that was ended on a day held until some time of it.
    day = row["recorded_on"]
    return any(
        grant["kind"] in RECORDING_KINDS
        and (grant["actor"] == actor or grant["office"] == office)
        and grant["from_on"] <= day
        and (grant["until_on"] is None or grant["until_on"] >= day)
        for grant in grants
    )
