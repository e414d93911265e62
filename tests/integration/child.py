"""A process that carries out one command or one round of work and may be told where to die; no test is here."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from adjudicate.cases import recording
from adjudicate.cases.idempotency import Answer
from adjudicate.states.entries import Draft
from adjudicate.worker import Worker
from tests.integration.desk import start

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from adjudicate.cases.command import Command
    from tests.integration.desk import Desk


def docket(desk: Desk, case_id: str, day: date, *, key: str = "k1") -> Answer:
    """Docket a case whose docketing period is over, under an idempotency key."""
    draft = Draft(
        "case_opened", day, facts={"panel": ["a", "b", "c"]}, accept_irregular=True, reason="逾期立案",
    )  # fmt: skip

    def act(command: Command) -> tuple[Answer, str]:
        done = recording.record(command, case_id, draft, caller=desk.chief, version=2)
        body = json.dumps({"version": done.version, "numbers": done.numbers}, ensure_ascii=False)
        return Answer(status=1, headers={"ETag": f'"{done.version}"'}, body=body), case_id

    return desk.once(act, actor=desk.chief.actor, key=key, case_id=case_id)


def effect(tx: Connection, message: Any) -> None:
    """What a receiver inside the database does with a message."""
    tx.execute(text("INSERT INTO effects (message) VALUES (:id)"), {"id": message["id"]})


def main() -> None:
    """Arguments: url, folder of the law, point of death or '', 'docket' or 'work', case, day."""
    url, law, point, action, case_id, day = sys.argv[1:7]
    desk = start(url, Path(law), furnish=False, crash_at=point)
    if action == "docket":
        docket(desk, case_id, date.fromisoformat(day))
    elif action == "work":
        Worker(desk.registry).announce_lapses()
    elif action == "warn":
        Worker(desk.registry).give_warnings()
    else:
        Worker(desk.registry, {"case.recorded": effect}).deliver()
    sys.stdout.write("answered\n")


if __name__ == "__main__":
    main()
