"""The format in which each kept law is written: what was kept before is files by path, the first format.

A column is added and nothing else is touched: the table keeps its rows and the triggers that guard them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("law_texts", sa.Column("format", sa.Integer(), nullable=False, server_default="1"))
