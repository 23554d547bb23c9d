"""From a file to the project's data: propose, let a person confirm and answer, then bring in.

`propose_intake` writes `data/intake.toml`: what was found, for a person to correct, and each finding of personal data
with an empty answer. `bring_in` refuses until every one is answered, then writes `data/data.csv`, `data/refused.csv`,
the contract, and one line of `data/access.log`. Both read the file row by row.
"""

from __future__ import annotations

import csv
import datetime as dt
import getpass
import hashlib
import json
import os
import secrets
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError, bench_sentence, share_text
from labs.prototype_kit.application.data_contract import (
    ROLES,
    TYPES,
    BadValue,
    Column,
    Contract,
    read_contract,
    toml_table,
    write_contract,
)
from labs.prototype_kit.application.model_file import file_hash
from labs.prototype_kit.application.table_reading import (
    SAMPLE_ROWS,
    Layout,
    Seen,
    clean_header,
    find_layout,
    look_at_columns,
    read_rows,
)
from labs.prototype_kit.personal_data import KINDS, Cleaner, Finding, Scan, answer_fault, masked_example
from labs.prototype_kit.shared_edits import SeenFiles, hold_folder, set_aside

CHUNK = 20_000
KEEP_DAYS = 365
LARGEST = 2 * 1024**3
MOST_REFUSED = 0.2
REMEMBERED = 50_000
"""Values of a column whose reading is remembered: dates and categories come again and again."""
INTAKE, DATA, REFUSED, ACCESS, FACTS = "intake.toml", "data.csv", "refused.csv", "access.log", "data.json"


def propose_intake(project: Path, source: Path, encoding: str = "", separator: str = "") -> Path:
    """Look at the whole file and write `data/intake.toml` for a person to confirm. Return its path."""
    if not source.is_file():
        raise PrototypeError(N_("There is no file {file}."), file=source)
    if source.stat().st_size > LARGEST:
        raise PrototypeError(
            N_("{file} is larger than 2 GB. Cut it into years, or keep the columns you need."),
            file=source.name,
        )
    layout = find_layout(source)
    layout = replace(layout, encoding=encoding or layout.encoding, separator=separator or layout.separator)
    rows = read_rows(source, layout)
    names = clean_header(next(rows, []))
    sample = list(islice(rows, SAMPLE_ROWS))
    if not sample:
        raise PrototypeError(N_("{file} has a header and no rows."), file=source.name)
    seen = look_at_columns(names, sample)
    findings, count = _scanned(names, read_rows(source, layout))
    note_access(project, "looked at", source.name)
    folder = project / "data"
    folder.mkdir(exist_ok=True)
    path = folder / INTAKE
    text = _intake_text(source, layout, seen, findings, count, _roles(project))
    about = {"keep_until": keep_until(), "contract_seen": _contract_mark(project)}
    text = text.replace("[file]\n", toml_table("[file]", about), 1)
    with hold_folder(folder):
        if _has_answers(path):
            # A colleague is answering for another file: that work stays.
            kept = bench_sentence(
                N_("Answers that were here and not confirmed yet are kept in {file}."),
                file=set_aside(path).name,
            )
            text = f"# {kept}\n{text}"
        path.write_text(text, "utf-8")
    return path


def keep_until(today: dt.date | None = None) -> str:
    """Return the day until which data is kept if nobody decides otherwise."""
    return str((today or dt.datetime.now(dt.UTC).date()) + dt.timedelta(days=KEEP_DAYS))


def _has_answers(path: Path) -> bool:
    """Return whether somebody answered in the intake at `path`, and it was not confirmed yet."""
    if not path.exists():
        return False
    try:
        answers = tomllib.loads(path.read_text("utf-8")).get("personal_data", {})
    except tomllib.TOMLDecodeError:
        return True
    return any(str(each).strip() for each in answers.values()) and _confirmed(path.parent) != file_hash(path)


def _confirmed(folder: Path) -> str:
    """Return the hash of the intake that was confirmed last; an empty string if none was."""
    try:
        return str(json.loads((folder / FACTS).read_text("utf-8")).get("intake_sha256", ""))
    except FileNotFoundError:
        return ""


def _contract_mark(project: Path) -> str:
    """Return a mark of what people decide in the contract: names, types, roles, bounds, not the values it has met."""
    try:
        columns = read_contract(project / "contract.toml").columns
    except PrototypeError:
        return ""
    decided = [[c.name, c.type, c.role, c.required, c.formats, c.minimum, c.maximum] for c in columns]
    return hashlib.sha256(json.dumps(decided).encode()).hexdigest()[:16]


