"""Makes `hidden.json`, what the judge knows and learners never have: `./isomo lab hidden 12`.

Needs pandas. Its rows come from the dataset's own generator with another seed: scores of quiet weeks, of the four weeks
in which other people begin to come, and of the months after; what became of the latter; and quiet cases with all columns.
"""

import json
from pathlib import Path

from labs.datasets import build
from labs.datasets.generators.weekly_desk import DRIFT, SILENT_DRIFT
from labs.datasets.registry import datasets

BREAK_ROWS = 1500


def main():
    cases = build.table(datasets()["weekly-desk"], "grader", "it-worked-in-june")
    since = (cases["week_of"] - DRIFT).dt.days // 7
    quiet, full = cases[since < 0], cases[(since >= 4) & (cases["week_of"] < SILENT_DRIFT)]
    some = quiet.sample(BREAK_ROWS, random_state=1)
    hidden = {
        "quiet": quiet["score"].tolist(),
        "ramp": [cases.loc[since == week, "score"].tolist() for week in range(4)],
        "full": full["score"].tolist(),
        "full_urgent": full["urgent"].astype(int).tolist(),
        "rows": {
            name: some[name].astype(int if name in ("urgent", "circumstance_ticked") else float).tolist()
            for name in ("score", "prior_contacts", "words_n", "circumstance_ticked", "urgent")
        },
    }
    text = json.dumps(hidden, separators=(",", ":"))
    Path(__file__).with_name("hidden.json").write_text(text + "\n", "utf-8")


main()
