"""Findings from reading a lab's text: pictures without words, and more words than minutes."""

from __future__ import annotations

import importlib.util
import re

from labs.authoring.finding_report import Report, english_finding
from labs.authoring.lab_sentences import lab_sentences
from labs.authoring.lab_spec import Lab, Task

WORDS_A_MINUTE = 140
"""Reading speed on a screen in a second or third language."""
SHORT = 6
"""Words; shorter pieces are labels, not sentences."""
TASK_MINUTES = {
    "recall": 1,
    "predict": 1,
    "read": 2,
    "together": 5,
    "change": 5,
    "judge": 7,
    "break": 7,
    "text": 4,
}
CODE_MINUTES = 12
"""What a task takes whose answer is a function or a model, written in a cell of a technical lab."""
CODED = ("change", "break")
MOST_SLACK = 4 / 3
"""Our labs say at most a third more: for tables, pictures, hints and the sentences of checks."""
GRADE = {"everyone": 6.0, "technical": 8.0, "capstone": 8.0}
"""School years of the Automated Readability Index (Senter and Smith, 1967): it counts letters, words and sentences,
and so needs no word list from elsewhere."""
WORDS_A_SENTENCE = 15
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\([^)]*\)|<img\b(?P<tag>[^>]*)>")


def lint_prose(lab: Lab, report: Report) -> None:
    """Note pictures without a text alternative, and a lab that is longer than it says."""
    for cell in lab.cells:
        for found in PICTURE.finditer(cell.source):
            alt = found["alt"] if found["tag"] is None else _alt(found["tag"])
            if not alt.strip():
                report.add(
                    "lab.py",
                    cell.line,
                    english_finding("This picture has no text alternative: say what it shows."),
                )
    needed = reading_minutes(lab)
    if needed > lab.facts["minutes"]:
        sentence = english_finding(
            "By its words and tasks it takes {needed} minutes, and it says {minutes}.",
            needed=f"{needed:.0f}",
            minutes=lab.facts["minutes"],
        )
        report.add("lab.toml", 0, sentence)


def check_readability(lab: Lab, report: Report) -> None:
    """Note English that is harder than a second or third language allows after a day's work."""
    if importlib.util.find_spec("textstat") is None:
        return  # It is with the tests; an image or a lab's own environment checks the rest.
    import textstat

    text, most = running_text(lab), GRADE.get(lab.facts["track"], min(GRADE.values()))
    grade, long = textstat.automated_readability_index(text), textstat.words_per_sentence(text)
    if grade > most:
        report.add(
            "lab.toml",
            0,
            english_finding(
                "Its English needs {grade} years of school; {most} are the most here.",
                grade=f"{grade:.1f}",
                most=f"{most:g}",
            ),
        )
    if long > WORDS_A_SENTENCE:
        report.add(
            "lab.toml",
            0,
            english_finding(
                "Its sentences have {long} words on average; {most} are the most.",
                long=f"{long:.0f}",
                most=WORDS_A_SENTENCE,
            ),
        )


def _alt(tag: str) -> str:
    found = re.search(r"""alt=["']([^"']*)["']""", tag)
    return found[1] if found else ""


def word_count(lab: Lab) -> int:
    """Return how many words a learner reads, hints left out."""
    texts = [cell.source for cell in lab.cells if cell.markdown]
    for task in lab.tasks.values():
        texts += [task.ask, *(part.ask for part in task.parts)]
        texts += [str(option.get("text", "")) for part in task.parts for option in part.options]
    return sum(len(re.findall(r"\w+", text)) for text in texts)


def running_text(lab: Lab) -> str:
    """Return a lab's English sentences as running text, without code, tables and marks: for measures of reading."""
    found = []
    for text, _, _ in lab_sentences(lab):
        if text.startswith("|") or "```" in text or len(text.split()) < SHORT:
            continue
        said = re.sub(r"`[^`]*`", "it", text)
        said = re.sub(r"[*#_>{}]", "", re.sub(r"^\s*[-\d.]+\s", "", said, flags=re.MULTILINE))
        found.append(said if said.rstrip().endswith((".", "?", "!", "”")) else f"{said}.")
    return "\n".join(found)


def reading_minutes(lab: Lab) -> float:
    """Return how long a lab takes who reads it for the first time: its words, and what its tasks need besides."""
    return word_count(lab) / WORDS_A_MINUTE + sum(_task_minutes(lab, task) for task in lab.tasks.values())


def _task_minutes(lab: Lab, task: Task) -> float:
    if task.minutes:
        return task.minutes
    if task.kind in CODED and not task.parts and lab.facts["track"] != "everyone":
        return CODE_MINUTES
    return TASK_MINUTES.get(task.kind, 3)
