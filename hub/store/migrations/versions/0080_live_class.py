"""What labs report during a class, who does not want that, and counts of hints."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "live_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_live_report_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_live_report_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_report")),
    )
    op.create_index("ix_live_report_course_lab", "live_report", ["course", "lab"])
    op.create_index(op.f("ix_live_report_learner"), "live_report", ["learner"])
    op.create_table(
        "live_standing",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_live_standing_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_live_standing_learner")),
        sa.PrimaryKeyConstraint("course", "lab", "learner", name=op.f("pk_live_standing")),
    )
    op.create_index(op.f("ix_live_standing_learner"), "live_standing", ["learner"])
    op.create_table(
        "live_choice",
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_live_choice_username")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_live_choice")),
    )
    op.create_table(
        "hint_count",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("task", sa.String(length=80), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_hint_count_course")),
        sa.PrimaryKeyConstraint("course", "lab", "task", "rung", name=op.f("pk_hint_count")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("hint_count", "live_choice", "live_standing", "live_report"):
        op.drop_table(table)
