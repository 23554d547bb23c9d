"""Meetings of a class besides its usual time, each on a day of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "class_meeting",
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["class_id"], ["class_group.id"], name=op.f("fk_class_meeting_class_id")),
        sa.PrimaryKeyConstraint("class_id", "starts_at", name=op.f("pk_class_meeting")),
    )
    op.create_index(op.f("ix_class_meeting_starts_at"), "class_meeting", ["starts_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_class_meeting_starts_at"), table_name="class_meeting")
    op.drop_table("class_meeting")
