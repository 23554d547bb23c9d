"""Certificates, and what a course asks for before it issues one."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "certificate",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("learner", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(length=255), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(length=255), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_certificate_course")),
        sa.ForeignKeyConstraint(["learner"], ["person.username"], name=op.f("fk_certificate_learner")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_certificate")),
    )
    op.create_index(op.f("ix_certificate_course"), "certificate", ["course"])
    op.create_index(op.f("ix_certificate_learner"), "certificate", ["learner"])
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_certificate_valid",
        "certificate",
        ["course", "learner"],
        unique=True,
        sqlite_where=valid,
        postgresql_where=valid,
    )
    op.create_table(
        "certificate_rule",
        sa.Column("course", sa.String(length=60), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("all_labs", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_certificate_rule_course")),
        sa.PrimaryKeyConstraint("course", name=op.f("pk_certificate_rule")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("certificate_rule")
    op.drop_table("certificate")
