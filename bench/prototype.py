"""`./isomo bench prototype`: what the shared application costs against the same pipeline in a bare process.

`ratio`: rows a second of a batch through the application, over HTTP, divided by those of the same pipeline in this
process, from CSV file to CSV file with decisions and reasons. `cpu_ratio`: the same by processor time of all processes
of the application, which other work on the machine moves less. `script_ratio`: rows a second divided by those of a
script of three lines that checks nothing and names no reasons. `p95_ms`: one case through the programs' way in.
`idle_mb`: the application while nobody asks (it holds no model then); `busy_mb`: with the model's process. `start_s`:
from the start of the process to its first answer. `received_mb`: the most memory of the notebook server that takes a
file of `--upload-mb` from a browser, in blocks as JupyterLab sends it; `upload_mb`: the most that looking at it needs.
"""

from __future__ import annotations

import argparse
import base64
import csv
import io
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bench.bench_command import print_progress

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
UPLOAD_BLOCK = 1024 * 1024
"""JupyterLab sends a large file in blocks of this size."""
START_SECONDS = 60
PERSON = {"X-Remote-User": "colin"}
LINE = "C25-{n:07};0{day}/0{month}/2025;{channel};Huye;{text};{days};{flag}\n"
TEXT = (
    "The clerk asked for another paper and the applicant came back after a week with the same question again"
)
LOOK = r"""
import re, sys
from pathlib import Path
from labs.prototype_kit.data_intake import propose_intake
propose_intake(Path(sys.argv[1]), Path(sys.argv[2]))
# Not ru_maxrss: that begins with the memory of the process that started this one.
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024)
"""


def measure(words: list[str]) -> dict[str, Any]:
    """Train a prototype, serve it, and measure."""
    parser = argparse.ArgumentParser(prog="./isomo bench prototype")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--upload-mb", type=int, default=2000)
    options = parser.parse_args(words)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    from tests.support.small_prototype import shared_copy, trained_project

    with tempfile.TemporaryDirectory(prefix="bench-prototype-") as name:
        place = Path(name)
        print_progress("Training a prototype")
        folder = shared_copy(trained_project(place), place / "shared")
        batch = _batch(folder, options.rows)
        print_progress("The application, and the same pipeline alone, in turn")
        found = _served(folder, batch, options.cases)
        print_progress(f"Looking at a file of {options.upload_mb} MB")
        found |= _upload(place, options.upload_mb)
    return found


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
    """Return the rows a second of the same pipeline in this process, from CSV file to CSV file.

    The same reading, checks, decisions, reasons and answers as the application's; no request, no other process, and
    no case is kept.
    """
    from labs.prototype_kit.application.batch_runs import Scoring, answer_rows
    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.model_file import load_model, read_facts
    from labs.prototype_kit.application.project_settings import read_settings

    contract, facts = read_contract(folder / "contract.toml"), read_facts(folder / "model")
    scoring = Scoring(load_model(folder / "model"), facts, contract, read_settings(folder))
    source, made = folder / "batch.csv", folder / "answered.csv"
    source.write_bytes(batch)
    began, rows = time.perf_counter(), 0
    with made.open("w", encoding="utf-8", newline="") as out, suppress(StopIteration):
        answers = answer_rows(source, out, scoring, "en")
        decided = next(answers)
        while True:
            first, rows = rows + 1, rows + len(decided.made.labels)
            decided = answers.send(first)
    return rows / (time.perf_counter() - began)


def _script(folder: Path, batch: bytes) -> float:
    """Return the rows a second of the shortest script: pandas reads, the model gives chances, pandas writes.

    It checks nothing, hands nothing on and names no reasons.
    """
    import pandas as pd

    from labs.prototype_kit.application.data_contract import read_contract
    from labs.prototype_kit.application.model_file import load_model

    model = load_model(folder / "model")
    names = [column.name for column in read_contract(folder / "contract.toml").features]
    began = time.perf_counter()
    table = pd.read_csv(io.BytesIO(batch))
    chance = model.predict_proba(table[names].to_numpy(dtype=object))[:, 1]
    table.assign(decision=chance >= 0.5, confidence=chance).to_csv(folder / "script.csv", index=False)
    return len(table) / (time.perf_counter() - began)


