"""Report on an institution's people in one course: a sentence, figures by group, a line by week, names."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from hub.campus.small_groups import Group, Members, shown_groups
from hub.safe_spreadsheets import Cell
from hub.store.course_progress import CourseProgress, ProgressLearner
from hub.store.course_store import Lab
from hub.store.institution_tree import Branch
from hub.store.learner_times import LabTimes

WEEK = timedelta(days=7)
MOST_WEEKS = 26
EVERYBODY, NO_CLASS, HERE = "", "\u2060", "\u200b"
"""Titles of groups that a page gives words: everybody, those in no class, those of the institution itself."""


@dataclass(frozen=True)
class LabCount:
    """People of a group who handed in a lab, and those whose work is graded."""

    lab: Lab
    handed_in: int
    graded: int


@dataclass(frozen=True)
class GroupProgress:
    """One small figure: a group, and its counts at each lab."""

    group: Group
    people: int
    counts: tuple[LabCount, ...]


@dataclass(frozen=True)
class Week:
    """Share of all that people are to hand in, in percent: handed in by the end of a week, and due by then."""

    ends: datetime
    done: float
    due: float


@dataclass(frozen=True)
class Late:
    """A person, and the labs that they did not hand in before they closed."""

    learner: ProgressLearner
    labs: tuple[Lab, ...]


@dataclass(frozen=True)
class InstitutionReport:
    """A coordinator's report on one course. `lab` is the one that the sentence is about."""

    progress: CourseProgress
    labs: tuple[Lab, ...]
    at: datetime
    lab: Lab | None
    handed_in: int
    handed_in_before: int
    everybody: GroupProgress | None
    classes: tuple[GroupProgress, ...]
    institutions: tuple[GroupProgress, ...]
    weeks: tuple[Week, ...]
    least: int
    own: LabTimes

    @property
    def people(self) -> int:
        """Return how many people the report is about."""
        return len(self.progress.learners)

    @property
    def is_small(self) -> bool:
        """Return whether there are too few people to count anything."""
        return self.people < self.least

    @cached_property
    def not_begun(self) -> list[ProgressLearner]:
        """Return people who handed in nothing at all."""
        begun = {name for _lab, name in self.progress.work}
        return [each for each in self.progress.learners if each.username not in begun]

    @cached_property
    def late(self) -> list[Late]:
        """Return people who handed in something, but missed labs that are closed for them."""
        begun = {name for _lab, name in self.progress.work}
        found = []
        for each in self.progress.learners:
            missed = tuple(
                lab
                for lab in self.labs
                if (lab.lab, each.username) not in self.progress.work
                and _own(lab, each.username, self.own).state(self.at) == "closed"
            )
            if missed and each.username in begun:
                found.append(Late(each, missed))
        return found


def make_report(
    progress: CourseProgress,
    labs: Sequence[Lab],
    tree: Sequence[Branch],
    institution: str,
    *,
    least: int,
    target: int,
    own: LabTimes | None = None,
    now: datetime | None = None,
) -> InstitutionReport:
    """Return the report of an institution's people in a course; `own` has the learners with times of their own."""
    moment, own = now or datetime.now(UTC), own or {}
    everybody = frozenset(each.username for each in progress.learners)
    enough = len(everybody) >= least
    units = shown_groups(_by_institution(progress, tree, institution), least) if enough else []
    unit_members = [group.members for group in units]
    classes = shown_groups(_by_class(progress), least, unit_members) if enough else []
    begun = [lab for lab in labs if _has_begun(lab, own, moment)]
    lab = _current(begun, moment)
    mine = [work for (slug, _name), work in progress.work.items() if lab and slug == lab.lab]
    return InstitutionReport(
        progress=progress,
        labs=tuple(labs),
        at=moment,
        lab=lab,
        handed_in=len(mine) if enough else 0,
        handed_in_before=sum(work.first_at <= moment - WEEK for work in mine) if enough else 0,
        everybody=_counted(Group((EVERYBODY,), everybody), labs, progress) if enough else None,
        classes=_figures(classes, labs, progress),
        institutions=_figures(units, labs, progress),
        weeks=_weeks(progress, begun, moment, target) if enough else (),
        least=least,
        own=own,
    )


def _figures(
    groups: Sequence[Group], labs: Sequence[Lab], progress: CourseProgress
) -> tuple[GroupProgress, ...]:
    """Count each group; one that is everybody says nothing new."""
    if len(groups) < 2:
        return ()
    return tuple(_counted(group, labs, progress) for group in groups)


