"""What is wrong with the triggers that keep history from being edited, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adjudicate.verification.findings import Finding
from adjudicate.verification.queries import guards_in_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def trigger_findings(tx: Connection) -> Iterator[Finding]:
    """Every trigger of the migrations is in place and in force, and nothing else acts on the tables."""
    for trigger in guards_in_place.broken_guards(tx):
        yield Finding.of_all(f"触发器 {trigger} 缺失、停用或被改动", f"trigger {trigger} is missing, off or changed")
    for table, name in guards_in_place.strangers(tx):
        yield Finding.of_all(
            f"表 {table} 上有并非由本系统建立的触发器、规则或行级安全：{name}",
            f"a trigger, a rule or row security on {table} was not made by this program: {name}",
        )
    if guards_in_place.switched_off(tx):
        yield Finding.of_all(
            "数据库设置 session_replication_role 使全部触发器不起作用",
            "the setting session_replication_role of the database switches all triggers off",
        )