def _scanned(names: list[str], rows: Iterator[list[str]]) -> tuple[list[Finding], int]:
    scan, count = Scan(names), 0
    next(rows)
    while chunk := list(islice(rows, CHUNK)):
        count += len(chunk)
        scan.read({name: [row[n] if n < len(row) else "" for row in chunk] for n, name in enumerate(names)})
    return scan.findings(), count


def _roles(project: Path) -> dict[str, str]:
    """Roles of the contract that is there, so that data of the same shape keeps them."""
    try:
        return {column.name: column.role for column in read_contract(project / "contract.toml").columns}
    except PrototypeError:
        return {}


def _intake_text(
    source: Path, layout: Layout, seen: list[Seen], findings: list[Finding], count: int, roles: dict[str, str]
) -> str:
    personal = {finding.column for finding in findings if finding.whole}
    lines = [
        "# " + bench_sentence(N_("What was found. Correct what is wrong, answer what is asked, then type:")),
        "#   isomo prototype data --confirm",
        f"# type: {', '.join(TYPES)}",
        f"# role: {', '.join(ROLES)}",
        "",
        toml_table("[file]", {"path": str(source.resolve()), "rows": count, **asdict(layout)}),
        "[personal_data]",
        "# "
        + bench_sentence(
            N_("Answer each: remove, replace (the same value gets the same cover), or keep because …")
        ),
    ]
    for finding in findings:
        shown = ", ".join(finding.examples)
        lines += [
            f"# {finding.count} × {bench_sentence(KINDS[finding.kind])} ({shown})",
            f'{json.dumps(finding.key, ensure_ascii=False)} = ""',
        ]
    for each in seen:
        role = roles.get(each.column.name) or ("ignore" if each.column.name in personal else each.column.role)
        column = replace(each.column, role=role)
        touched = any(finding.column == each.column.name for finding in findings)
        lines += [
            "",
            *_about(replace(each, examples=tuple(map(masked_example, each.examples))) if touched else each),
        ]
        values = {"name": column.name, "type": column.type, "role": column.role, "required": column.required}
        lines.append(
            toml_table("[[column]]", values | ({"formats": column.formats} if column.formats else {}))
        )
    return "\n".join(lines)


def _about(seen: Seen) -> list[str]:
    facts = (
        [bench_sentence(N_("for example: {examples}"), examples=" · ".join(seen.examples).replace("\n", " "))]
        if seen.examples
        else []
    )
    if seen.empty:
        facts.append(bench_sentence(N_("{share} empty"), share=share_text(seen.empty)))
    if len(seen.formats) > 1:
        facts.append(
            bench_sentence(
                N_("{count} date formats: {formats}"),
                count=len(seen.formats),
                formats=", ".join(seen.formats),
            )
        )
    if seen.ambiguous:
        facts.append(
            bench_sentence(
                N_("{date} could be day/month or month/day: put the right format first"), date=seen.ambiguous
            )
        )
    return [f"# {fact}" for fact in facts]


