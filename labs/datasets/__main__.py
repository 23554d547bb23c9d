"""`python -m labs.datasets ready|build|bands|card`: make the datasets, measure their effects, show a card."""

import argparse
import sys
from pathlib import Path

from labs.datasets import learners_data


def arguments() -> argparse.ArgumentParser:
    """The verbs and their options."""
    parser = argparse.ArgumentParser(prog="python -m labs.datasets", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("ready", help="make this checkout's learners' data where it is missing or out of date")
    make = verbs.add_parser("build", help="write the data files, the cards and the registry into a folder")
    make.add_argument("--out", type=Path, required=True)
    make.add_argument("--part", choices=["learner", "grader"], required=True)
    make.add_argument("--seed", default="", help="another edition of the same data, for tests")
    make.add_argument("--name", action="append", help="only this dataset (may be repeated)")
    table = verbs.add_parser("bands", help="measure every declared effect on several seeds, print a table")
    table.add_argument("--seeds", type=int, default=5)
    table.add_argument("--name", action="append", help="only this dataset (may be repeated)")
    show = verbs.add_parser("card", help="print a data card")
    show.add_argument("name")
    show.add_argument("--language", default="en")
    return parser


def carry_out(options: argparse.Namespace) -> int:
    """Do what was asked; the answer is the exit status."""
    if options.verb == "ready":  # Before anything that needs pandas: most often there is nothing to do.
        sys.stdout.write(f"{learners_data.ready_data()}\n")
        return 0
    from labs.datasets.loader import DatasetError, card

    if options.verb != "card":
        return _of_datasets(options)
    try:
        sys.stdout.write(card(options.name, options.language))
    except DatasetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _of_datasets(options: argparse.Namespace) -> int:
    from labs.datasets import build
    from labs.datasets.registry import datasets

    known = datasets()
    if unknown := set(options.name or []) - set(known):
        wrong, right = ", ".join(sorted(unknown)), ", ".join(known)
        sys.stderr.write(f"There is no dataset called {wrong}. The datasets are: {right}.\n")
        return 2
    chosen = {name: known[name] for name in options.name or known}
    if options.verb == "bands":
        from labs.datasets import effect_bands  # needs scikit-learn, which building does not

        measured = effect_bands.measure(chosen, [str(n) for n in range(1, options.seeds + 1)])
        sys.stdout.write(effect_bands.as_markdown(measured))
        return 0 if all(line.holds() for line in measured) else 1
    document = build.build_datasets(chosen, options.out, options.part, options.seed)
    for name in chosen:
        entry = document["datasets"][name]
        size = (options.out / entry["file"]).stat().st_size
        sys.stderr.write(f"{name}: {entry['rows']} rows, {size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(carry_out(arguments().parse_args()))
