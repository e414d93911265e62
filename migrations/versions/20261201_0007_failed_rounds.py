"""Failed rounds of a worker are counted for good, and apart from that in a row.

A column with a default is added and nothing else is touched; a worker of before goes on writing its row without it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "worker_heartbeats", sa.Column("failed_in_a_row", sa.BigInteger(), nullable=False, server_default="0")
    )
