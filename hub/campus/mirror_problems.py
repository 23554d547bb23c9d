"""Refusals about packages for data teams: a short code for programs, the HTTP status, a sentence for people."""

from __future__ import annotations

from hub.message_catalogues import N_

MIRROR_PROBLEMS: dict[str, tuple[int, str]] = {
    "packages-for-projects": (
        403,
        N_(
            "Packages are for the servers of data teams' projects. Open the project's folder, and ask from there."
        ),
    ),
    "mirror-away": (
        502,
        N_(
            "The office's package mirror did not answer as it should. Try again later; if it stays so, tell your "
            "administrator: the campus' log says why."
        ),
    ),
    "say-why": (422, N_("Say why in a few words; everybody in the project can read them.")),
    "bad-short-name": (
        422,
        N_(
            "{name} cannot be a short name. Write at most 60 small letters, digits, dots and hyphens, "
            "for example everyone-2026a."
        ),
    ),
    "bad-title": (422, N_("A title has 1 to {most} letters on one line. Write another one.")),
    "bad-display-name": (422, N_("A name has 1 to {most} letters on one line. Write another one.")),
    "bad-email": (422, N_("{value} cannot be an e-mail address. Correct it, or leave it empty.")),
    "no-such-institution": (
        404,
        N_("There is no institution called {name}. Make it first on the page of institutions."),
    ),
    "institution-circle": (
        409,
        N_("{parent} lies below {name}, so it cannot be above it. Choose another institution to belong to."),
    ),
    "no-such-course": (404, N_("There is no course called {name}. Make it first on the page of courses.")),
    "no-such-class": (404, N_("The course {name} has no such class. Load the page again.")),
    "class-title-taken": (409, N_("This course has a class called {title} already. Choose another name.")),
    "no-such-part": (422, N_("{part} is no part in a course. It can be learner or trainer.")),
    "coordinator-without-institution": (
        422,
        N_("A coordinator sees one institution, and none is chosen. Choose the institution, then try again."),
    ),
    "closed-account": (409, N_("The account {name} is closed. Open it again first, then repeat this.")),
    "same-course": (409, N_("{name} is the course they are in already. Choose another one.")),
    "not-enrolled": (409, N_("{name} is no learner of the course {course}. Load the page again.")),
    "no-role": (422, N_("Everybody has a role. Choose at least one.")),
    "not-your-own-role": (
        409,
        N_("You cannot take the administrator's role from yourself. Ask another administrator to do it."),
    ),
    "identity": (
        422,
        N_(
            "Whoever has the link is taken for {name}. Make sure who asks for it, tick the box that says so, "
            "then try again."
        ),
    ),
    "link-by-administrator": (
        403,
        N_("A link for {name} can be made by an administrator only. Send them to your administrator."),
    ),
    "link-by-page": (
        403,
        N_("No program may make a link for {name}, who is an administrator. Make it on the page People."),
    ),
    "too-many-meetings": (
        409,
        N_("A class has at most {most} meetings besides its usual time. Remove some, then try again."),
    ),
    "nobody-needs-a-slip": (
        409,
        N_(
            "Nobody in this class needs a first sign-in link: all have a password. Make slips for all instead."
        ),
    ),
    "marks-not-final": (
        409,
        N_(
            "The marks of this course are not final yet, so nobody can have a certificate. Sign them off first, on "
            "the page Marks."
        ),
    ),
    "not-earned": (
        409,
        N_(
            "The final marks of {name} do not reach what this course asks for. Look at the page Certificates."
        ),
    ),
    "no-such-certificate": (
        404,
        N_("There is no valid certificate {name} here. Load the page again, or check the code."),
    ),
    "no-certificate-reason": (
        422,
        N_("Say in one line of 3 to 300 letters why: everybody who checks the certificate reads it."),
    ),
    "bad-percent": (422, N_("The share of points is a whole number from 1 to 100, for example 60.")),
    "erase-administrator": (
        409,
        N_("{name} is an administrator. Take that role from them first, then erase the account."),
    ),
    "name-not-typed": (422, N_("To erase somebody, type their user name, {name}. Nothing was erased.")),
    "unreadable-roster": (422, "{sentence}"),
    "draft-gone": (
        409,
        N_("This dry run is over a day old, or was imported already. Give the roster once more."),
    ),
    "changed-meanwhile": (
        409,
        N_("Somebody else changed the same people at the same moment. Nothing was imported; try again."),
    ),
}