@contextmanager
def _process(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    from labs.prototype_kit.version_sharing import service_folder

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


def _processor_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _resident(pid: int) -> float:
    return (
        int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024**2
    )


def _served(folder: Path, batch: bytes, cases: int) -> dict[str, float]:
    from labs.prototype_kit.application.request_guard import form_key, form_secret
    from labs.prototype_kit.version_sharing import service_folder

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
        key = form_key(form_secret(service_folder(folder)), PERSON["X-Remote-User"])
        _rate(address, batch, key)
        family = [child.pid, *(each.pid for each in psutil.Process(child.pid).children(recursive=True))]
        turns, shares = [], []
        for _turn in range(ROUNDS):
            before = sum(map(_processor_seconds, family))
            rate = _rate(address, batch, key)
            alone_began = time.process_time()
            alone = _alone(folder, batch)
            alone_seconds = time.process_time() - alone_began
            shares.append(alone_seconds / (sum(map(_processor_seconds, family)) - before))
            turns.append((rate, alone, _script(folder, batch)))
        busy = sum(map(_resident, family))
    # The best of each: other work on the machine can only slow a turn down.
    rate, alone, script = (max(each) for each in zip(*turns, strict=True))
    return {
        "ratio": round(rate / alone, 3),
        "cpu_ratio": round(statistics.median(shares), 3),
        "script_ratio": round(rate / script, 3),
        "rows_s": round(rate),
        "alone_rows_s": round(alone),
        "script_rows_s": round(script),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 1),
        "p50_ms": round(statistics.median(times), 1),
        "idle_mb": round(idle, 1),
        "busy_mb": round(busy, 1),
        "start_s": round(start, 2),
    }


def _ask(address: str, request: bytes) -> None:
    asked = urllib.request.Request(f"{address}/api/decide", data=request, headers=PERSON)
    urllib.request.urlopen(asked, timeout=60).read()


def _rate(address: str, batch: bytes, key: str) -> float:
    from labs.prototype_kit.application.request_guard import FORM_KEY

    mark = b"--bench"
    head = b'\r\nContent-Disposition: form-data; name="file"; filename="batch.csv"\r\n\r\n'
    field = b'\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (FORM_KEY.encode(), key.encode())
    body = mark + field + mark + head + batch + b"\r\n" + mark + b"--\r\n"
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
    looked = round(time.perf_counter() - began)
    return {
        **_received(place, path),
        "upload_mb": round(float(done.stdout), 1),
        "upload_s": looked,
        "upload_file_mb": megabytes,
    }


def _received(place: Path, path: Path) -> dict[str, float]:
    """Send a file to the server that a project's folder is open in, as JupyterLab does: in blocks of a megabyte."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (place / "server").mkdir()
    words = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=bench",
        "--ServerApp.port_retries=0",
    ]
    command = [sys.executable, "-m", "jupyter_server", *words, f"--ServerApp.root_dir={place / 'server'}"]
    address, began = f"http://127.0.0.1:{port}/api/contents/large.csv", time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            with path.open("rb") as file:
                blocks = iter(lambda: file.read(UPLOAD_BLOCK), b"")
                for number, block in enumerate(_last_marked(blocks), start=1):
                    _put(address, block[0], -1 if block[1] else number)
            return {
                "received_mb": round(_most_memory(child.pid), 1),
                "received_s": round(time.perf_counter() - began),
            }
        finally:
            child.terminate()


def _last_marked(blocks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each block and whether it is the last one."""
    before = next(blocks)
    for block in blocks:
        yield before, False
        before = block
    yield before, True


def _put(address: str, block: bytes, chunk: int) -> None:
    content = base64.b64encode(block).decode()
    body = json.dumps(
        {"type": "file", "format": "base64", "chunk": chunk, "content": content, "name": "large.csv"}
    )
    headers = {"Authorization": "token bench", "Content-Type": "application/json"}
    asked = urllib.request.Request(address, body.encode(), headers, method="PUT")
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(asked, timeout=60).close()
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _most_memory(pid: int) -> float:
    """Return the most memory that a process had so far, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0
