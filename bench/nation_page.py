"""The tables of docs/plan-for-a-nation.md, made from the figures and the plans."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bench.bench_courses import ROOT
from bench.nation_figures import ASSUMED, MEASURED, PRICED, SLOTS, Figures, Habits, Prices, figure_rows
from bench.nation_plan import Plan

PAGE = ROOT / "docs" / "plan-for-a-nation.md"
SIZES = (1000, 10_000, 100_000)


def measured_table() -> str:
    """Return the measured figures, each with the bench that measures it."""
    lines = [
        (MEASURED[name][0], number_text(value), f"`./isomo {MEASURED[name][1]}`")
        for name, value in figure_rows(Figures())
    ]
    return markdown_table(("figure", "value", "measured by"), lines)


def assumed_table() -> str:
    """Return what people are taken to do, and the hours of classes."""
    lines = [(ASSUMED[name], number_text(value)) for name, value in figure_rows(Habits())]
    slots = ", ".join(f"{at // 60}:{at % 60:02} {share:.0%}" for at, share in SLOTS)
    return markdown_table(
        ("assumption", "value"), [*lines, ("classes begin at, with the share of classes", slots)]
    )


def priced_table() -> str:
    """Return the prices, each with its source."""
    lines = [(PRICED[name][0], f"{value:g}", PRICED[name][1]) for name, value in figure_rows(Prices())]
    return markdown_table(("price", "euros a month", "source"), lines)


def plans_table(plans: Sequence[Plan]) -> str:
    """Return one column for each plan."""
    lines: list[tuple[str, ...]] = [
        ("servers for learners", *(f"{each.machines} ({each.spare} may fail)" for each in plans)),
        ("installations, each with a hub", *(number_text(each.installations) for each in plans)),
        ("servers for graders", *(number_text(each.graders) for each in plans)),
        ("learners' servers at once", *(number_text(each.servers) for each in plans)),
        ("starts in the fullest minute", *(number_text(each.starts_a_minute) for each in plans)),
        ("wait of 95 of 100, minutes at most", *(number_text(each.wait_p95_min) for each in plans)),
        ("line in the fullest minute, Mbit/s", *(number_text(each.line_mbit) for each in plans)),
        ("homes and submissions, TB", *(number_text(each.storage_tb) for each in plans)),
        ("memory, fullest minute", *(f"{each.memory:.0%}" for each in plans)),
        ("processor, fullest minute", *(f"{each.processor:.0%}" for each in plans)),
        ("**breaks first**", *(f"**{each.breaks_first}**" for each in plans)),
        ("euros a month", *(number_text(round(each.euros)) for each in plans)),
        ("**euros a learner and month**", *(f"**{each.euros_each:.2f}**" for each in plans)),
    ]
    return markdown_table(("", *(f"{each.learners:,} learners" for each in plans)), lines)


def number_text(value: float) -> str:
    """Return a number as people read it.

    >>> number(208404), number(0.046)
    ('208,404', '0.046')
    """
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def markdown_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *lines))


def with_table(page: str, name: str, made: str) -> str:
    """Return the page with the table between the marks of `name` replaced."""
    pattern = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
    return re.sub(pattern, lambda found: found[1] + made + found[2], page, flags=re.DOTALL)


def table_in(page: str, name: str) -> str:
    """Return the table between the marks of `name`; empty if there is none."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    return found[1] if found else ""


def write_tables(plans: Sequence[Plan]) -> None:
    """Write all tables of the page again."""
    page = PAGE.read_text("utf-8")
    made = {"measured": measured_table(), "assumed": assumed_table(), "priced": priced_table()}
    for name, text in {**made, "plans": plans_table(plans)}.items():
        page = with_table(page, name, text)
    PAGE.write_text(page, "utf-8")
