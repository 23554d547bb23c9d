"""Makes `hidden.json`, what is wrong with replies A to F: `./isomo lab hidden 16`."""

import json
from pathlib import Path

FAULTS = {
    "A": ("number", "2"),
    "B": ("office", "3"),
    "C": ("none", "none"),
    "D": ("source", "3"),
    "E": ("person", "2"),
    "F": ("empty", "all"),
}


def main():
    columns = {
        "reply": list(FAULTS),
        "what": [what for what, _ in FAULTS.values()],
        "where": [where for _, where in FAULTS.values()],
    }
    Path(__file__).with_name("hidden.json").write_text(
        json.dumps(columns, separators=(",", ":")) + "\n", "utf-8"
    )


main()
