"""Indexes of what pages and mails look for in an installation of a hundred thousand people."""

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0095"
branch_labels = None
depends_on = None
WITH_PROBLEM = sa.text("problem IS NOT NULL")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(op.f("ix_feedback_return_returned_at"), "feedback_return", ["returned_at"])
    op.create_index(op.f("ix_audit_what"), "audit", ["what"])
    op.create_index(
        "ix_grading_problem", "grading", ["attempt"], sqlite_where=WITH_PROBLEM, postgresql_where=WITH_PROBLEM
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_grading_problem", table_name="grading")
    op.drop_index(op.f("ix_audit_what"), table_name="audit")
    op.drop_index(op.f("ix_feedback_return_returned_at"), table_name="feedback_return")
