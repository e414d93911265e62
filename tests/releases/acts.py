"""One more lawful act for a case, found by asking the API what may come next and trying it without effect first."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.api.harness import Api

TRIES = 8
PEOPLE = ["甲", "乙", "丙"]
LENGTHS = ["5 working_days", "7 days", "15 days", "1 month", "2 months"]


@dataclass
class Facts:
    """What the definitions that are loaded say about facts, each asked for once; and values for them."""

    api: Api
    who: str
    _known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def rules(self, key: str, law_day: str) -> dict[str, Any]:
        """The facts of a procedure or incident by name, as of its version for a day; older versions say the rest."""
        if (key, law_day) not in self._known:
            listed = self._read(f"/v1/workflows/{key}")["versions"]
            found: dict[str, Any] = {}
            for version in sorted(listed, key=lambda one: (one["day"] <= law_day, one["day"])):
                found |= self._read(f"/v1/workflows/{key}/versions/{version['day']}")["definition"].get("facts") or {}
            self._known[key, law_day] = found
        return self._known[key, law_day]

    def _read(self, path: str) -> Any:
        answer = self.api.get(path, self.who)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    @staticmethod
    def value(rule: dict[str, Any], rng: Random, today: str, digest: str, parties: list[str]) -> Any:
        """A value of the fact's kind, mostly the usual one."""
        if "choice" in rule:
            return rng.choice(list(rule["choice"]))
        if "several" in rule:
            return [rng.choice(list(rule["several"]))]
        if "checklist" in rule:
            return {item: {"finding": rng.choice(["met", "not_met", "not_applicable"])} for item in rule["checklist"]}
        if "list" in rule:
            return {"document": [digest], "party": parties}.get(rule["list"], PEOPLE)
        values = {
            "day": today,
            "flag": rng.random() < 0.9,
            "length": rng.choice(LENGTHS),
            "number": rng.randrange(1, 9),
            "amount": "100.00",
            "document": digest,
            "actor": rng.choice(PEOPLE),
        }
        return next((value for kind, value in values.items() if kind in rule), "文字")


class Continuation:
    """A case on its way to one more act."""

    def __init__(self, facts: Facts, who: str, case_id: str, today: str) -> None:
        self.facts, self.api = facts, facts.api
        self.who, self.case_id, self.today = who, case_id, today
        self.rng = Random(case_id)
        self.case = self._read("")

    def _read(self, path: str) -> Any:
        answer = self.api.get(f"/v1/cases/{self.case_id}{path}", self.who)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def take(self) -> str | None:
        """Record one more act; returns its event, or None where nothing that was tried is lawful."""
        options = [one for one in self._read("/next")["data"] if one["allowed"] and not one["irregularities"]]
        # What a case lists first it lists in every state; in any order, all kinds of steps have their turn, and the few
        # of an open incident as often as the many of the main procedure.
        self.rng.shuffle(options)
        incident_first = self.rng.random() < 0.5
        options.sort(key=lambda one: (one["opens"] is not None, (one["thread"] is None) is incident_first))
        digest = self._paper()
        for option in options:
            for _ in range(TRIES):
                body = self._body(option, digest)
                path = f"/v1/cases/{self.case_id}/events?dry_run=true"
                if self.api.post(path, body, self.who, key=None).status_code == 200:
                    done = self.api.record(self.case_id, body, self.who)
                    assert done.status_code == 201, done.text
                    return str(option["event"])
        return None

    def _paper(self) -> str:
        """A document registered in the case, for facts that ask for one."""
        headers = self.api.headers(self.who, Content_Type="text/plain")
        path = f"/v1/cases/{self.case_id}/documents?name=paper.txt"
        answer = self.api.client.post(path, content=b"a paper", headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return f"sha-256:{answer.json()['digest']}"

    def _body(self, option: dict[str, Any], digest: str) -> dict[str, Any]:
        incidents = {one["id"]: one["incident"] for one in self.case["threads"]}
        key = option["opens"] or incidents.get(option["thread"]) or self.case["law"]["workflow"]
        rules = self.facts.rules(key, self.case["law"]["day"])
        parties = [one["id"] for one in self.case["parties"]]
        # The version published now need not have every fact of the one that was kept with the case.
        optional = [name for name in option["may_record"] if name in rules and self.rng.random() < 0.5]
        names = [*option["records"], *optional]
        found = {}
        for name in names:
            value = self.facts.value(rules[name], self.rng, self.today, digest, parties)
            role = rules[name].get("per")
            whose = [one["id"] for one in self.case["parties"] if one["role"] == role]
            found[name] = dict.fromkeys(whose, value) if role and option["party"] is None else value
        body = {
            "event": option["event"],
            "effective_on": self.today,
            "by": self.rng.choice(option["by"]),
            "thread": option["thread"],
            "party": option["party"],
            "facts": found,
            "parties": [{"role": role, "name": "新加入者（虚构）"} for role in option["joins"]],
            "reason": "测试",
        }
        return {name: value for name, value in body.items() if value is not None}
