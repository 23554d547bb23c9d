"""`./isomo test`: the rules, then the tests in two lanes; the last line gives the counts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UNIT = ("tests/unit", "tests/property")
CHECKED = ("hub", "graders", "labs", "bench", "images", "tests", "jupyterhub_config.py", "isomo")
FIRST_LANE = ("tests/container", "tests/browser", "tests/fault", "tests/compat/test_nbgrader_suite.py")
"""The Docker engine, its images and fixed parts of the machine: one test after the other, in one process.

The last one is there so that both lanes take about the same time.
"""
SLOW_UNIT = (
    # Pages and the API of the whole campus, one request after the other.
    "tests/unit/test_api_contract.py",
    "tests/unit/test_api_tokens.py",
    "tests/unit/test_appeals_and_flags.py",
    "tests/unit/test_campus_exchange.py",
    "tests/unit/test_campus_labs.py",
    "tests/unit/test_campus_pages.py",
    "tests/unit/test_certificates.py",
    "tests/unit/test_inert_pages.py",
    "tests/unit/test_lab_drafts.py",
    "tests/unit/test_large_installations.py",
    "tests/unit/test_mails.py",
    "tests/unit/test_marks_table.py",
    "tests/unit/test_older_feedback.py",
    "tests/unit/test_own_data.py",
    "tests/unit/test_people_pages.py",
    "tests/unit/test_platform_scores.py",
    "tests/unit/test_project_pages.py",
    "tests/unit/test_regrade_page.py",
    "tests/unit/test_rosters.py",
    "tests/unit/test_saved_comments.py",
    "tests/unit/test_schedules.py",
    "tests/unit/test_verdicts.py",
    # Models that are trained, labs that are built, hundreds of rendered documents; processes that are started: a
    # sandbox, a kernel, nbgrader's own commands, Sphinx, pip, pytest.
    "tests/unit/test_agent_remote.py",
    "tests/unit/test_authoring_new.py",
    "tests/unit/test_authoring_problems.py",
    "tests/unit/test_authoring_release.py",
    "tests/unit/test_authoring_shared.py",
    "tests/unit/test_bootstrap_ci.py",
    "tests/unit/test_datasets_bands.py",
    "tests/unit/test_datasets_build.py",
    "tests/unit/test_datasets_letters.py",
    "tests/unit/test_datasets_ready.py",
    "tests/unit/test_docs_site.py",
    "tests/unit/test_engine_libraries.py",
    "tests/unit/test_gradebook.py",
    "tests/unit/test_hub_extras.py",
    "tests/unit/test_hub_turn.py",
    "tests/unit/test_kit_form.py",
    "tests/unit/test_kit_home.py",
    "tests/unit/test_kit_kernels.py",
    "tests/unit/test_kit_live_reports.py",
    "tests/unit/test_kit_narrow_charts.py",
    "tests/unit/test_kit_own_file.py",
    "tests/unit/test_kubernetes.py",
    "tests/unit/test_late_jupyterlab.py",
    "tests/unit/test_late_statistics.py",
    "tests/unit/test_nbgrader_elsewhere.py",
    "tests/unit/test_nbgrader_exchange.py",
    "tests/unit/test_ops_options.py",
    "tests/unit/test_own_page.py",
    "tests/unit/test_own_programs.py",
    "tests/unit/test_package_mirror.py",
    "tests/unit/test_plausible_letters.py",
    "tests/unit/test_prototype_application.py",
    "tests/unit/test_prototype_batches.py",
    "tests/unit/test_prototype_evaluation.py",
    "tests/unit/test_prototype_full_folder.py",
    "tests/unit/test_prototype_going_on.py",
    "tests/unit/test_prototype_requests.py",
    "tests/unit/test_prototype_sharing.py",
    "tests/unit/test_prototype_team.py",
    "tests/unit/test_sandbox_refusal.py",
    "tests/unit/test_shared_gradebook.py",
    "tests/unit/test_slice_drift.py",
    "tests/unit/test_slice_figures.py",
    # Sequences of what a course does, on a database of each; notebooks that are run.
    "tests/property/test_agent_notebooks.py",
    "tests/property/test_kept_points.py",
    "tests/property/test_store_properties.py",
)
"""Files that `./isomo test unit` leaves to `./isomo test`: each takes seconds of processor time, some 10."""
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")
MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000
"""Bytes that must be free in memory before quick tests put their files there; they take a fifth of it."""
SUMMARY = re.compile(r"^=+ .*\bin [\d.]+s\b.*=+$")


def python(*words: str) -> list[str]:
    """Return a command that runs a module of this environment."""
    return [sys.executable, "-m", *words]


def rules() -> list[list[str]]:
    """Return the commands that check the text of the project."""
    present = [name for name in CHECKED if (ROOT / name).exists()]
    return [
        python("ruff", "check", "--quiet", *present),
        python("ruff", "format", "--check", "--quiet", *present),
        python("mypy", "--no-error-summary"),
    ]


def lanes(*options: str) -> list[list[str]]:
    """Return two commands that run at the same time and together run every test once."""
    others = [f"--ignore={path}" for path in FIRST_LANE]
    return [
        python("pytest", "--durations=15", *options, *FIRST_LANE),
        python("pytest", "--durations=15", *options, *others, "tests"),
    ]


def plan(argv: list[str]) -> list[list[list[str]]]:
    """Return the steps for `argv`, in order; the commands of one step run at the same time."""
    checks = [[rule] for rule in rules()]
    if not argv:
        return [*checks, lanes("-m", "not full")]
    if argv[0] == "unit":
        # A file stays in one process, so that what its tests share is made once. The plug-in that is left out loads
        # for half a second in each process; one file that is not here uses it.
        processes = ("-n", "2", "--dist", "loadfile", "-p", "no:schemathesis")
        left_out = [f"--ignore={path}" for path in SLOW_UNIT]
        return [*checks, [python("pytest", "-q", "-m", "not full", *processes, *left_out, *UNIT, *argv[1:])]]
    if argv[0] == "full":
        return [*checks, lanes(*argv[1:])]
    return [[python("pytest", *argv)]]


@contextlib.contextmanager
def quick_environment() -> Iterator[dict[str, str]]:
    """Yield the environment of quick tests: their files lie in memory if there is room, and are gone at the end.

    On a disk, removing the folders of the runs before took as long as half of the tests.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield dict(os.environ)
        return
    with tempfile.TemporaryDirectory(prefix="it-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield {**os.environ, "TMPDIR": folder}


def run_on_disk(words: list[str]) -> int:
    """Run a command as it is; return its exit code."""
    return subprocess.run(words, cwd=ROOT, check=False).returncode


def run_quick(words: list[str]) -> int:
    """Run a command with the environment of quick tests; return its exit code."""
    with quick_environment() as environment:
        return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode


def counts_in(line: str) -> Counter[str]:
    """Return the counts of a closing line of pytest; none for any other line."""
    if not SUMMARY.match(line.strip()):
        return Counter()
    return Counter({kind: int(number) for number, kind in COUNT.findall(line)})


def closing_line(counts: Counter[str]) -> str:
    """Word the counts of all lanes as pytest words those of one."""
    return ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "no tests ran"


def run_lanes(commands: list[list[str]]) -> list[int]:
    """Run commands at the same time, show their lines as they come, and close with the counts of all.

    Args:
        commands: At least two pytest commands. Each line they print is shown with the number of its lane.

    Returns:
        The exit codes, in the order of the commands.
    """
    counts: Counter[str] = Counter()
    failed: list[str] = []
    screen = threading.Lock()

    def show(number: int, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            with screen:
                sys.stdout.write(f"[{number}] {line}")
                sys.stdout.flush()
                counts.update(counts_in(line))
                if line.startswith(("FAILED ", "ERROR ")):
                    failed.append(line)

    running = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for command in commands
    ]
    readers = [
        threading.Thread(target=show, args=(number, process)) for number, process in enumerate(running, 1)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    codes = [process.wait() for process in running]
    sys.stdout.write("".join(["\n", *failed, f"=== {closing_line(counts)} ===\n"]))
    return codes


def command(argv: list[str]) -> int:
    """Verb `test`. All steps run even if an early one fails; the exit code is the first that is not 0."""
    codes = []
    run_one = run_quick if argv[:1] == ["unit"] else run_on_disk
    for step in plan(argv):
        found = run_lanes(step) if len(step) > 1 else [run_one(step[0])]
        for words, code in zip(step, found, strict=True):
            if code:
                sys.stderr.write(f"Failed: {' '.join(words[2:6])}\n")
        codes += found
    return next((code for code in codes if code), 0)
