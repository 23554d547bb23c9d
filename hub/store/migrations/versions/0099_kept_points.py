"""Points of each learner at each lab, kept up to date in the transactions that change them."""

import sqlalchemy as sa
from alembic import op

from hub.store.migrations.noted_changes import note_changes, note_no_changes

revision = "0099"
down_revision = "0101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward. All work is noted as changed: `Store.migrate` counts its points."""
    whole = [
        sa.Column(name, sa.Integer(), nullable=False) for name in ("to_mark", "late_days", "flags", "changed")
    ]
    op.create_table(
        "kept_points",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("grading", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("most", sa.Float(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("points_off", sa.Float(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        *whole,
        sa.PrimaryKeyConstraint("course", "learner", "lab", name=op.f("pk_kept_points")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_kept_points_course_lab", "kept_points", ["course", "lab", "to_mark", "flags"])
    op.create_index("ix_kept_points_course_changed", "kept_points", ["course", "changed"])
    op.create_table(
        "points_version",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("course", name=op.f("pk_points_version")),
    )
    op.create_table(
        "points_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_change")),
    )
    note_changes(op)
    op.execute(
        "INSERT INTO points_change (course, lab, learner) SELECT DISTINCT course, lab, learner FROM attempt"
    )


def downgrade() -> None:
    """Take it back."""
    note_no_changes(op)
    for table in ("points_change", "points_version", "kept_points"):
        op.drop_table(table)
