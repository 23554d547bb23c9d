"""`isomo prototype share`: freeze a version for the approver, if nothing required is missing."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

from labs.prototype_kit.application.bench_sentences import LANGUAGES, N_, PrototypeError, bench_sentence
from labs.prototype_kit.application.frozen_versions import version_numbers, versions_folder
from labs.prototype_kit.application.model_file import FACTS, MODEL, file_hash, load_model
from labs.prototype_kit.application.own_page import FILE as APP_FILE
from labs.prototype_kit.application.project_settings import FILE as SETTINGS_FILE
from labs.prototype_kit.application.project_settings import Settings, read_settings
from labs.prototype_kit.data_intake import note_access, person_here
from labs.prototype_kit.impact_note import FILE as IMPACT_FILE
from labs.prototype_kit.impact_note import missing_answers
from labs.prototype_kit.model_card import CAMPUS_PROJECT, card_text
from labs.prototype_kit.own_page_files import pack_own_page
from labs.prototype_kit.run_records import latest_run, recorded_runs, sentence_of_change

CONTRACT = "contract.toml"


def service_folder(project: Path) -> Path:
    """Return where versions and cases of a project are kept."""
    return project / "service"


def sharing_refusals(project: Path, settings: Settings, language: str = "") -> list[str]:
    """Return all that stops sharing, as sentences in `language`."""
    found = [
        bench_sentence(
            N_("Answer in impact.toml: {question}"), language, question=bench_sentence(text, language)
        )
        for text in missing_answers(project)
    ]
    if not os.environ.get(CAMPUS_PROJECT):
        found += _missing_people(settings, language)
    if settings.review_on is None or settings.expires_on is None:
        found.append(bench_sentence(N_("Set review_on and expires_on in prototype.toml."), language))
    elif settings.expires_on <= dt.datetime.now(dt.UTC).date():
        found.append(bench_sentence(N_("expires_on in prototype.toml lies in the past."), language))
    record = latest_run(project)
    if record is None:
        found.append(
            bench_sentence(N_("Nothing was measured yet. Type first: isomo prototype evaluate."), language)
        )
    elif record["contract_sha256"] != file_hash(project / CONTRACT):
        found.append(
            bench_sentence(
                N_("The contract was changed since the last run. Type first: isomo prototype evaluate."),
                language,
            )
        )
    return found


def _missing_people(settings: Settings, language: str) -> list[str]:
    found = []
    if not settings.approver:
        found.append(bench_sentence(N_("Name the approver in prototype.toml: [people] approver."), language))
    elif settings.approver in settings.team:
        found.append(
            bench_sentence(
                N_("{name} is in the team and cannot approve it. Name another person."),
                language,
                name=settings.approver,
            )
        )
    if not settings.reviewers:
        found.append(
            bench_sentence(
                N_(
                    "Name at least one reviewer in prototype.toml: somebody must decide what the model does not."
                ),
                language,
            )
        )
    return found


def make_version(project: Path, groups: tuple[str, ...] = ()) -> int:
    """Freeze the project's model, contract, card and answers as a new version; return its number.

    Raises PrototypeError with everything that is missing, all at once.
    """
    settings = read_settings(project)
    if missing := sharing_refusals(project, settings):
        raise PrototypeError(
            N_("It cannot be shared yet:\n{list}"), list="\n".join(f"- {each}" for each in missing)
        )
    load_model(project / "model")
    # Before anything is written: it may take minutes, or fail.
    packed = pack_own_page(project, settings)
    state = service_folder(project)
    number = max(version_numbers(state), default=0) + 1
    place = versions_folder(state)
    place.mkdir(parents=True, exist_ok=True)
    aside = place / f".{number}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for source in (
        project / "model" / MODEL,
        project / "model" / FACTS,
        project / CONTRACT,
        project / IMPACT_FILE,
    ):
        shutil.copy(source, aside)
    text = (project / SETTINGS_FILE).read_text("utf-8")
    (aside / SETTINGS_FILE).write_text(_with_groups(text, settings, groups), "utf-8")
    (aside / "version.json").write_text(
        json.dumps(_about(project, settings) | packed.about, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    if packed.data is not None:
        (aside / APP_FILE).write_bytes(packed.data)
    try:
        # Two people share at once: the second one's rename fails, and nothing is overwritten.
        aside.rename(place / str(number))
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise PrototypeError(
            N_("Somebody else made version {number} in this moment. Try again."), number=number
        ) from None
    note_access(project, "shared", f"version {number}")
    return number


def _with_groups(text: str, settings: Settings, groups: tuple[str, ...]) -> str:
    """Return the settings' text with more groups; only the line of groups changes."""
    if not groups:
        return text
    named = list(dict.fromkeys([*settings.groups, *groups]))
    line = f"groups = {json.dumps(named, ensure_ascii=False)}"
    lines = [line if each.split("=")[0].strip() == "groups" else each for each in text.splitlines()]
    return "\n".join(lines) + "\n"


def _about(project: Path, settings: Settings) -> dict[str, object]:
    record, all_runs = latest_run(project), recorded_runs(project)
    if record is None:
        raise PrototypeError(N_("Nothing was measured yet. Type first: isomo prototype evaluate."))
    before = all_runs[-2] if len(all_runs) > 1 else None
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "by": person_here(),
        "run": record["run"],
        "model_sha256": record["model_sha256"],
        "change": {language: sentence_of_change(before, record, language) for language in LANGUAGES},
        "card": {language: card_text(project, settings, record, language) for language in LANGUAGES},
    }
