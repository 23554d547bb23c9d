"""A project's settings, `prototype.toml`: what is decided, what mistakes cost, who takes part."""

from __future__ import annotations

import datetime as dt
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import N_, PrototypeError

FILE = "prototype.toml"
KINDS = ("yes-no", "choice", "number")


@dataclass(frozen=True)
class Settings:
    """Content of `prototype.toml`."""

    name: str
    template: str
    kind: str
    title: dict[str, str]
    purpose: dict[str, str]
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """The words for each decision, by language."""
    cost_missed: float = 10.0
    cost_false_alarm: float = 1.0
    most_to_person: float = 0.15
    """Largest share of cases that may be sent to a person because the model is unsure."""
    accuracy_wanted: float = 0.9
    """If one of several choices is made: how often an answered case shall be right."""
    team: tuple[str, ...] = ()
    approver: str = ""
    reviewers: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Hub groups whose members may use the application."""
    review_on: dt.date | None = None
    expires_on: dt.date | None = None
    minutes_by_hand: float = 0.0
    own_command: str = ""
    """The command that serves the team's own page, with {port} in it; empty if there is none."""
    switched_off: str = ""
    """Why the campus switched the application off; empty if it did not."""

    def worded(self, label: str, language: str) -> str:
        """Return the words for a decision."""
        words = self.labels.get(label, {})
        return words.get(language) or words.get("en") or label

    def titled(self, language: str) -> str:
        """Return the application's title."""
        return self.title.get(language) or self.title.get("en") or self.name


def read_settings(folder: Path) -> Settings:
    """Read the settings of the project in `folder`. Raises PrototypeError with what to correct."""
    path = folder / FILE
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise PrototypeError(
            N_(
                "{folder} is no prototype's folder: it has no {file}. Go into one, or name it with --in FOLDER."
            ),
            folder=folder,
            file=FILE,
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PrototypeError(
            N_("{path} cannot be read: {reason}. Correct it, then try again."), path=FILE, reason=error
        ) from None
    try:
        return _settings(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PrototypeError(
            N_("{path} is not complete: {reason}. Correct it, then try again."), path=FILE, reason=error
        ) from None


def _settings(found: dict[str, Any]) -> Settings:
    project, decision, people = found["project"], found.get("decision", {}), found.get("people", {})
    dates = found.get("dates", {})
    if project["kind"] not in KINDS:
        raise ValueError(f"kind is {project['kind']!r}, not one of {', '.join(KINDS)}")
    return Settings(
        name=str(project["name"]),
        template=str(project["template"]),
        kind=str(project["kind"]),
        title=dict(found["title"]),
        purpose=dict(found["purpose"]),
        labels={str(k): dict(v) for k, v in found.get("labels", {}).items()},
        cost_missed=float(decision.get("cost_missed", 10)),
        cost_false_alarm=float(decision.get("cost_false_alarm", 1)),
        most_to_person=float(decision.get("most_to_person", 0.15)),
        accuracy_wanted=float(decision.get("accuracy_wanted", 0.9)),
        team=tuple(people.get("team", ())),
        approver=str(people.get("approver", "")),
        reviewers=tuple(people.get("reviewers", ())),
        users=tuple(people.get("users", ())),
        groups=tuple(people.get("groups", ())),
        review_on=_day(dates.get("review_on")),
        expires_on=_day(dates.get("expires_on")),
        minutes_by_hand=float(decision.get("minutes_by_hand", 0)),
        own_command=_command(found.get("app", {})),
    )


def _command(app: dict[str, Any]) -> str:
    """Return the command of the team's own page, such as `streamlit run page.py --server.port {port}`."""
    command = str(app.get("command", "")).strip()
    if command and (not shlex.split(command) or "{port}" not in command):
        raise ValueError("[app] command names no {port}")
    return command


def _day(value: Any) -> dt.date | None:
    if value is None or isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(str(value))
