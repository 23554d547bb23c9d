"""Triggers that note whose points a new or removed row changes; the store counts them again before it commits."""

from typing import Any

PARTS = ("grading", "mark", "late_work", "flag_ruling")
"""Tables whose rows are about an attempt and change its points. Verdicts come and go with their grading."""


def note_changes(op: Any) -> None:
    """From now on, each row that comes or goes notes a change of points."""
    for name, table, verb, statement in _triggers():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON {table} BEGIN {statement}; END")
            continue
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {statement}; RETURN NULL; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def note_no_changes(op: Any) -> None:
    """Take the triggers of `note_changes` off."""
    for name, table, _verb, _statement in _triggers():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
            continue
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")


def _triggers() -> list[tuple[str, str, str, str]]:
    """Return name, table, event and statement of each trigger."""
    into, found = "INSERT INTO points_change (course, lab, learner)", []
    for verb, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        end = verb.lower()
        values = f"{into} VALUES ({row}.course, {row}.lab, {row}.learner)"
        found.append((f"note_attempt_{end}", "attempt", verb, values))
        chosen = f"{into} SELECT course, lab, learner FROM attempt WHERE id = {row}.attempt"  # noqa: S608 - our words
        found += [(f"note_{table}_{end}", table, verb, chosen) for table in PARTS]
    return found
