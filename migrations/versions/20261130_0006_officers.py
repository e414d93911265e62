"""Who is in charge of a case: a list of the officers to whom it was assigned, and on the case the present one.

A table and a column are added and nothing else is touched. It imports nothing of the product, so that it does the same
for ever.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GUARDED: dict[str, str | None] = {"case_officers": None}


def upgrade() -> None:
    op.create_table(
        "case_officers",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("assigned_by", sa.String(length=64), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_case_officers_actor_actors")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_officers_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_case_officers")),
    )
    op.add_column("cases", sa.Column("officer", sa.String(length=64), nullable=True))
    dialect = op.get_bind().dialect.name
    for operation in ("update", "delete") if dialect == "sqlite" else ("update", "delete", "truncate"):
        op.execute(guard(dialect, operation))


def guard(dialect: str, operation: str) -> str:
    head = f"CREATE TRIGGER history_case_officers_{operation} BEFORE {operation.upper()} ON case_officers FOR EACH"
    if dialect == "sqlite":
        return f"{head} ROW BEGIN SELECT RAISE(ABORT, 'history in case_officers is only added to'); END"
    each = "STATEMENT" if operation == "truncate" else "ROW"
    return f"{head} {each} EXECUTE FUNCTION adjudicate_refuse()"
