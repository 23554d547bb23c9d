"""Track and prerequisites of a released lab, for the lists of learners."""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0098"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("lab_version") as batch:
        batch.add_column(sa.Column("track", sa.String(length=20), nullable=False, server_default=""))
        batch.add_column(sa.Column("builds_on", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("lab_version") as batch:
        batch.drop_column("builds_on")
        batch.drop_column("track")
