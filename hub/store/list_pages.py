"""One page of a long list, and how many rows the whole list has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def one_page(
    session: Session, query: Any, order: Sequence[Any], page: int, size: int
) -> tuple[list[Any], int]:
    """Return the rows of a page, the first of which is page 0, and the number of all rows.

    One row more than a page is asked for. If it does not come, this page is the last and nothing is counted: a search
    that finds few people reads a hundred thousand names once and not twice.
    """
    rows = session.execute(query.order_by(*order).offset(page * size).limit(size + 1)).all()
    if len(rows) > size or (page and not rows):
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    else:
        total = page * size + len(rows)
    return list(rows[:size]), total
