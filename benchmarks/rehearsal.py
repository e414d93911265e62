"""Records the measured steps once through the real API, in this process, and notes what it wrote."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from adjudicate import db
from adjudicate.api.app import create_app
from benchmarks.office import STEPS, BenchOffice, case_name, fresh_key
from benchmarks.template import Step, Template, difference, snapshot

if TYPE_CHECKING:
    from typing import Any

REHEARSED = 999_999_999


def rehearse(office: BenchOffice) -> Template:
    """The steps as the real API records them in a copy of the case. Raises RuntimeError when it refuses one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    case_id = case_name(REHEARSED)
    office.copy(REHEARSED, 1)
    client = TestClient(create_app(registry=office.registry))
    version, steps = office.version, []
    for number in range(len(STEPS)):
        before = _seen(office, case_id)
        headers = {
            "Authorization": f"Bearer {office.token}",
            "If-Match": f'"{version}-0"',
            "Idempotency-Key": fresh_key(),
        }
        answer = client.post(f"/v1/cases/{case_id}/events", json=office.body(number), headers=headers)
        if answer.status_code != 201:
            raise RuntimeError(f"{STEPS[number]['event']} was refused: {answer.text}")
        reached = int(answer.json()["version"])
        written = difference(before, _seen(office, case_id))
        steps.append(Step(STEPS[number]["event"], office.body(number), version, reached, written))
        version = reached
    return Template(case_id, office.token, tuple(steps))


def _seen(office: BenchOffice, case_id: str) -> dict[str, Any]:
    with db.reading(office.registry.engine) as tx:
        return snapshot(tx, case_id)
