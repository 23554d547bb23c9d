"""Lines of a learning platform's gradebook."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "lti_line",
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("course", sa.String(length=255), nullable=False),
        sa.Column("lab", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("line_item", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_return", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("problem", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["username"], ["person.username"], name=op.f("fk_lti_line_username")),
        sa.ForeignKeyConstraint(["course"], ["course.id"], name=op.f("fk_lti_line_course")),
        sa.PrimaryKeyConstraint("username", "course", "lab", name=op.f("pk_lti_line")),
    )
    op.create_index(op.f("ix_lti_line_next_try"), "lti_line", ["next_try"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f("ix_lti_line_next_try"), table_name="lti_line")
    op.drop_table("lti_line")
