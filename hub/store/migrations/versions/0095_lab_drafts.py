"""Drafts of labs, and labs that were renamed or withdrawn in their course."""

import sqlalchemy as sa
from alembic import op

revision = "0095"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "lab_draft",
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("files_bundle", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("saved_by", sa.String(length=255), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_bundle", sa.String(length=64), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("built_bundle", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=255), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_lab_draft_course")),
        sa.PrimaryKeyConstraint("course", "lab", name=op.f("pk_lab_draft")),
    )
    op.add_column("release", sa.Column("own_title", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("release", sa.Column("own_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("release", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("release") as table:
        table.drop_column("withdrawn_at")
        table.drop_column("own_minutes")
        table.drop_column("own_title")
    op.drop_table("lab_draft")
