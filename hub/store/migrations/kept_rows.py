"""Triggers that keep rows: what people did is added to, never changed."""

from typing import Any


def keep_rows(op: Any, table: str) -> None:
    """From now on, a row of `table` can neither be changed nor removed."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION keep_row()"
    )


def let_rows_change(op: Any, table: str) -> None:
    """Take the triggers of `keep_rows` off a table, for a migration that has to fill a new column."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER keep_{table}_{verb}")
        return
    op.execute(f"DROP TRIGGER keep_{table} ON {table}")
