"""The first schema."""

import sqlalchemy as sa
from alembic import op

from hub.store.migrations.kept_rows import keep_rows

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_who"), ["who"], unique=False)

    op.create_table(
        "institution",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
    )
    op.create_table(
        "web_session",
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("hub_token", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_web_session")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_session_username"), ["username"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("institution", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["institution"], ["institution.id"], name=op.f("fk_course_institution")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_institution"), ["institution"], unique=False)

    op.create_table(
        "person",
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("institution", sa.String(length=255), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["institution"], ["institution.id"], name=op.f("fk_person_institution")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_institution"), ["institution"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=32), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_attempt_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_attempt_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "course", "lab", "learner", "number", name=op.f("uq_attempt_course_lab_learner_number")
        ),
        sa.UniqueConstraint("receipt", name=op.f("uq_attempt_receipt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_learner", ["learner"], unique=False)

    op.create_table(
        "class_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_class_group_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_group")),
        sa.UniqueConstraint("course", "title", name=op.f("uq_class_group_course_title")),
    )
    op.create_table(
        "course_member",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_course_member_course")),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_course_member_username")),
        sa.PrimaryKeyConstraint("course", "username", "role", name=op.f("pk_course_member")),
    )
    with op.batch_alter_table("course_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_member_username"), ["username"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_invitation_username")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_invitation")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_username"), ["username"], unique=False)

    op.create_table(
        "lab_version",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("release_bundle", sa.String(length=64), nullable=False),
        sa.Column("source_bundle", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_lab_version_course")),
        sa.PrimaryKeyConstraint("course", "lab", "version", name=op.f("pk_lab_version")),
    )
    op.create_table(
        "person_role",
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_person_role_username")),
        sa.PrimaryKeyConstraint("username", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "release",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("lab", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_release_course")),
        sa.PrimaryKeyConstraint("course", "lab", name=op.f("pk_release")),
    )
    op.create_table(
        "class_member",
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["class_group.id"], name=op.f("fk_class_member_class_id")),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_class_member_username")),
        sa.PrimaryKeyConstraint("class_id", "username", name=op.f("pk_class_member")),
    )
    with op.batch_alter_table("class_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_class_member_username"), ["username"], unique=False)

    op.create_table(
        "grading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("lab_version", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.String(length=255), nullable=False),
        sa.Column("notebook", sa.String(length=64), nullable=False),
        sa.Column("feedback", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("cpu_seconds", sa.Double(), nullable=False),
        sa.Column("wall_seconds", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_grading_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading")),
        sa.UniqueConstraint("attempt", "run", name=op.f("uq_grading_attempt_run")),
    )
    op.create_table(
        "grading_request",
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_grading_request_attempt")),
        sa.PrimaryKeyConstraint("attempt", "run", name=op.f("pk_grading_request")),
    )
    with op.batch_alter_table("grading_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grading_request_done"), ["done"], unique=False)

    op.create_table(
        "lease",
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=255), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_lease_attempt")),
        sa.PrimaryKeyConstraint("attempt", name=op.f("pk_lease")),
    )
    op.create_table(
        "mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.String(length=255), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_by", sa.String(length=255), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt"], ["attempt.id"], name=op.f("fk_mark_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
    )
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mark_attempt"), ["attempt"], unique=False)

    op.create_table(
        "feedback_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grading", sa.Integer(), nullable=False),
        sa.Column("feedback", sa.String(length=64), nullable=True),
        sa.Column("returned_by", sa.String(length=255), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["grading"], ["grading.id"], name=op.f("fk_feedback_return_grading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_return")),
    )
    with op.batch_alter_table("feedback_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_return_grading"), ["grading"], unique=False)

    op.create_table(
        "verdict",
        sa.Column("grading", sa.Integer(), nullable=False),
        sa.Column("grade_id", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("max_score", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["grading"], ["grading.id"], name=op.f("fk_verdict_grading")),
        sa.PrimaryKeyConstraint("grading", "grade_id", name=op.f("pk_verdict")),
    )
    for table in ("attempt", "grading", "verdict", "mark", "feedback_return", "audit"):
        keep_rows(op, table)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("verdict")
    with op.batch_alter_table("feedback_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_return_grading"))

    op.drop_table("feedback_return")
    with op.batch_alter_table("mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mark_attempt"))

    op.drop_table("mark")
    op.drop_table("lease")
    with op.batch_alter_table("grading_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grading_request_done"))

    op.drop_table("grading_request")
    op.drop_table("grading")
    with op.batch_alter_table("class_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_class_member_username"))

    op.drop_table("class_member")
    op.drop_table("release")
    op.drop_table("person_role")
    op.drop_table("lab_version")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_username"))

    op.drop_table("invitation")
    with op.batch_alter_table("course_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_member_username"))

    op.drop_table("course_member")
    op.drop_table("class_group")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_learner")

    op.drop_table("attempt")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_institution"))

    op.drop_table("person")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_institution"))

    op.drop_table("course")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_username"))
        batch_op.drop_index(batch_op.f("ix_web_session_expires_at"))

    op.drop_table("web_session")
    op.drop_table("institution")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_who"))
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
