"""A little law for tests of the pure core: one invented procedure with one of everything, in force in two versions."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from adjudicate.law.calendars import Calendar, load_calendars
from adjudicate.states.catalogue import Catalogue, from_texts, read_texts
from adjudicate.states.entries import Correction, Draft, Entry, EntryKind, Joining
from adjudicate.states.outcome import Outcome
from adjudicate.states.standing import Running
from adjudicate.states.walk import Ground
from tests.workflows.runner import Case

ROOT = Path(__file__).parents[3]

LABEL = "label: {zh: 测, en: Test}, basis: TEST 1"

GAME = """
workflow: game
title: {zh: 测试程序, en: Game}
basis: TEST 1
in_force: {from: FROM}
governs: [opened_on, received_on]
levels: [city]
parties:
  claimant: {label: {zh: 甲方, en: Claimant}, at_least: 1}
  opponent: {label: {zh: 乙方, en: Opponent}}
  agent: {label: {zh: 代理, en: Agent}, represents: true}
facts:
  received_on: {day: true, label: {zh: 收到日, en: Received}}
  opened_on: {day: true, label: {zh: 立案日, en: Opened}}
  served_on: {day: true, per: opponent, label: {zh: 送达日, en: Served}}
  hearing_on: {day: true, may_be_future: true, label: {zh: 开庭日, en: Hearing}}
  told_on: {day: true, label: {zh: 告知日, en: Told}}
  panel: {list: actor, label: {zh: 合议组, en: Panel}}
  home: {choice: {here: {zh: 境内, en: Here}, abroad: {zh: 境外, en: Abroad}}, per: opponent, label: {zh: 住所, en: Home}}
  result: {choice: {won: {zh: 成立, en: Won}, lost: {zh: 不成立, en: Lost}}, label: {zh: 结果, en: Result}}
  longer_by: {length: true, label: {zh: 延长, en: Longer}}
  given_time: {length: true, label: {zh: 指定期限, en: Time given}}
  secret: {text: true, particulars: true, label: {zh: 隐私, en: Secret}}
conditions:
  odd_panel: {count_of: {panel: {odd: true, at_least: 3}}, label: {zh: 单数, en: Odd panel}, basis: TEST 2}
  in_time: {not_over: opening, label: {zh: 按期, en: In time}, basis: TEST 3}
  told_first: {recorded: told, label: {zh: 已告知, en: Told first}, basis: TEST 4}
  all_served: {for_each: {role: opponent, holds: {recorded: served}}, label: {zh: 均已送达, en: All served}, basis: TEST 5}
  nobody_answered: {not_recorded: answered, label: {zh: 无人答辩, en: Nobody answered}, basis: TEST 5}
  wait_over: {over: wait, label: {zh: 等待期满, en: Wait over}, basis: TEST 6}
states:
  received: {label: {zh: 已收, en: Received}}
  opened: {label: {zh: 已立, en: Opened}}
  heard: {label: {zh: 已审, en: Heard}}
  won: {label: {zh: 成立, en: Won}, final: true}
  lost: {label: {zh: 不成立, en: Lost}, final: true}
  dropped: {label: {zh: 撤回, en: Dropped}, final: true}
dockets:
  main: {label: {zh: 案号, en: Number}, format: "{office}测〔{year}〕{number}号"}
deadlines:
  opening: {kind: duty, length: OPENING, counted_from: received_on, when_over: opening_missed, label: {zh: 立案期限, en: Opening}, basis: TEST 3}
  decision: {kind: duty, length: {2000-01-01: 3 months, 2026-01-01: 2 months}, counted_from: opened_on, excludes: [pause], extend: [{by: chief, at_most: 1 month}, {by: chief, at_most: unlimited}], when_over: decision_missed, label: {zh: 办案期限, en: Decision}, basis: TEST 3}
  answer: {kind: right, choose: {home: {here: 15 days, abroad: 30 days}}, counted_from: served_on, per: opponent, when_over: answer_missed, label: {zh: 答辩, en: Answer}, basis: TEST 3}
  reply: {kind: right, length: 10 days, per: opponent, when_over: reply_missed, label: {zh: 回复, en: Reply}, basis: TEST 3}
  summons: {kind: duty, length: 3 working_days, counted_from: hearing_on, counted_back: true, label: {zh: 传唤, en: Summons}, basis: TEST 3}
  evidence: {kind: right, fixed_by: given_time, at_least: 15 days, at_most: 2 months, label: {zh: 举证, en: Evidence}, basis: TEST 3}
  earlier: {kind: duty, earliest: [{length: 5 days, counted_from: opened_on}, {length: 3 days, counted_from: told_on}], label: {zh: 较早, en: Earlier}, basis: TEST 3}
  later: {kind: duty, latest: [{length: 5 days, counted_from: opened_on}, {length: 3 days, counted_from: told_on}], label: {zh: 较晚, en: Later}, basis: TEST 3}
  urgent: {kind: duty, length: 24 hours, label: {zh: 紧急, en: Urgent}, basis: TEST 3}
  wait: {kind: wait, length: 10 working_days, label: {zh: 等待, en: Wait}, basis: TEST 3}
