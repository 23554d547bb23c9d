"""Marks that are signed off or not returned yet, closing times of single learners, and labs in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "marks_signoff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("table", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.String(length=255), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=255), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_marks_signoff_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks_signoff")),
    )
    op.create_index(op.f("ix_marks_signoff_course"), "marks_signoff", ["course"])
    op.add_column("feedback_return", sa.Column("last_mark", sa.Integer(), nullable=True))
    op.create_table(
        "extension",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.String(length=255), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_extension_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_extension_learner")),
        sa.PrimaryKeyConstraint("course", "lab", "learner", name=op.f("pk_extension")),
    )
    op.add_column("lab_version", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_extension_learner"), "extension", ["learner"])


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("lab_version", schema=None) as batch_op:
        batch_op.drop_column("number")
    op.drop_table("extension")
    op.drop_column("feedback_return", "last_mark")
    op.drop_table("marks_signoff")
