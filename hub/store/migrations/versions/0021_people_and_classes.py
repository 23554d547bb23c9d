"""A tree of institutions, archived courses and classes, e-mail, moved attempts, rosters between two steps."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0005"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    # A column with its reference in one statement: a batch would make the table again, and lose what refers to it.
    op.execute(
        "ALTER TABLE institution ADD COLUMN parent VARCHAR(255) "
        "CONSTRAINT fk_institution_parent REFERENCES institution (id)"
    )
    op.create_index(op.f("ix_institution_parent"), "institution", ["parent"], unique=False)
    op.add_column("institution", sa.Column("archived_at", MOMENT, nullable=True))
    op.add_column("person", sa.Column("email", sa.String(length=255), nullable=True))
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    for name in ("track", "intake"):
        op.add_column("course", sa.Column(name, sa.String(length=60), nullable=False, server_default=""))
    op.add_column("course", sa.Column("archived_at", MOMENT, nullable=True))
    op.add_column("course_member", sa.Column("added_by", sa.String(length=32), nullable=True))
    op.add_column(
        "class_group", sa.Column("schedule", sa.String(length=255), nullable=False, server_default="")
    )
    op.add_column("class_group", sa.Column("archived_at", MOMENT, nullable=True))
    op.execute(
        "ALTER TABLE attempt ADD COLUMN moved_from INTEGER CONSTRAINT fk_attempt_moved_from REFERENCES attempt (id)"
    )
    op.create_table(
        "roster_draft",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_roster_draft")),
    )
    op.create_index(op.f("ix_roster_draft_username"), "roster_draft", ["username"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_roster_draft_username"), table_name="roster_draft")
    op.drop_table("roster_draft")
    op.drop_column("attempt", "moved_from")
    op.drop_column("class_group", "archived_at")
    op.drop_column("class_group", "schedule")
    op.drop_column("course_member", "added_by")
    for name in ("archived_at", "intake", "track"):
        op.drop_column("course", name)
    op.drop_index(op.f("ix_person_email"), table_name="person")
    op.drop_column("person", "email")
    op.drop_column("institution", "archived_at")
    op.drop_index(op.f("ix_institution_parent"), table_name="institution")
    op.drop_column("institution", "parent")
