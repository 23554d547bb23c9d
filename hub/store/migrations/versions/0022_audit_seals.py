"""Seals on the audit log, and refused requests as counts."""

import sqlalchemy as sa
from alembic import op

from hub.store.audit_seal import entry_seal
from hub.store.migrations.kept_rows import keep_rows, let_rows_change
from hub.store.table_models import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
BATCH = 5000


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("audit", sa.Column("seal", sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "refusal",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=255), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "who", "address", "kind", name=op.f("pk_refusal")),
    )
    let_rows_change(op, "audit")
    seal_what_is_there()
    keep_rows(op, "audit")


def seal_what_is_there() -> None:
    """Seal the entries that were written before there were seals, some thousands at a time."""
    table = sa.table(
        "audit",
        sa.column("id", sa.Integer),
        sa.column("at", Instant()),
        *(sa.column(name, sa.String) for name in ("who", "what", "object", "address", "seal")),
    )
    bind, seal, last, entries = op.get_bind(), "", 0, 0
    query = sa.select(table).where(table.c.id > sa.bindparam("last")).order_by(table.c.id).limit(BATCH)
    change = sa.update(table).where(table.c.id == sa.bindparam("key")).values(seal=sa.bindparam("new"))
    while rows := bind.execute(query, {"last": last}).all():
        changes = []
        for row in rows:
            seal = entry_seal(seal, row)
            changes.append({"key": row.id, "new": seal})
        bind.execute(change, changes)
        last, entries = rows[-1].id, entries + len(rows)
    head = sa.table("audit_head", sa.column("id"), sa.column("entries"), sa.column("seal"))
    bind.execute(head.insert().values(id=1, entries=entries, seal=seal))


def downgrade() -> None:
    """Take it back."""
    op.drop_table("refusal")
    op.drop_table("audit_head")
    op.drop_column("audit", "seal")
