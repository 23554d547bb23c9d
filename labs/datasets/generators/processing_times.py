"""processing-times: how many days each file took, what was known when it came in, and what only later."""

import numpy as np
import pandas as pd

from labs.datasets.generators import district_places, letter_writers, random_draws

KINDS = {"certificate": 0.38, "correction": 0.17, "land": 0.25, "building": 0.12, "licence": 0.08}
DAYS = {"certificate": 1.43, "correction": 1.98, "land": 2.6, "building": 2.78, "licence": 2.17}
BY_CHANNEL = {"self": -0.15, "agent": 0.05, "office": 0.0, "outreach": 0.25, "phone": 0.1}
SPREAD = 0.61
PER_REMINDER, PER_MISSING_PAPER = 0.28, 0.22
NEW_SYSTEM = pd.Timestamp("2025-07-01")
# From July on, files that were slow become slower and quick ones quicker: the order changes, not only the level.
AFTER = {"certificate": 0.85, "correction": 0.5, "land": 0.22, "building": 0.1, "licence": 0.7}


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` closed files; `days_to_close` is what labs predict, `reminders_sent` is known only afterwards."""
    where = district_places.draw_places(rng, rows)
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-01-06", "2025-12-19", rows)})
    table["channel"] = letter_writers.draw_channels(rng, where["urban_rural"])
    table = pd.concat([table, where, letter_writers.draw_writers(rng, rows)[["lang"]]], axis=1)
    table["kind"] = random_draws.draw_shares(rng, KINDS, rows)
    table["missing_papers"] = np.minimum(rng.poisson(0.5, rows), 3)
    table["queue_length"] = np.round(
        60 + 25 * np.sin(table["received_on"].dt.day_of_year / 29) + rng.normal(0, 8, rows)
    )
    reminders = rng.poisson(1.1, rows)
    log_days = (
        table["kind"].map(DAYS).to_numpy()
        + table["channel"].map(BY_CHANNEL).to_numpy()
        + PER_MISSING_PAPER * table["missing_papers"].to_numpy()
        + 0.006 * (table["queue_length"].to_numpy() - 60)
        + PER_REMINDER * (reminders - 1.1)
        + SPREAD * random_draws.draw_normal(rng, rows)
        + np.where(table["received_on"] >= NEW_SYSTEM, table["kind"].map(AFTER), 0.0)
    )
    table["days_to_close"] = np.clip(np.ceil(np.exp(log_days)), 1, 180).astype(int)
    table["reminders_sent"] = reminders + rng.binomial(np.minimum(table["days_to_close"] // 4, 14), 0.5)
    table["fee_rwf"] = written_fees(rng, table["kind"].to_numpy())
    table["queue_length"] = table["queue_length"].mask(random_draws.draw_yes(rng, np.full(rows, 0.12)))
    table["missing_papers"] = (
        table["missing_papers"].astype(float).mask(random_draws.draw_yes(rng, np.full(rows, 0.1)))
    )
    table.insert(0, "case_id", [f"T25-{n:05d}" for n in range(1, rows + 1)])
    return table


def written_fees(rng: np.random.Generator, kind: np.ndarray) -> np.ndarray:
    """Fees as typed or scanned: some with l for 1 and O for 0, so that the column is text."""
    usual = {"certificate": 1000, "correction": 1500, "land": 30000, "building": 60000, "licence": 10000}
    fees = np.array([str(usual[k]) for k in kind], dtype=object)
    misread = random_draws.draw_yes(rng, np.full(len(kind), 0.08))
    fees[misread] = [fee.replace("0", "O").replace("1", "l") for fee in fees[misread]]
    return fees
