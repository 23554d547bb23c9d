"""The place at which a class meets."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("class_time", sa.Column("place", sa.String(length=60), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("class_time", "place")
