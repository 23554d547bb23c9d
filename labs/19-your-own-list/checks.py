"""What a learner may run: the columns of the own list, its base rate by door, a first baseline, and instant checks."""

import re

from labs.kit import lab, plots
from labs.kit.checking import check, not_attempted, not_yet, order_verdict, passed
from shared import (
    FEWEST_IN_GROUP,
    MOST_ENTRIES,
    ORDER,
    WRONG_STEPS,
    group_verdict,
    picked_verdict,
    shape_verdict,
)

LIKE_A_PERSON = re.compile(r"(?:\d[ .-]?){9,}|\+?250|\S+@\S+\.\w+")


# The list, as numbers only: what these return may go with the work.


def is_there(table):
    """Whether there is a list with rows."""
    return table is not None and hasattr(table, "columns") and len(table) > 0


def shape_of(table):
    """How large the list is, and how many of its columns can be counted; None without a list."""
    if table is None or not hasattr(table, "columns"):
        return None
    countable = sum(
        2 <= table[name].nunique() <= max(MOST_ENTRIES, len(table) // 3) for name in table.columns
    )
    return {"rows": len(table), "columns": len(table.columns), "countable": int(countable)}


def named(table, name):
    """The column of this name, in whatever capitals it was written; None if there is none."""
    if not isinstance(name, str):
        return None
    near = [one for one in table.columns if same_text(one, name)]
    return name if name in table.columns else near[0] if near else None


def picked_of(table, question, door):
    """Counts of two columns; None before any was named."""
    if question is None and door is None:
        return None
    if not is_there(table):
        return {"known": False, "list": False}
    if question is None or door is None:
        return {"known": False, "both": False}
    given = question, door
    question, door = named(table, question), named(table, door)
    if question is None or door is None:
        entries = {str(one) for name in table.columns for one in table[name].dropna().unique()}
        strange = [one for one in given if named(table, one) is None]
        return {"known": False, "entry": all(isinstance(one, str) and one in entries for one in strange)}
    values, doors = table[question].dropna(), table[door].dropna()
    found = {
        "known": True,
        "same": question == door,
        "values": int(values.nunique()),
        "doors": int(doors.nunique()),
    }
    found["smallest"] = int(doors.value_counts().min()) if len(doors) else 0
    found["biggest_share"] = (
        round(float(values.value_counts(normalize=True).max()), 3) if len(values) else 1.0
    )
    return found


def common_entry(table, question):
    """The most common entry of a column."""
    question = named(table, question)
    return table[question].value_counts().index[0]


def by_group(table, question, door):
    """For each group of the door: rows, and the share that has the most common entry."""
    question, door = named(table, question), named(table, door)
    entry = common_entry(table, question)
    right = (table[question] == entry).groupby(table[door])
    return [(name, int(n), float(share)) for (name, n), share in zip(right.size().items(), right.mean())]


def can_be_counted(table, question, door):
    """Whether both columns are there and can be counted."""
    key, _ = picked_verdict(picked_of(table, question, door))
    return key == "passed"


def same_text(one, other):
    """Return whether two entries read the same: spaces around them and capitals do not count."""
    return str(one).strip().casefold() == str(other).strip().casefold()


def group_of(table, question, door, worst):
    """How a group of the door is served; None before one was named."""
    if worst is None:
        return None
    if not can_be_counted(table, question, door):
        return {"known": False, "counted": False}
    groups = by_group(table, question, door)
    ours = [one for one in groups if same_text(one[0], worst)]
    if not ours:
        return {"known": False}
    large = [share for _, rows, share in groups if rows >= FEWEST_IN_GROUP]
    _, rows, right = ours[0]
    everywhere = float((table[named(table, question)] == common_entry(table, question)).mean())
    worst_of_all = bool(large) and right <= min(large) + 1e-9
    found = {"known": True, "rows": rows, "worst": worst_of_all}
    return found | {"right_share": round(right, 4), "all_share": round(everywhere, 4)}


# What the cells show; none of it is handed in.


def columns_of(table):
    """The columns of the list, and a warning where one looks like persons."""
    if not is_there(table):
        return plots.text(lab.say("no_list"))
    rows, personal = [], []
    for name in table.columns:
        column = table[name]
        is_number = column.dtype.kind in "if"
        if not is_number and column.dropna().astype(str).str.contains(LIKE_A_PERSON).mean() > 0.2:
            personal.append(str(name))
        kind = lab.say("kind_number" if is_number else "kind_text")
        rows.append([name, kind, int(column.nunique()), int(column.isna().sum())])
    shown = plots.table([lab.say(key) for key in ("column", "kind", "different", "empty")], rows)
    return shown + plots.text(lab.say("personal", names=", ".join(personal))) if personal else shown


def base_rate(table, question, door):
    """How often each entry comes, and the rows of each group of the door."""
    if not can_be_counted(table, question, door):
        return plots.text(lab.say("first_pick" if question is None and door is None else "cannot_count"))
    question, door = named(table, question), named(table, door)
    counts = table[question].value_counts()
    rows = [[entry, int(n), lab.share(n / counts.sum())] for entry, n in counts.items()]
    shown = plots.table([lab.say("entry"), lab.say("rows"), lab.say("share")], rows)
    doors = table[door].value_counts()
    groups = [[name, int(n), lab.share(n / doors.sum())] for name, n in doors.items()]
    return shown + plots.table([lab.say("group"), lab.say("rows"), lab.say("share")], groups)


def baseline(table, question, door):
    """The most common entry, measured on a fifth of the rows; and how each group of the door is served."""
    if not can_be_counted(table, question, door):
        return plots.text(lab.say("pick_first"))
    question, door = named(table, question), named(table, door)
    filled = table.dropna(subset=[question])
    aside = filled.sample(frac=0.2, random_state=0)
    known = filled.drop(aside.index)
    entry = common_entry(known, question)
    facts = {"known": len(known), "aside": len(aside), "entry": str(entry)}
    said = lab.say("baseline", right_share=float((aside[question] == entry).mean()), **facts)
    rows = [[name, n, lab.share(share)] for name, n, share in by_group(table, question, door)]
    head = [
        lab.say("group"),
        lab.say("rows"),
        lab.say("has_common", entry=str(common_entry(table, question))),
    ]
    return plots.text(said) + plots.table(head, rows)


# The checks: on shapes only.


@check("own")
def list_is_there(answers):
    key, facts = shape_verdict(answers.shape)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@check("pick")
def columns_are_picked(answers):
    key, facts = picked_verdict(answers.picked)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)


@check("t3")
def steps_in_order(answers):
    return order_verdict(answers.steps, ORDER, WRONG_STEPS)


@check("b")
def group_is_served_worst(answers):
    key, facts = group_verdict(answers.group)
    if key is None:
        return not_attempted()
    return passed(**facts) if key == "passed" else not_yet(key, **facts)
