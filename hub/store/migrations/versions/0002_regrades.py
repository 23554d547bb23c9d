"""Regrades, proposed before they count."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("lab_version", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.String(length=255), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=255), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_regrade_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    op.create_table(
        "regrade_item",
        sa.Column("regrade", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(length=255), nullable=False),
        sa.Column("notebook", sa.String(length=64), nullable=False),
        sa.Column("feedback", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("cpu_seconds", sa.Float(), nullable=False),
        sa.Column("wall_seconds", sa.Float(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["regrade"], ["regrade.id"], name=op.f("fk_regrade_item_regrade")),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_regrade_item_attempt")),
        sa.ForeignKeyConstraint(["base"], ["grading.id"], name=op.f("fk_regrade_item_base")),
        sa.ForeignKeyConstraint(["made"], ["grading.id"], name=op.f("fk_regrade_item_made")),
        sa.PrimaryKeyConstraint("regrade", "attempt", name=op.f("pk_regrade_item")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("regrade_item")
    op.drop_table("regrade")
