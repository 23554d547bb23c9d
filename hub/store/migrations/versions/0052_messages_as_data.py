"""Messages of graded work as data, a key and facts; null in rows from before, which keep their English sentence."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TABLES = ("verdict", "grading", "regrade_item")


def upgrade() -> None:
    """Bring the schema forward."""
    for table in TABLES:
        op.add_column(table, sa.Column("said", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Take it back; the English sentence of every row is in the column next to it."""
    for table in TABLES:
        op.drop_column(table, "said")
