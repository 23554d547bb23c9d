"""Identities at a provider, second factors, announcements; tokens of the hub in sessions are sealed from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["person.username"], name=op.f("fk_external_identity_username")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_external_identity")),
    )
    op.create_index(op.f("ix_external_identity_username"), "external_identity", ["username"])
    op.create_table(
        "second_factor",
        sa.Column("username", sa.String(32), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("spare_codes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_second_factor_username")),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    # Open sessions hold their token in clear; a browser without one is signed in again through the hub, unasked.
    op.execute("DELETE FROM web_session")


def downgrade() -> None:
    """Take it back."""
    op.execute("DELETE FROM web_session")
    op.drop_table("announcement")
    op.drop_table("second_factor")
    op.drop_index(op.f("ix_external_identity_username"), table_name="external_identity")
    op.drop_table("external_identity")