incidents:
  - {opens: game-pause, while: [opened, heard], at_once: 1, holds: [heard_event], basis: TEST 9}
  - {opens: game-delivery, while: [opened], per: opponent, at_once: unlimited, outcomes: [{when: delivered, records: served, carries: {served_on: arrived_on}}], basis: TEST 9}
steps:
  - {event: request_received, from: nothing, to: received, by: [claimant, clerk], records: [received_on], may_record: [secret], joins: [claimant, opponent, agent], starts: [opening], LABEL}
  - {event: told, from: [received, opened], by: [clerk], records: [told_on], LABEL}
  - {event: case_opened, from: [received], to: opened, by: [clerk], records: [opened_on, panel], may_record: [home], requires: [odd_panel], expects: [in_time], advises: [told_first], stops: [opening], starts: [decision, reply], numbers: main, LABEL}
  - {event: opening_missed, from: [received], by: [clock], LABEL}
  - {event: served, from: [opened], by: [link], per: opponent, records: [served_on], starts: [answer], LABEL}
  - {event: answered, from: [opened, heard], by: [opponent], per: opponent, stops: [answer, reply], LABEL}
  - {event: answer_missed, from: [opened], by: [clock], per: opponent, LABEL}
  - {event: reply_missed, from: [opened], by: [clock], per: opponent, LABEL}
  - {event: opponent_added, from: [opened], by: [clerk], joins: [opponent], may_record: [home], LABEL}
  - {event: opponent_left, from: [opened], by: [clerk], per: opponent, leaves: true, LABEL}
  - {event: hearing_fixed, from: [opened], by: [clerk], records: [hearing_on], starts: [summons], LABEL}
  - {event: time_given, from: [opened], by: [clerk], records: [given_time], starts: [evidence], LABEL}
  - {event: both_counted, from: [opened], by: [clerk], starts: [earlier, later], LABEL}
  - {event: emergency, from: [opened], by: [clerk], starts: [urgent], LABEL}
  - {event: emergency_met, from: [opened], by: [clerk], stops: [urgent], LABEL}
  - {event: decision_extended, from: [opened, heard], by: [chief, clerk], records: [longer_by], extends: {deadline: decision, with: longer_by}, LABEL}
  - {event: begun_anew, from: [opened, heard], by: [clerk], records: [opened_on], restarts: [decision], LABEL}
  - {event: decision_missed, from: [opened, heard], by: [clock], LABEL}
  - {event: waiting, from: [opened], by: [clerk], starts: [wait], LABEL}
  - {event: waited, from: [opened], by: [clerk], requires: [wait_over], LABEL}
  - {event: heard_event, from: [opened], to: heard, by: [clerk], expects: [all_served], LABEL}
  - {event: nobody_there, from: [opened], by: [clerk], requires: [nobody_answered], LABEL}
  - {event: decided, from: [opened, heard], to: {choose: {result: {won: won, lost: lost}}}, by: [clerk], records: [result], stops: [decision], LABEL}
  - {event: dropped_out, from: any, to: dropped, by: [claimant], LABEL}
"""

PAUSE = """
workflow: game-pause
kind: incident
title: {zh: 中止, en: Pause}
basis: TEST 9
in_force: {from: 2000-01-01}
states:
  paused: {label: {zh: 中止, en: Paused}, holds: true}
  over: {label: {zh: 恢复, en: Over}, final: true}
steps:
  - {event: pause_begun, from: nothing, to: paused, by: [clerk], begins: [pause], LABEL}
  - {event: pause_ended, from: [paused], to: over, by: [clerk], ends: [pause], LABEL}
"""

DELIVERY = """
workflow: game-delivery
kind: incident
title: {zh: 送达, en: Delivery}
basis: TEST 9
in_force: {from: 2000-01-01}
facts:
  arrived_on: {day: true, label: {zh: 到达日, en: Arrived}}
states:
  sent: {label: {zh: 已送, en: Sent}}
  done: {label: {zh: 完成, en: Done}, final: true}
  failed: {label: {zh: 未成, en: Failed}, final: true}
