"""desk-mails: what an officer could see of each mail, honest ones and false ones, for building a filter."""

import numpy as np
import pandas as pd

from labs.datasets.generators import random_draws

FALSE_SHARE = 0.12
SEEN = {  # How often each sign is there: in false mails, in honest ones.
    "outside": (0.92, 0.50),
    "impersonates": (0.80, 0.01),
    "reply_elsewhere": (0.70, 0.06),
    "link_elsewhere": (0.70, 0.06),
    "urgent": (0.80, 0.30),
    "asks": (0.94, 0.08),
    "misspelt": (0.25, 0.30),
    "attachment": (0.40, 0.50),
}


def generate(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` mails with eight signs, and whether the mail was `false`."""
    table = pd.DataFrame({"received_on": random_draws.draw_days(rng, "2025-02-03", "2025-07-25", rows)})
    false = random_draws.draw_yes(rng, np.full(rows, FALSE_SHARE))
    for sign, (of_false, of_honest) in SEEN.items():
        table[sign] = random_draws.draw_yes(
            rng, np.where(false, of_false, of_honest), by=false.astype(object)
        )
    table["false"] = false
    table.insert(0, "mail_id", [f"M25-{n:05d}" for n in range(1, rows + 1)])
    return table
