"""`./isomo bench NAME`: progress to stderr, one JSON object as the last line of stdout."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

BENCHES = {
    "arrival": "bench.arrival",
    "attack": "bench.attack",
    "bytes": "bench.desk_bytes",
    "campus": "bench.campus_load",
    "class": "bench.class_rush",
    "desk": "bench.desk_work",
    "flags": "bench.flags",
    "grade": "bench.grade",
    "gradebook": "bench.gradebook",
    "idle": "bench.idle",
    "labs": "bench.labs",
    "line": "bench.desk_line",
    "marks": "bench.marks",
    "nation": "bench.nation",
    "one": "bench.one_submission",
    "opening": "bench.opening",
    "plan": "bench.nation_plan",
    "prototype": "bench.prototype",
    "spawn": "bench.spawn",
    "swarm": "bench.swarm",
}
PACKAGES = ("nbgrader", "nbclient", "ipykernel", "ipython", "numpy", "pandas", "scikit-learn")


def arguments() -> argparse.ArgumentParser:
    """Return the words after `bench`."""
    parser = argparse.ArgumentParser(prog="./isomo bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES), help="what to measure")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="options of that benchmark")
    return parser


def command(argv: list[str]) -> int:
    """Run one benchmark; returns the exit status."""
    args = arguments().parse_args(argv)
    found = importlib.import_module(BENCHES[args.name]).measure(args.rest)
    print(json.dumps({"bench": args.name, **found, "cores": usable_cores(), "versions": compared_versions()}))
    return 0


def no_options(name: str, about: str | None, argv: Sequence[str]) -> None:
    """Answer `--help` of a benchmark that takes no options, and refuse anything else, before it measures."""
    argparse.ArgumentParser(prog=f"./isomo bench {name}", description=about).parse_args(argv)


def usable_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0))


def compared_versions() -> dict[str, str]:
    """Return the versions of what was compared."""
    found = {"python": sys.version.split()[0]}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def print_progress(text: str) -> None:
    """Progress, for people."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
