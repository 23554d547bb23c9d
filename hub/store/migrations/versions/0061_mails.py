"""Mails that wait to be sent, and which kinds a person does not want."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "mail_choice",
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_mail_choice_username")),
        sa.PrimaryKeyConstraint("username", "kind", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_mail_username")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("username", "kind", "about", name=op.f("uq_mail_username_kind_about")),
    )
    op.create_index(op.f("ix_mail_username"), "mail", ["username"])
    op.create_index(op.f("ix_mail_next_try"), "mail", ["next_try"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("mail")
    op.drop_table("mail_choice")
