"""What the demo prints when it is up: the address, a token for each role, and three lines that work when pasted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.cases import reading
from adjudicate.demo.loading import data
from adjudicate.demo.queries import open_cases_of
from adjudicate.states import next_steps

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.registry import Registry


def welcome(registry: Registry, tokens: list[tuple[str, str]]) -> str:
    """The whole text."""
    settings = registry.settings
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{settings.port}"  # noqa: S104 - compared, not bound
    width = max(len(what) for what, _ in tokens)
    lines = [
        f"演示服务已启动 / the demo office is open: {address}",
        "案件均为虚构或依公开报道 / cases are invented, or published",
        "",
    ]
    lines += [f"  {what:<{width}}  {token}" for what, token in tokens]
    lines += ["", "试一试 / try:", *(f"  {line}" for line in lines_to_try(registry, address, tokens[0][1]))]
    return "\n".join(lines)


def lines_to_try(registry: Registry, address: str, token: str) -> list[str]:
    """Three curl lines: my deadlines, what may happen next in a case, and an event tried without effect."""
    with db.reading(registry.engine) as tx:
        case_id, event = _something_to_try(tx, registry)
    curl = f"curl -sS -H 'Authorization: Bearer {token}'"
    body = json.dumps(event, ensure_ascii=False)
    return [
        f"{curl} '{address}/v1/deadlines?limit=5'",
        f"{curl} '{address}/v1/cases/{case_id}/next'",
        f"{curl} -H 'Content-Type: application/json' -d '{body}' '{address}/v1/cases/{case_id}/events?dry_run=true'",
    ]


def _something_to_try(tx: Connection, registry: Registry) -> tuple[str, dict[str, str]]:
    """An open case of the first officer's office, and an event that needs no facts and may be recorded there now."""
    actors = {row["id"]: row for row in data("office")["actors"]}
    officer = actors[data("office")["tokens"][0]["actor"]]
    case_ids = open_cases_of(tx, officer["office"])
    for case_id in case_ids:
        view = reading.current(tx, registry, case_id)
        today = view.moment.today
        for option in next_steps.next_steps(view.legal, view.standing, today=today, roles=officer["roles"]):
            simple = not (option.step.records or option.step.joins or option.irregular or option.pending)
            if option.allowed and simple and option.party is None and option.thread is None and option.opens is None:
                return case_id, {"event": option.event, "effective_on": today.isoformat(), "by": option.by[0]}
    raise LookupError("no open case with a simple event")
