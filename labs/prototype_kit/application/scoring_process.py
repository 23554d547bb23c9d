"""A process that holds one version's model: rows in, decisions out, one JSON line each.

The application starts it for the first case and ends it after some quiet minutes, so an idle application holds no
scikit-learn. It is given no token and no environment of the application.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(folder: Path) -> None:
    """Answer requests on standard input until it ends."""
    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.decisions import decide
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
        checked = [contract.checked(row) for row in json.loads(line)]
        good = [values for values, wrong in checked if not wrong]
        decisions = iter(decide(model, facts, contract, good))
        _tell([_answer(next(decisions) if not wrong else None, wrong) for _values, wrong in checked])


def _answer(decision: Any, wrong: list[Any]) -> dict[str, Any]:
    if decision is not None:
        return {"decision": decision.plain()}
    return {"wrong": [[each.text, {k: str(v) for k, v in each.facts.items()}] for each in wrong]}


def _tell(answer: Any) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