steps:
  - {event: delivery_sent, from: nothing, to: sent, by: [clerk], LABEL}
  - {event: delivered, from: [sent], to: done, by: [clerk], records: [arrived_on], LABEL}
  - {event: not_delivered, from: [sent], to: failed, by: [clerk], LABEL}
"""

OVERLAY = """
overlay: game
region: "330000"
title: {zh: 某省规定, en: A province's rule}
basis: TEST 8
in_force: {from: 2020-01-01, until: 2023-01-01}
deadlines:
  opening: {length: 3 working_days, basis: TEST 8}
raises: [told_first]
"""


def texts() -> dict[str, str]:
    """The files of the little law by path."""
    registers = read_texts(ROOT / "tests/fixtures/workflows")
    kept = {path: text for path, text in registers.items() if "/" not in path or path.startswith("documents/")}
    game = GAME.replace("LABEL", LABEL)
    return {
        **kept,
        "game/2000-01-01.yaml": game.replace("FROM", "2000-01-01").replace("OPENING", "7 working_days"),
        "game/2025-02-01.yaml": game.replace("FROM", "2025-02-01").replace("OPENING", "5 working_days"),
        "game-pause/2000-01-01.yaml": PAUSE.replace("LABEL", LABEL),
        "game-delivery/2000-01-01.yaml": DELIVERY.replace("LABEL", LABEL),
        "game/local/330000/2020-01-01.yaml": OVERLAY,
    }


@cache
def law() -> Catalogue:
    """The little law, loaded once."""
    return from_texts(texts())


@cache
def calendar() -> Calendar:
    """The national calendar as shipped."""
    return load_calendars(ROOT / "workflows/calendars")["cn"]


EVERYBODY = frozenset({"clerk", "chief", "claimant", "opponent"})


class Play(Case):
    """A case of the little law: each helper moves `today` to the day of what it records."""

    def __init__(self, region: str = "440000", roles: frozenset[str] = EVERYBODY) -> None:
        super().__init__(Ground(law().laws("game", region), calendar()), roles)

    def on(self, day: str) -> Play:
        """Today moves to a day."""
        self.today = max(self.today, date.fromisoformat(day))
        return self

    def does(self, event: str, day: str, **more: Any) -> Entry:
        """Record an act of that day and give its row back."""
        return self._act_row(self.act(self.draft(event, day, **more)))

    def draft(self, event: str, day: str, **more: Any) -> Draft:
        """The act, with today moved to its day."""
        self.on(day)
        accepts = more.pop("accepts", None)
        if accepts:
            more |= {"accept_irregular": True, "reason": accepts}
        return Draft(event, date.fromisoformat(day), **more)

    def _act_row(self, outcome: Outcome) -> Entry:
        rows = [entry for entry in outcome.entries if entry.kind in (EntryKind.ACT, EntryKind.VOIDED)]
        self.folded()
        return rows[-1]

    def opened(self, received: str = "2024-03-04", opened: str = "2024-03-05", opponents: int = 1) -> Play:
        """Received and opened, with so many opponents p2, p3, …"""
        joins = (Joining("p1", "claimant"), *(Joining(f"p{n + 2}", "opponent") for n in range(opponents)))
        self.does("request_received", received, by="claimant", joins=joins)
        self.does("case_opened", opened, facts={"panel": ["甲", "乙", "丙"]})
        return self

    def delivered(self, party: str, day: str, home: str | None = None) -> str:
        """Serve a party by a delivery sent and arrived on that day; the thread's name."""
        thread = str(self.does("delivery_sent", day, party=party).thread)
        self.does("delivered", day, thread=thread)
        return thread

    def voids(self, target: Entry, *more: Correction) -> Entry:
        """Void a row, perhaps with other corrections."""
        return self._act_row(self.rectify([Correction(target.sequence, "记录有误"), *more]))

    def corrects(self, target: Entry, event: str, day: str, **more: Any) -> Entry:
        """Supersede a row."""
        return self._act_row(self.rectify([Correction(target.sequence, "更正", self.draft(event, day, **more))]))

    def running(self, key: str) -> Running:
        """A deadline as it stands."""
        assert self.standing is not None
        return self.standing.deadlines[key]

    def due(self, key: str) -> str | None:
        """Its due day."""
        found = self.running(key).due_on
        return found.isoformat() if found else None

    def status(self, key: str) -> str:
        """How it stands."""
        return self.running(key).status.value

    def rows(self, kind: EntryKind) -> list[str]:
        """The events of the rows of a kind, in order."""
        return [entry.event for entry in self.entries if entry.kind is kind]

    def marks(self) -> dict[int, list[str]]:
        """The irregularity marks in effect."""
        assert self.standing is not None
        return self.standing.marks
