"""Counts of failed tries to grade an attempt, and results in which something could not be checked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("lease", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    unchecked = sa.text("outcome = 'could-not-check'")
    op.create_index(
        "ix_verdict_unchecked", "verdict", ["grading"], sqlite_where=unchecked, postgresql_where=unchecked
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_verdict_unchecked", table_name="verdict")
    with op.batch_alter_table("lease", schema=None) as batch_op:
        batch_op.drop_column("tries")
