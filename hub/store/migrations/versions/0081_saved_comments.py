"""Comments that trainers keep for a task."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "saved_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("grade_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_saved_comment_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_comment")),
    )
    op.create_index("ix_saved_comment_task", "saved_comment", ["course", "lab", "grade_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("saved_comment")
