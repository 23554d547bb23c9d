"""The eight foreign keys that nbgrader's schema looks things up by, and has no index for."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The other foreign keys come first in a unique constraint, which is an index.
KEYS = (
    ("assignment", "course_id"),
    ("notebook", "assignment_id"),
    ("base_cell", "notebook_id"),
    ("source_cell", "notebook_id"),
    ("submitted_assignment", "student_id"),
    ("submitted_notebook", "assignment_id"),
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
)


def upgrade() -> None:
    """Add them."""
    for table, column in KEYS:
        op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)


def downgrade() -> None:
    """Take them away."""
    for table, column in KEYS:
        op.drop_index(f"ix_{table}_{column}", table)
