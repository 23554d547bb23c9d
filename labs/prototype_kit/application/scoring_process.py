"""A process that holds one version's model: columns in, columns of decisions out, one JSON line each.

The application starts it for the first case and ends it after some quiet minutes, so an idle application holds no
scikit-learn. It is given no token and no environment of the application.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labs.prototype_kit.application.column_checks import CheckedColumns
    from labs.prototype_kit.application.decisions import DecidedColumns


def main(folder: Path) -> None:
    """Answer requests on standard input until it ends."""
    from labs.prototype_kit.application.column_checks import check_columns
    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.decisions import decide_columns
    from labs.prototype_kit.application.model_file import load_model, read_facts
    from labs.prototype_kit.application.sentences import PrototypeError

    about = json.loads((folder / "version.json").read_text("utf-8"))
    try:
        model = load_model(folder, about["model_sha256"])
    except PrototypeError as error:
        _tell({"fault": error.text, "facts": {key: str(value) for key, value in error.facts.items()}})
        return
    contract, facts = read_contract(folder / "contract.toml"), read_facts(folder)
    _tell({"ready": True})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        checked = check_columns(contract, asked["columns"], asked["count"])
        _tell(_answer(decide_columns(model, facts, contract, checked), checked))


def _answer(made: DecidedColumns, checked: CheckedColumns) -> dict[str, Any]:
    wrong = {
        n: [[each.text, {k: str(v) for k, v in each.facts.items()}] for each in faults]
        for n, faults in checked.wrong.items()
    }
    return {**vars(made), "wrong": wrong}


def _tell(answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