def bring_in(project: Path) -> dict[str, Any]:
    """Bring the data in as `data/intake.toml` says. Return what is known of it. Raises PrototypeError."""
    folder = project / "data"
    seen = SeenFiles(project, (f"data/{INTAKE}", "contract.toml"))
    intake = _read_intake(folder / INTAKE)
    _must_know_the_contract(project, intake)
    contract = Contract(tuple(_intake_column(each) for each in intake["column"]))
    answers = {key: str(value) for key, value in intake.get("personal_data", {}).items()}
    for key, answer in answers.items():
        if fault := answer_fault(answer):
            raise PrototypeError(fault, key=key)
    source = Path(intake["file"]["path"])
    if not source.is_file():
        raise PrototypeError(N_("There is no file {file}."), file=source)
    if shutil.disk_usage(folder).free < source.stat().st_size * 1.2:
        raise PrototypeError(
            N_("The disk has too little room for {file}. Free some, then try again."), file=source.name
        )
    layout = Layout(**{key: intake["file"][key] for key in ("encoding", "separator", "excel")})
    findings = [_answered(key, contract) for key in answers]
    cleaner = Cleaner(findings, answers, _cover_key(folder))
    contract = Contract(tuple(column for column in contract.columns if not cleaner.drops(column.name)))
    try:
        facts = _written(folder, contract, read_rows(source, layout), cleaner, seen)
    except OSError as error:
        for name in (DATA, REFUSED):
            (folder / f"{name}.part").unlink(missing_ok=True)
        raise PrototypeError(
            N_("Writing the data stopped: {reason}. The data that was there before is untouched."),
            reason=error.strerror,
        ) from None
    facts |= {
        "source": source.name,
        "source_sha256": file_hash(source),
        "answers": answers,
        "by": person_here(),
    }
    facts |= {
        "intake_sha256": file_hash(folder / INTAKE),
        "keep_until": str(intake["file"].get("keep_until", "")),
    }
    facts["taken"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    (folder / FACTS).write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    write_contract(contract, project / "contract.toml")
    note_access(project, "took in", f"{source.name}: {facts['rows']} rows, {facts['refused']} refused")
    return facts


def _must_know_the_contract(project: Path, intake: dict[str, Any]) -> None:
    """Raise PrototypeError if somebody changed the contract since the file was looked at: the change would be lost."""
    seen = intake["file"].get("contract_seen")
    if seen and seen != _contract_mark(project):
        raise PrototypeError(
            N_(
                "Somebody changed contract.toml after this file was looked at, and confirming would overwrite that. Put the change into data/intake.toml too, delete its line contract_seen, and confirm again."
            )
        )


def _intake_column(entry: dict[str, Any]) -> Column:
    return Column(**{**entry, "formats": tuple(entry.get("formats", ()))})


def _read_intake(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PrototypeError(
            N_("Nothing waits to be confirmed. Bring a file first: isomo prototype data FILE.")
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PrototypeError(
            N_("{path} cannot be read: {reason}. Correct it, then try again."), path=path.name, reason=error
        ) from None


def _answered(key: str, contract: Contract) -> Finding:
    column, _colon, kind = key.rpartition(": ")
    return Finding(column, kind, column in Scan(column.name for column in contract.columns).whole)


def _cover_key(folder: Path) -> bytes:
    """Return a secret of this project, so that nobody can compute covers of known names elsewhere."""
    path = folder / "cover.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()


def _written(
    folder: Path, contract: Contract, rows: Iterator[list[str]], cleaner: Cleaner, seen: SeenFiles
) -> dict[str, Any]:
    """Write good rows and refused ones aside, then put them in their place in one step, if nobody changed what they follow."""
    header = clean_header(next(rows, []))
    lacking = [column.name for column in contract.columns if column.name not in header]
    if lacking:
        raise PrototypeError(
            N_("The file has no column {name}. Correct its name in intake.toml."), name=lacking[0]
        )
    readers = [(header.index(column.name), CellReader(column, cleaner)) for column in contract.columns]
    good = bad = 0
    reasons: dict[str, int] = {}
    part, refused = folder / f"{DATA}.part", folder / f"{REFUSED}.part"
    with (
        part.open("w", encoding="utf-8", newline="") as kept,
        refused.open("w", encoding="utf-8", newline="") as not_kept,
    ):
        out, aside = csv.writer(kept), csv.writer(not_kept)
        out.writerow([column.name for column in contract.columns])
        aside.writerow(["row", "reason"])
        for number, row in enumerate(rows, start=2):
            try:
                out.writerow([reader(row[n] if n < len(row) else "") for n, reader in readers])
                good += 1
            except BadValue as error:
                bad += 1
                # The reason names the column; the value may be personal and stays in the source.
                aside.writerow([number, error.facts["column"]])
                reasons[str(error.facts["column"])] = reasons.get(str(error.facts["column"]), 0) + 1
    if bad > MOST_REFUSED * (good + bad):
        worst = max(reasons, key=lambda name: reasons[name])
        raise PrototypeError(
            N_(
                "{bad} of {all} rows do not fit, most of them by the column {column}. Correct its type in intake.toml."
            ),
            bad=bad,
            all=good + bad,
            column=worst,
        )
    with hold_folder(folder):
        seen.must_be_same()
        part.replace(folder / DATA)
        refused.replace(folder / REFUSED)
    return {"rows": good, "refused": bad, "reasons": reasons, "sha256": file_hash(folder / DATA)}


class CellReader:
    """Turn one column's cells into the form they are kept in; remembers what it has read before."""

    def __init__(self, column: Column, cleaner: Cleaner) -> None:
        self.column, self.cleaner = column, cleaner
        self.known: dict[str, str] = {}

    def __call__(self, raw: str) -> str:
        """Return the cell as it is kept. Raises BadValue."""
        found = self.known.get(raw)
        if found is None:
            found = stored_value(self.column.value(self.cleaner.clean(self.column.name, raw)))
            if len(self.known) < REMEMBERED and len(raw) < 60:
                self.known[raw] = found
        return found


def stored_value(value: Any) -> str:
    """Return a value as `data.csv` holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() and abs(value) < 1e6 else repr(value)
    return str(value)


def person_here() -> str:
    """Return who works here, as the hub or the machine calls them."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def note_access(project: Path, what: str, of: str) -> None:
    """Add one line to the data's access log."""
    folder = project / "data"
    folder.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with (folder / ACCESS).open("a", encoding="utf-8") as file:
        file.write(f"{now}\t{person_here()}\t{what}\t{of}\n")