def _counted(group: Group, labs: Sequence[Lab], progress: CourseProgress) -> GroupProgress:
    counts = []
    for lab in labs:
        works = [progress.work.get((lab.lab, name)) for name in group.members]
        done = [work for work in works if work is not None]
        counts.append(LabCount(lab, len(done), sum(work.graded for work in done)))
    return GroupProgress(group, len(group.members), tuple(counts))


def _by_class(progress: CourseProgress) -> dict[str, Members]:
    return _grouped({each.username: each.group or NO_CLASS for each in progress.learners})


def _by_institution(progress: CourseProgress, tree: Sequence[Branch], institution: str) -> dict[str, Members]:
    """Group people by the institution directly below the coordinator's that theirs belongs to."""
    parents = {each.institution.id: each.institution.parent for each in tree}
    titles = {each.institution.id: each.institution.title for each in tree}

    def unit(name: str) -> str:
        below = name
        while below != institution and parents.get(below) not in (institution, None):
            below = parents[below] or ""
        return HERE if below == institution else titles.get(below, below)

    known = {each.institution: unit(each.institution) for each in progress.learners}
    return _grouped({each.username: known[each.institution] for each in progress.learners})


def _grouped(titles: Mapping[str, str]) -> dict[str, Members]:
    found: dict[str, set[str]] = {}
    for name, title in titles.items():
        found.setdefault(title, set()).add(name)
    return {title: frozenset(names) for title, names in found.items()}


def _own(lab: Lab, username: str, own: LabTimes) -> Lab:
    """Return a lab with the times that count for a person."""
    return own.get((lab.course, lab.lab), {}).get(username, lab)


def _has_begun(lab: Lab, own: LabTimes, now: datetime) -> bool:
    """Return whether a lab is open, or was, for all or for some."""
    return any(each.state(now) != "planned" for each in (lab, *own.get((lab.course, lab.lab), {}).values()))


def _current(labs: Sequence[Lab], now: datetime) -> Lab | None:
    """Return the open lab that closes next, else the one that was opened last; None without any lab."""
    closing = [lab for lab in labs if lab.state(now) == "released" and lab.closes_at]
    if closing:
        return min(closing, key=lambda lab: lab.closes_at or now)
    return max(labs, key=lambda lab: (lab.opens_at or lab.opened_at, lab.number), default=None)


def _weeks(progress: CourseProgress, labs: Sequence[Lab], now: datetime, target: int) -> tuple[Week, ...]:
    """Return the weeks since the first lab was opened, the last one ending now."""
    if not labs:
        return ()
    slugs = {lab.lab for lab in labs}
    times = sorted(work.first_at for (slug, _name), work in progress.work.items() if slug in slugs)
    whole = len(progress.learners) * len(labs)
    first = min(lab.opens_at or lab.opened_at for lab in labs)
    number = min(MOST_WEEKS, max(1, -(-int((now - first).total_seconds()) // int(WEEK.total_seconds()))))
    ends = [now - WEEK * back for back in range(number, -1, -1)]
    return tuple(
        Week(
            end,
            done=100 * bisect_right(times, end) / whole,
            due=target * sum((_end_of(lab) or now + WEEK) <= end for lab in labs) / len(labs),
        )
        for end in ends
    )


def _end_of(lab: Lab) -> datetime | None:
    ends = [end for end in (lab.closes_at, lab.closed_at) if end]
    return min(ends) if ends else None


def report_sheet(
    report: InstitutionReport, title_of: Mapping[str, str], headings: Sequence[str], language: str
) -> list[list[Cell]]:
    """Return the counts of a report as rows of a table; `title_of` has words for everybody, classes, institutions."""
    rows: list[list[Cell]] = [list(headings)]
    parts = [("everybody", [report.everybody] if report.everybody else [])]
    parts += [("class", list(report.classes)), ("institution", list(report.institutions))]
    for kind, figures in parts:
        for figure in figures:
            title = group_title(figure.group, title_of)
            for count in figure.counts:
                lab = count.lab.named(language)
                rows.append([title_of[kind], title, figure.people, lab, count.handed_in, count.graded])
    return rows


def group_title(group: Group, title_of: Mapping[str, str]) -> str:
    """Return what a group is called; `title_of` has words for those in no class and for the institution itself."""
    names = {NO_CLASS: title_of["no-class"], HERE: title_of["here"]}
    return " + ".join(names.get(title, title) for title in group.titles)
