"""Opening times, late work, rulings about flags, second marks, appeals, and regrades that an agent prepares."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from hub.store.migrations.kept_rows import keep_rows

revision = "0055"
down_revision = "0052"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KEPT = ("late_work", "flag_ruling", "second_mark")


def _number() -> "sa.Column[Any]":
    return sa.Column("id", sa.Integer(), nullable=False)


def _task() -> "sa.Column[Any]":
    return sa.Column("grade_id", sa.String(length=255), nullable=False)


def _given() -> "list[sa.Column[Any]]":
    return [
        sa.Column("given_by", sa.String(length=255), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
    ]


def _of_an_attempt(table: str, *columns: Any) -> None:
    op.create_table(
        table,
        _number(),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f(f"fk_{table}_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_attempt"), table, ["attempt"])


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("release", sa.Column("opens_at", MOMENT, nullable=True))
    op.add_column("release", sa.Column("grace_minutes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "release", sa.Column("late_policy", sa.String(length=16), nullable=False, server_default="refused")
    )
    op.add_column("release", sa.Column("points_per_day", sa.Float(), nullable=False, server_default="0"))
    op.add_column("release", sa.Column("late_days", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feedback_return", sa.Column("last_late", sa.Integer(), nullable=True))
    op.add_column("regrade", sa.Column("wanted_at", MOMENT, nullable=True))
    op.create_table(
        "class_schedule",
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("opens_at", MOMENT, nullable=True),
        sa.Column("closes_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["class_id"], ["class_group.id"], name=op.f("fk_class_schedule_class_id")),
        sa.PrimaryKeyConstraint("class_id", "lab", name=op.f("pk_class_schedule")),
    )
    op.create_table(
        "extra_time",
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        *_given(),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_extra_time_username")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_extra_time")),
    )
    _of_an_attempt(
        "late_work",
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("points_off", sa.Float(), nullable=False),
        *_given(),
    )
    _of_an_attempt(
        "flag_ruling",
        _task(),
        sa.Column("flags_sha256", sa.String(length=64), nullable=False),
        sa.Column("ruling", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_given(),
    )
    _of_an_attempt("second_mark", _task(), sa.Column("score", sa.Float(), nullable=False), *_given())
    _of_an_attempt(
        "appeal",
        _task(),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_by", sa.String(length=255), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
    )
    op.create_table(
        "course_note",
        _number(),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=255), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_course_note_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_course_note_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_note")),
    )
    op.create_index(op.f("ix_course_note_learner"), "course_note", ["learner"])
    for table in KEPT:
        keep_rows(op, table)


def downgrade() -> None:
    """Take it back."""
    for table in ("course_note", "appeal", *reversed(KEPT), "extra_time", "class_schedule"):
        op.drop_table(table)
    op.drop_column("regrade", "wanted_at")
    op.drop_column("feedback_return", "last_late")
    for column in ("late_days", "points_per_day", "late_policy", "grace_minutes", "opens_at"):
        op.drop_column("release", column)
