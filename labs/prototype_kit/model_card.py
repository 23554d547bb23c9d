"""The model card, `card.md`: half filled from what was measured, the rest from the impact note.

The card is skops': a Markdown file with sections, made with its `Card`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from labs.prototype_kit.application.bench_sentences import (
    N_,
    PrototypeError,
    bench_sentence,
    share_text,
    terminal_language,
)
from labs.prototype_kit.application.data_contract import read_contract
from labs.prototype_kit.application.model_file import load_model
from labs.prototype_kit.application.project_settings import Settings, read_settings
from labs.prototype_kit.impact_note import QUESTIONS, SIGNED_BY, TIERS, missing_answers, read_impact
from labs.prototype_kit.report_page import WORDS, beats_rule
from labs.prototype_kit.run_records import latest_run
from labs.prototype_kit.shared_edits import write_made

FILE = "card.md"
MOST_NAMED = 8
CAMPUS_PROJECT = "ISOMO_PROJECT"
"""Set in a project of the campus: who takes part is on its page, and the campus tells the application."""


def write_card(folder: Path, language: str = "", kept: list[Path] | None = None) -> list[str]:
    """Write `card.md`; return the questions that still need an answer. A card that was edited by hand is added to `kept`."""
    language = language or terminal_language()
    settings, record = read_settings(folder), latest_run(folder)
    if record is None:
        raise PrototypeError(N_("Nothing was measured yet. Type first: isomo prototype evaluate."))
    if (
        aside := write_made(folder / FILE, card_text(folder, settings, record, language))
    ) and kept is not None:
        kept.append(aside)
    return missing_answers(folder)


def card_text(folder: Path, settings: Settings, record: dict[str, Any], language: str) -> str:
    """Return the card as Markdown."""
    from skops.card import Card

    impact = read_impact(folder)
    card = Card(load_model(folder / "model"), model_diagram=False, template=None)
    sections = {
        settings.titled(language): settings.purpose.get(language, settings.purpose["en"]),
        bench_sentence(N_("Data"), language): _data(folder, record, language),
        bench_sentence(N_("How well it does"), language): _measures(record, language),
        bench_sentence(N_("Who is served worse"), language): _worse(record, language),
        bench_sentence(N_("What goes to a person"), language): _to_person(record, language),
        bench_sentence(N_("Risk and signature"), language): _risk(settings, impact, language),
        bench_sentence(N_("Impact note"), language): _answers(impact, language),
        bench_sentence(N_("How it was made"), language): _origin(record, language),
    }
    card.add(**sections)
    return str(card.render())


def _data(folder: Path, record: dict[str, Any], language: str) -> str:
    contract = read_contract(folder / "contract.toml")
    facts = json.loads((folder / "data" / "data.json").read_text("utf-8"))
    lines = [
        bench_sentence(
            N_("{rows} rows with an answer; sha256 {hash}."),
            language,
            rows=record["measures"]["rows"],
            hash=record["data_sha256"][:16],
        )
    ]
    if facts.get("synthetic"):
        lines.append(
            bench_sentence(
                N_("The data is synthetic: nothing here says anything about real people."), language
            )
        )
    lines += [f"- {key}: {answer}" for key, answer in facts.get("answers", {}).items()]
    lines.append(
        bench_sentence(
            N_("The model sees: {names}."), language, names=", ".join(c.name for c in contract.features)
        )
    )
    return "\n".join(lines)


def _measures(record: dict[str, Any], language: str) -> str:
    parts = []
    titles = {"time": N_("On a later period"), "group": N_("On groups it has not seen")}
    for by, table in record["measures"]["by"].items():
        names = list(table["model"])
        parts.append(f"**{bench_sentence(titles[by], language)}**\n")
        parts.append("| |" + "|".join(bench_sentence(WORDS[name], language) for name in names) + "|")
        parts.append("|---|" + "---|" * len(names))
        parts += [
            f"|{bench_sentence(WORDS[who], language)}|"
            + "|".join(f"{table[who][name]:.3g}" for name in names)
            + "|"
            for who in ("baseline", "rule", "model")
        ]
        parts.append("")
    if not beats_rule(record):
        parts.append(
            bench_sentence(
                N_(
                    "The model is no better than the simple rule. Use the rule: it is cheaper, and everybody understands it."
                ),
                language,
            )
        )
    return "\n".join(parts)


def _worse(record: dict[str, Any], language: str) -> str:
    found = [
        f"- {name} = {row['value']}: {row['measure']:.3g} ({row['low']:.3g} – {row['high']:.3g}, n = {row['cases']})"
        for name, rows in record["measures"]["slices"].items()
        for row in rows
        if row["worse"]
    ]
    none = bench_sentence(
        N_("No group whose interval lies on the bad side of the whole. Small groups were too few to say."),
        language,
    )
    return "\n".join(found[:MOST_NAMED]) or none


def _to_person(record: dict[str, Any], language: str) -> str:
    decision = record["measures"]["decision"]
    if record["kind"] == "number":
        return bench_sentence(
            N_("Four of five values lie within {half} of what is foretold."),
            language,
            half=f"{decision['half_width']:.3g}",
        )
    return bench_sentence(
        N_("{share} of the cases, those it is least sure of; among the others it is wrong in {wrong}."),
        language,
        share=share_text(decision["to_person"], language),
        wrong=share_text(decision["wrong_if_answered"], language, 1),
    )


def _risk(settings: Settings, impact: dict[str, Any], language: str) -> str:
    tier = str(impact.get("tier", ""))
    if tier not in TIERS:
        return bench_sentence(N_("(not answered yet)"), language)
    nobody = N_("(nobody is named yet)")
    if os.environ.get(CAMPUS_PROJECT):
        # The campus knows who takes part; what prototype.toml says does not count there.
        approver = bench_sentence(N_("see the project’s page on the campus"), language)
    else:
        approver = settings.approver or bench_sentence(nobody, language)
    lines = [
        bench_sentence(TIERS[tier], language),
        bench_sentence(N_("Signed by: {who}."), language, who=bench_sentence(SIGNED_BY[tier], language)),
    ]
    lines.append(
        bench_sentence(
            N_("Approver: {who}. Review on {review}; it ends on {end}."),
            language,
            who=approver,
            review=settings.review_on or "–",
            end=settings.expires_on or "–",
        )
    )
    return "\n\n".join(lines)


def _answers(impact: dict[str, Any], language: str) -> str:
    parts = []
    for question in QUESTIONS:
        answer = str(impact.get(question.key, "")).strip()
        if answer or impact.get("tier") in question.tiers:
            parts.append(
                f"**{bench_sentence(question.text, language)}**\n\n{answer or bench_sentence(N_('(not answered yet)'), language)}\n"
            )
    return "\n".join(parts)


def _origin(record: dict[str, Any], language: str) -> str:
    commit = record["commit"] or "–"
    return bench_sentence(
        N_(
            "Run {run} of {day}, code {commit}, scikit-learn {version}, model sha256 {hash}. Parameters: {parameters}."
        ),
        language,
        run=record["run"],
        day=record["at"][:10],
        commit=commit,
        version=record["sklearn"],
        hash=record["model_sha256"][:16],
        parameters=", ".join(f"{key} = {value}" for key, value in record["parameters"].items()) or "–",
    )
