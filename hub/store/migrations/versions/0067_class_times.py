"""Times at which classes meet, so that their servers can be started before."""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "class_time",
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["class_group.id"], name=op.f("fk_class_time_class_id")),
        sa.PrimaryKeyConstraint("class_id", name=op.f("pk_class_time")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("class_time")
