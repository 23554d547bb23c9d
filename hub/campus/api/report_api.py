"""A coordinator's figures for programs: counts of an institution's people, never a small group and never a name."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from hub.campus.api.typed_body import file_answer
from hub.campus.institution_report import GroupProgress, group_title
from hub.campus.request_context import Who
from hub.campus.web.coordinator_pages import (
    counts_file,
    courses_of,
    group_titles,
    must_coordinate,
    read_report,
)
from hub.store.signed_receipts import utc_text

router = APIRouter(tags=["reports"], prefix="/reports")


class ReportLine(BaseModel):
    """A course in which people of the institution learn."""

    course: str
    title: str


class LabFigure(BaseModel):
    """Numbers of people of a group who handed in a lab, and of those who are graded."""

    lab: str
    title: str
    handed_in: int
    graded: int


class GroupFigures(BaseModel):
    """A group of people; small groups are joined to others."""

    title: str
    people: int
    labs: list[LabFigure]


class ReportModel(BaseModel):
    """Figures of one course. With too few people to count anything, there are none."""

    course: str
    at: str
    people: int | None = Field(description="Null for fewer than `smallest_group`: a number could be a name.")
    everybody: GroupFigures | None
    classes: list[GroupFigures]
    institutions: list[GroupFigures]
    smallest_group: int = Field(description="No group with fewer people is shown.")


@router.get("")
def list_reports(who: Who) -> list[ReportLine]:
    """Return the courses that a coordinator has figures of."""
    must_coordinate(who)
    return [ReportLine(course=course.id, title=course.title) for course, _people in courses_of(who)]


@router.get("/{course}")
def read_figures(course: str, who: Who) -> ReportModel:
    """Return the figures of one course, for the coordinator's institution and all below it."""
    must_coordinate(who)
    report, titles = read_report(who, course), group_titles(who)

    def said(figure: GroupProgress) -> GroupFigures:
        labs = [
            LabFigure(
                lab=each.lab.lab,
                title=each.lab.named(who.language),
                handed_in=each.handed_in,
                graded=each.graded,
            )
            for each in figure.counts
        ]
        title = group_title(figure.group, titles) or titles["everybody"]
        return GroupFigures(title=title, people=figure.people, labs=labs)

    return ReportModel(
        course=course,
        at=utc_text(report.at),
        people=None if report.is_small else report.people,
        everybody=said(report.everybody) if report.everybody else None,
        classes=[said(each) for each in report.classes],
        institutions=[said(each) for each in report.institutions],
        smallest_group=report.least,
    )


@router.get("/{course}/file.csv", response_class=Response, responses=file_answer("text/csv"))
def read_figures_file(course: str, who: Who) -> Response:
    """Return the same figures as CSV, with headings in the caller's language."""
    return counts_file(who, course)
