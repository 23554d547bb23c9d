"""Indexes of closed accounts and of people by role."""

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0099"
branch_labels = None
depends_on = None
CLOSED = sa.text("disabled_at IS NOT NULL")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_person_closed", "person", ["username"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    op.create_index("ix_person_role_role", "person_role", ["role", "username"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_person_role_role", table_name="person_role")
    op.drop_index("ix_person_closed", table_name="person")
