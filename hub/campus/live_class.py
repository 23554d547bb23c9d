"""The live class: who is at which task, and who is stuck on what, grouped by what they miss."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hub.campus.course_actions import write_note
from hub.campus.request_context import Visitor
from hub.store import Store
from hub.store.enrolment_store import NamedPerson
from hub.store.live_reports import NOT_YET, PASSED, Standing
from hub.store.table_models import ClassGroup

RECENT = timedelta(hours=3)
"""How far back reports belong to the class of now."""
SAME_MISS = 3
"""Checks in a row that miss the same after which somebody counts as stuck."""
ALL_HINTS = 3
SILENT = timedelta(minutes=10)
SAME_CHECK, HINTS_GONE, SILENCE = "same-check", "all-hints", "silence"
Sentences = Mapping[tuple[str, str], str]
"""Sentences of a lab, by task and by the name of what is missing."""
BLANK = re.compile(r"\{[^{}]*\}")
LONGEST_SENTENCE = 140


@dataclass(frozen=True)
class LiveLearner:
    """One learner of the class; `reason` says why they count as stuck, empty if they do not."""

    person: NamedPerson
    is_here: bool
    lab: str = ""
    task: str = ""
    outcome: str = ""
    key: str = ""
    reason: str = ""
    repeats: int = 0
    rung: int = 0
    passed: tuple[str, ...] = ()
    minutes: int = 0
    """Minutes since the last check or hint."""


@dataclass
class StuckGroup:
    """Learners who are stuck at the same task for the same reason on the same miss."""

    lab: str
    task: str
    reason: str
    key: str
    learners: list[LiveLearner] = field(default_factory=list)


@dataclass
class LiveTask:
    """Numbers of learners in the class who passed a task, are at it, and are stuck there."""

    lab: str
    task: str
    passed: int = 0
    trying: int = 0
    stuck: int = 0


@dataclass(frozen=True)
class LiveClass:
    """A class at this moment."""

    group: ClassGroup
    learners: Sequence[LiveLearner]
    stuck: Sequence[StuckGroup]
    tasks: Sequence[LiveTask]

    @property
    def here(self) -> int:
        """Return how many learners are present or reported within RECENT."""
        return sum(each.is_here or bool(each.task) for each in self.learners)


def live_class(
    store: Store, present: Mapping[str, str], group: ClassGroup, people: Sequence[NamedPerson], now: datetime
) -> LiveClass:
    """Return the class of now; `present` are the labs that its learners have open."""
    names = [each.username for each in people]
    standings = store.live_reports.standings(group.course, names, now - RECENT)
    learners = [
        live_learner(each, standings.get(each.username), present.get(each.username), now) for each in people
    ]
    learners.sort(key=lambda each: (not each.reason, not each.task, not each.is_here, _name(each)))
    return LiveClass(group, learners, stuck_groups(learners), live_tasks(learners))


def _name(each: LiveLearner) -> str:
    return each.person.display_name.casefold() or each.person.username


def live_learner(
    person: NamedPerson, standing: Standing | None, open_lab: str | None, now: datetime
) -> LiveLearner:
    """Return where a learner is. Silence counts only while their lab is open: who went home is not stuck."""
    if standing is None:
        return LiveLearner(person, open_lab is not None, lab=open_lab or "")
    silent = now - standing.at
    reason = ""
    if standing.outcome != PASSED:
        if standing.outcome == NOT_YET and standing.rung >= ALL_HINTS:
            reason = HINTS_GONE
        elif standing.repeats >= SAME_MISS:
            reason = SAME_CHECK
        elif silent >= SILENT and open_lab == standing.lab:
            reason = SILENCE
    return LiveLearner(
        person,
        open_lab is not None,
        lab=standing.lab,
        task=standing.task,
        outcome=standing.outcome,
        key=standing.key,
        reason=reason,
        repeats=standing.repeats,
        rung=standing.rung,
        passed=tuple(standing.passed),
        minutes=max(0, int(silent.total_seconds() // 60)),
    )


def stuck_groups(learners: Sequence[LiveLearner]) -> list[StuckGroup]:
    """Return those who are stuck, the largest group first; silence is one group for each task."""
    found: dict[tuple[str, str, str, str], StuckGroup] = {}
    for each in learners:
        if each.reason:
            key = "" if each.reason == SILENCE else each.key
            # The same miss is one group, with or without all its hints: the trainer says one thing to all of them.
            name = (each.lab, each.task, SILENCE if each.reason == SILENCE else SAME_CHECK, key)
            group = found.setdefault(name, StuckGroup(each.lab, each.task, name[2], key))
            group.learners.append(each)
    return sorted(found.values(), key=lambda group: (-len(group.learners), group.lab, group.task, group.key))


def live_tasks(learners: Sequence[LiveLearner]) -> list[LiveTask]:
    """Return the tasks that somebody is at or passed, in the order of their names."""
    found: dict[tuple[str, str], LiveTask] = {}
    for each in learners:
        for task in {*each.passed, *([each.task] if each.task else [])}:
            row = found.setdefault((each.lab, task), LiveTask(each.lab, task))
            row.passed += task in each.passed
            if task == each.task and task not in each.passed:
                row.stuck += bool(each.reason)
                row.trying += not each.reason
    return [found[name] for name in sorted(found)]


@dataclass(frozen=True)
class LabWords:
    """Titles of tasks and sentences of misses, by lab, in the language of the trainer."""

    labs: Mapping[str, str]
    titles: Mapping[str, Mapping[str, str]]
    says: Mapping[str, Sentences]

    def lab(self, name: str) -> str:
        """Return the title of a lab."""
        return self.labs.get(name, name)

    def task(self, lab: str, name: str) -> str:
        """Return the title of a task."""
        return self.titles.get(lab, {}).get(name) or name

    def miss(self, lab: str, task: str, key: str) -> str:
        """Return what a check says for a miss, without the facts of any learner; empty for an unknown one."""
        sentence = BLANK.sub("…", self.says.get(lab, {}).get((task, key), ""))
        plain = " ".join(sentence.split())
        return plain if len(plain) <= LONGEST_SENTENCE else plain[:LONGEST_SENTENCE].rsplit(" ", 1)[0] + " …"


def lab_words(who: Visitor, course: str, labs: Sequence[str]) -> LabWords:
    """Return the words of those labs of a course that are in use."""
    store = who.campus.store
    known = {each.lab: each for each in store.courses.labs(course)}
    bundles = {name: known[name].source_bundle for name in labs if name in known}
    texts = store.courses.texts
    titles = {name: texts.titles(bundle, who.language) for name, bundle in bundles.items()}
    says = {name: texts.sentences(bundle, who.language) for name, bundle in bundles.items()}
    return LabWords({name: each.named(who.language) for name, each in known.items()}, titles, says)


def watch_class(who: Visitor, course: str, number: int) -> LiveClass:
    """Return the class of now for its trainer."""
    who.must_train(course)
    store = who.campus.store
    group = store.classes.get_class(course, number)
    members = store.enrolments.names_in(course, number)
    names = {each.username for each in members}
    return live_class(store, who.campus.presence.present(course, names), group, members, datetime.now(UTC))


def write_to_learners(who: Visitor, course: str, number: int, learners: Sequence[str], text: str) -> int:
    """Send a message to learners of a class who are at a lab; return to how many.

    It appears in their open lab and on their first page. Raises Problem for no words and for too many.
    """
    labs: dict[str, list[str]] = defaultdict(list)
    for each in watch_class(who, course, number).learners:
        if each.lab and each.person.username in learners:
            labs[each.lab].append(each.person.username)
    return sum(write_note(who, course, lab, names, text) for lab, names in labs.items())


def choose_reports(who: Visitor, *, reported: bool) -> None:
    """Keep the choice, and take this person off the live pages if they do not report."""
    who.campus.store.live_reports.choose(who.name, wanted=reported)
    if not reported:
        who.campus.presence.forget(who.name)
