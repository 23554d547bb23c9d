"""`./isomo bench prototype`: what the shared application costs against the same pipeline in a bare process.

`ratio`: rows a second of a batch through the application, over HTTP, divided by those of the pipeline alone, from the
same CSV file in memory to decisions with their reasons. `p95_ms`: one case through the programs' way in. `idle_mb`:
the application while nobody asks (it holds no model then); `busy_mb`: with the model's process. `start_s`: from the
start of the process to its first answer. `upload_mb`: the most memory that looking at a file of `--upload-mb` needs.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.cli import say

ROOT = Path(__file__).resolve().parents[1]
PERSON = {"X-Remote-User": "colin"}
LINE = "C25-{n:07};0{day}/0{month}/2025;{channel};Huye;{text};{days};{flag}\n"
TEXT = (
    "The clerk asked for another paper and the applicant came back after a week with the same question again"
)
LOOK = """
import resource, sys
from pathlib import Path
from labs.prototype_kit.data_intake import look
look(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure(words: list[str]) -> dict[str, Any]:
    """Train a prototype, serve it, and measure."""
    parser = argparse.ArgumentParser(prog="./isomo bench prototype")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--upload-mb", type=int, default=2000)
    options = parser.parse_args(words)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    from tests.support.prototype import shared_copy, trained_project

    with tempfile.TemporaryDirectory(prefix="bench-prototype-") as name:
        place = Path(name)
        say("Training a prototype")
        folder = shared_copy(trained_project(place), place / "shared")
        batch = _batch(folder, options.rows)
        say("The pipeline alone")
        alone = _alone(folder, batch)
        say("The application")
        found = _served(folder, batch, options.cases)
        say(f"Looking at a file of {options.upload_mb} MB")
        found |= _upload(place, options.upload_mb)
    return {"ratio": round(found["rows_s"] / alone, 3), "alone_rows_s": round(alone), **found}


def _batch(folder: Path, rows: int) -> bytes:
    from labs.prototype_kit.application.data_contract import read_contract

    names = [column.name for column in read_contract(folder / "contract.toml").features]
    with (folder / "data" / "data.csv").open(encoding="utf-8", newline="") as file:
        known = [[row[name] for name in names] for row in csv.DictReader(file)]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(known[n % len(known)] for n in range(rows))
    return out.getvalue().encode()


def _alone(folder: Path, batch: bytes) -> float:
    """Return the rows a second from the CSV to decisions with reasons, in one call; the best of three.

    The same checks and the same columnar code as the application's.
    """
    from labs.prototype_kit.application.column_checks import check_columns
    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.decisions import decide_columns
    from labs.prototype_kit.application.model_file import load_model, read_facts

    contract, facts = read_contract(folder / "contract.toml"), read_facts(folder / "model")
    model, best = load_model(folder / "model"), 0.0
    for _turn in range(3):
        began = time.perf_counter()
        header, *rows = csv.reader(io.StringIO(batch.decode()))
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
        decide_columns(model, facts, contract, check_columns(contract, columns, len(rows)))
        best = max(best, len(rows) / (time.perf_counter() - began))
    return best


@contextmanager
def _process(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    from labs.prototype_kit.sharing import service_folder

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PROTOTYPE_USER_HEADER": "X-Remote-User",
        "PROTOTYPE_PORT": str(port),
    }
    command = [sys.executable, "-m", "labs.prototype_kit.application", str(service_folder(folder))]
    began = time.perf_counter()
    with subprocess.Popen(command, env=env) as child:
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                try:
                    urllib.request.urlopen(f"{address}/health", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield child, address, time.perf_counter() - began
        finally:
            child.terminate()


def _resident(pid: int) -> float:
    return (
        int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
    )


def _served(folder: Path, batch: bytes, cases: int) -> dict[str, float]:
    with _process(folder) as (child, address, start):
        idle = _resident(child.pid)
        names, first = list(csv.reader(io.StringIO(batch.decode())))[:2]
        request = json.dumps({"cases": [dict(zip(names, first, strict=True))]}).encode()
        _ask(address, request)
        times = []
        for _turn in range(cases):
            began = time.perf_counter()
            _ask(address, request)
            times.append(1000 * (time.perf_counter() - began))
        rates = [_rate(address, batch) for _turn in range(3)]
        family = [child.pid, *(each.pid for each in psutil.Process(child.pid).children(recursive=True))]
        busy = sum(map(_resident, family))
    return {
        "rows_s": round(max(rates)),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "p50_ms": round(statistics.median(times), 1),
        "idle_mb": round(idle, 1),
        "busy_mb": round(busy, 1),
        "start_s": round(start, 2),
    }


def _ask(address: str, request: bytes) -> None:
    asked = urllib.request.Request(f"{address}/api/decide", data=request, headers=PERSON)
    urllib.request.urlopen(asked, timeout=60).read()


def _rate(address: str, batch: bytes) -> float:
    mark = b"--bench"
    head = b'\r\nContent-Disposition: form-data; name="file"; filename="batch.csv"\r\n\r\n'
    body = mark + head + batch + b"\r\n" + mark + b"--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=bench", **PERSON}
    began = time.perf_counter()
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}/batch", body, headers), timeout=600
    ) as answer:
        rows = int(answer.headers["X-Rows-Answered"])
        answer.read()
    return rows / (time.perf_counter() - began)


def _line(n: int) -> str:
    flag = "oui" if n % 9 else "non"
    return LINE.format(
        n=n, day=n % 9 + 1, month=n % 9 + 1, channel="agent", text=f"{TEXT} {n}", days=n % 40, flag=flag
    )


def _upload(place: Path, megabytes: int) -> dict[str, float]:
    path, project = place / "large.csv", place / "project"
    project.mkdir()
    block = "".join(_line(n) for n in range(20_000)).encode("cp1252")
    with path.open("wb") as file:
        file.write(b"case;received;channel;district;text;days;urgent\n")
        for _turn in range(max(1, megabytes * 1_000_000 // len(block))):
            file.write(block)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(project), str(path)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "upload_mb": round(float(done.stdout), 1),
        "upload_s": round(time.perf_counter() - began),
        "upload_file_mb": megabytes,
    }
