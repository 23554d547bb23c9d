"""A process that holds one version's model: columns in, columns of decisions out, one JSON line each.

A batch goes from file to file in here, a chunk for each request, so that single cases need not wait for all of it.
The application starts it for the first case and ends it after some quiet minutes, so an idle application holds no
scikit-learn. It is given no token and no environment of the application.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

GARBAGE_EVERY = 100_000
"""Objects between two searches for garbage: a chunk of rows has tens of thousands, and no circles."""
MARK = "\ufeff"
"""What tells Excel that a file is UTF-8."""

if TYPE_CHECKING:
    from labs.prototype_kit.application.batch_runs import Answers, DecidedChunk, Scoring
    from labs.prototype_kit.application.column_checks import CheckedColumns
    from labs.prototype_kit.application.decisions import DecidedColumns


def main(folder: Path) -> None:
    """Answer requests on standard input until it ends."""
    from labs.prototype_kit.application.bench_sentences import PrototypeError
    from labs.prototype_kit.application.disk_room import disk_full, is_disk_full

    try:
        scoring = _load(folder)
    except PrototypeError as error:
        _tell(_fault(error))
        return
    # The model lives as long as this process: the search for garbage need not visit it again and again.
    gc.freeze()
    gc.set_threshold(GARBAGE_EVERY)
    _tell({"ready": True})
    batches = Batches(scoring)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "batch" in asked:
            try:
                _tell(*batches.go_on(asked))
            except PrototypeError as error:
                _tell(_fault(error))
            except OSError as error:
                if not is_disk_full(error):
                    raise
                _tell(_fault(disk_full()))
        else:
            checked = scoring.check(asked["columns"], asked["count"])
            _tell(_answer(scoring.decide(checked), checked))


def _load(folder: Path) -> Scoring:
    from labs.prototype_kit.application.batch_runs import Scoring
    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.model_file import load_model, read_facts
    from labs.prototype_kit.application.project_settings import read_settings

    about = json.loads((folder / "version.json").read_text("utf-8"))
    model = load_model(folder, about["model_sha256"])
    return Scoring(model, read_facts(folder), read_contract(folder / "contract.toml"), read_settings(folder))


class Batches:
    """The batches that are being answered."""

    def __init__(self, scoring: Scoring) -> None:
        self.scoring = scoring
        self._open: dict[str, tuple[IO[str], Answers]] = {}

    def go_on(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes, bytes]:
        """Begin a batch, or go on with one whose last chunk was kept; return its next chunk, or its result."""
        from labs.prototype_kit.application.batch_runs import answer_rows

        name = asked["batch"]
        if "source" in asked:
            begun: IO[str] = Path(asked["out"]).open("w", encoding="utf-8", newline="")  # noqa: SIM115 - closed at the end
            # Not the encoding utf-8-sig: it is slower for each line, and Excel needs the mark once.
            begun.write(MARK)
            self._open[name] = (
                begun,
                answer_rows(Path(asked["source"]), begun, self.scoring, asked["language"]),
            )
        _out, answers = self._open[name]
        try:
            if "drop" not in asked:
                decided = next(answers) if "source" in asked else answers.send(asked["first"])
                return self._chunk(decided)
            result = None
        except StopIteration as ended:
            result = vars(ended.value)
        except BaseException:
            with suppress(OSError):  # A full disk refuses the rest too; the first error counts.
                self._close(name)
            raise
        self._close(name)
        return {"done": result}, b"", b""

    def _close(self, name: str) -> None:
        out, answers = self._open.pop(name)
        answers.close()
        out.close()

    def _chunk(self, decided: DecidedChunk) -> tuple[dict[str, Any], bytes, bytes]:
        from labs.prototype_kit.application.batch_chunks import kept_chunk

        inputs = decided.kept_inputs()
        slices = {
            column.name: _counts(inputs[column.name], decided.made.persons)
            for column in self.scoring.contract.slices
            if column.name in inputs
        }
        kept = kept_chunk(inputs, decided.made, self.scoring.facts["weight_names"], slices)
        parts = kept.inputs.encode(), kept.answers.encode()
        head = {"count": kept.count, "counts": kept.counts, "handed_on": kept.handed_on}
        return {**head, "sizes": [len(part) for part in parts]}, *parts


def _counts(values: list[str], persons: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many rows each value has, and how many of them a person decides."""
    handed_on = Counter(value for value, person in zip(values, persons, strict=True) if person)
    return {value: (count, handed_on[value]) for value, count in Counter(values).items()}


def _answer(made: DecidedColumns, checked: CheckedColumns) -> dict[str, Any]:
    wrong = {
        n: [[each.text, {k: str(v) for k, v in each.facts.items()}] for each in faults]
        for n, faults in checked.wrong.items()
    }
    return {**vars(made), "wrong": wrong}


def _fault(error: Any) -> dict[str, Any]:
    return {"fault": error.text, "facts": {key: str(value) for key, value in error.facts.items()}}


def _tell(answer: Any, *parts: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
