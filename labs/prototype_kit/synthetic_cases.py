"""The synthetic data that each template begins with, made from the labs' datasets or from invented rules."""

from __future__ import annotations

import datetime as dt
import os
import random
import tomllib
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.data_contract import Column, Contract

RULES = Path(__file__).parent / "templates" / "answers" / "rules.toml"
FIRST_DAY = dt.date(2025, 1, 6)
SEED = 20260101
FORECAST_YEARS = 3
WEEKS = 52
Table = tuple[Contract, list[dict[str, Any]]]


def _columns(text: str) -> Contract:
    """Return columns written as `name type role`, one a line; `!` marks those that must be filled in."""
    made = []
    for line in text.split("\n"):
        if words := line.split():
            made.append(Column(words[0].strip("!"), words[1], words[2], required="!" in words[0]))
    return Contract(tuple(made))


def _from_dataset(name: str, contract: Contract) -> Table:
    from labs.datasets import loader

    if not os.environ.get("ISOMO_DATA") and not loader.INSTALLED.is_dir():
        # A checkout makes the data when it is asked for the first time; images bring it.
        from labs.datasets.learners_data import ready_data

        ready_data()
    table = loader.load(name)
    names = [column.name for column in contract.columns]
    return contract, [dict(zip(names, row, strict=True)) for row in table[names].itertuples(index=False)]


def triage_cases() -> Table:
    """Return cases of a desk that serves the whole country, marked urgent or not."""
    return _from_dataset(
        "urgent-cases",
        _columns("""
            case_id text ignore
            received_on! date time
            channel category feature
            lang category slice
            sex category slice
            district category group
            urban_rural category slice
            service! category feature
            circumstance! category feature
            prior_contacts whole feature
            days_waiting! whole feature
            attachments_n whole feature
            urgent! yes-no target
        """),
    )


def routing_letters() -> Table:
    """Return letters in three languages, with the desk that each belongs to."""
    return _from_dataset(
        "letters",
        _columns("""
            letter_id text ignore
            received_on! date time
            channel category feature
            lang category slice
            sex category slice
            district category group
            text! text feature
            category! category target
        """),
    )


def dedup_pairs() -> Table:
    """Return pairs of payments that share something, marked whether they went to one person."""
    from labs.datasets.loader import load

    contract = _columns("""
        pair text ignore
        paid_on! date time
        district category group
        name_alike! number feature
        same_birthday! yes-no feature
        same_birth_year! yes-no feature
        same_phone! yes-no feature
        same_district! yes-no feature
        same_amount! yes-no feature
        days_apart! whole feature
        one_person! yes-no target
    """)
    blocks: dict[tuple[str, object], list[Any]] = {}
    for row in load("same-citizen").itertuples(index=False):
        for key in (("phone", row.phone), ("born", row.born), ("name", str(row.family)[:5])):
            blocks.setdefault(key, []).append(row)
    pairs = {}
    for rows in blocks.values():
        for one, other in combinations(rows[:12], 2):
            pairs[one.payment_id, other.payment_id] = _pair(one, other)
    return contract, list(pairs.values())


def _pair(one: Any, other: Any) -> dict[str, Any]:
    names = [" ".join(sorted(str(n).lower() for n in (p.given, p.family))) for p in (one, other)]
    return {
        "pair": f"{one.payment_id} {other.payment_id}",
        "paid_on": max(one.paid_on, other.paid_on),
        "district": one.district,
        "name_alike": round(SequenceMatcher(None, names[0], names[1]).ratio(), 3),
        "same_birthday": one.born == other.born,
        "same_birth_year": str(one.born)[:4] == str(other.born)[:4],
        "same_phone": one.phone == other.phone,
        "same_district": one.district == other.district,
        "same_amount": one.amount_rwf == other.amount_rwf,
        "days_apart": abs((one.paid_on - other.paid_on).days),
        "one_person": one.person == other.person,
    }


def forecast_weeks() -> Table:
    """Return weekly requests of each district, with what was known a week before."""
    from labs.datasets.loader import load

    contract = _columns("""
        week_of! date time
        week! date feature
        district! category feature
        region_group category group
        holiday! yes-no feature
        last_week! whole feature
        mean_of_four! number feature
        last_year whole feature
        requests! whole target
    """)
    rows = []
    for district, table in load("weekly-counts").groupby("district"):
        counts, weeks = table["requests"].tolist(), table["week_of"].tolist()
        holidays = table["holiday"].tolist()
        for n in range(max(WEEKS, len(counts) - FORECAST_YEARS * WEEKS), len(counts)):
            rows.append(
                {
                    "week_of": weeks[n],
                    "week": weeks[n],
                    "district": district,
                    "region_group": district,
                    "holiday": holidays[n],
                    "last_week": counts[n - 1],
                    "mean_of_four": sum(counts[n - 4 : n]) / 4,
                    "last_year": counts[n - WEEKS],
                    "requests": counts[n],
                }
            )
    return contract, rows


def answer_questions() -> Table:
    """Return invented questions, each with the rule that answers it; the way of asking is its group."""
    contract = _columns("""
        asked_on! date time
        lang category slice
        way_of_asking category group
        question! text feature
        rule! category target
    """)
    found = tomllib.loads(RULES.read_text("utf-8"))
    made = [
        {"lang": lang, "way_of_asking": f"{lang} {n}", "question": frame.format(matter), "rule": name}
        for name, rule in found["rule"].items()
        for lang in ("en", "fr")
        for n, frame in enumerate(found["frames"][lang])
        for matter in rule[f"asked_{lang}"]
    ]
    random.Random(SEED).shuffle(made)  # noqa: S311 - an order, no secret
    return contract, [{"asked_on": FIRST_DAY + dt.timedelta(days=n // 2)} | row for n, row in enumerate(made)]


def answer_labels() -> dict[str, dict[str, str]]:
    """Return the text of each invented rule in both languages."""
    rules = tomllib.loads(RULES.read_text("utf-8"))["rule"]
    return {name: {"en": rule["en"], "fr": rule["fr"]} for name, rule in rules.items()}


CASES: dict[str, Callable[[], Table]] = {
    "triage": triage_cases,
    "routing": routing_letters,
    "dedup": dedup_pairs,
    "forecast": forecast_weeks,
    "answers": answer_questions,
}
