"""Every refusal of the campus: a short code for programs, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.campus.draft_problems import DRAFT_PROBLEMS
from hub.campus.mirror_problems import MIRROR_PROBLEMS
from hub.message_catalogues import N_

# code: (HTTP status, sentence)
PROBLEMS: dict[str, tuple[int, str]] = {
    "sign-in": (401, N_("Sign in first, then try again.")),
    "sign-in-again": (
        403,
        N_(
            "Signing in took too long, or this browser keeps no cookies. Go back to the start and sign in once more."
        ),
    ),
    "no-account": (
        403,
        N_(
            "You are signed in, but have no open account here. Ask your trainer or administrator for a new link."
        ),
    ),
    "token-over": (
        401,
        N_(
            "This token is unknown, has expired or was revoked. Make a new one on the page Tokens for programs."
        ),
    ),
    "token-scope": (
        403,
        N_(
            "This token may not do this, because it lacks {scope}. Make one that has it, on the page Tokens for "
            "programs."
        ),
    ),
    "token-never": (
        403,
        N_("No program may do this with a token. Sign in with a browser, then do it there."),
    ),
    "too-many-tokens": (
        409,
        N_("You have {most} tokens already. Revoke one that no program uses any more, then try again."),
    ),
    "no-scope": (422, N_("Choose what the program may do. A token that may do nothing is of no use.")),
    "bad-expiry": (
        422,
        N_("{value} cannot be the last day of a token. Choose a day from tomorrow until a year from today."),
    ),
    "not-allowed": (
        403,
        N_("Your account may not do this. Ask your trainer or administrator if you need it."),
    ),
    "second-factor": (
        403,
        N_(
            "Administrators of this installation need a second step of signing in, and you have none yet. Set it up "
            "first: Change your password, then Second step of signing in."
        ),
    ),
    "not-found": (
        404,
        N_("There is nothing here that you can see. Check the address, or go back to your labs."),
    ),
    "stale-form": (403, N_("This page was open for too long. Load it again, then repeat what you did.")),
    "not-a-notebook": (
        422,
        N_("{file} is not a notebook that can be read. Save it again in the lab, then hand it in once more."),
    ),
    "no-notebook": (422, N_("There is no {file} in what was handed in. Hand in the lab's own notebook.")),
    "too-large": (
        413,
        N_("This is larger than {limit}. Clear the notebook's outputs, remove large files, then try again."),
    ),
    "not-a-receipt": (
        413,
        N_(
            "This is too large for a receipt. Choose the .json file that was saved when the work was handed in."
        ),
    ),
    "release-too-large": (
        413,
        N_(
            "The files of this lab are larger than {limit} together, so it was not released. Remove large files, or "
            "ask your administrator to raise grading.release_size in isomo.toml, then release it again."
        ),
    ),
    "too-many-files": (
        413,
        N_("These are more than {limit} files. Remove files that the lab does not need, then try again."),
    ),
    "bad-file-name": (
        422,
        N_(
            "The file name {file} does not work on every computer. Rename it without the signs "
            '\\ : * ? " < > | and with at most {limit} characters, then try again.'
        ),
    ),
    "bad-lab-name": (
        422,
        N_(
            '"{lab}" cannot be the name of a lab. Use at most 100 letters, digits, spaces and signs such as '
            '- _ . + # % ( ), none of / \\ : * ? " < > |, and no dot at the beginning.'
        ),
    ),
    "no-lab-notebook": (
        422,
        N_(
            "The lab {lab} was not released: its learners' version and its source have no notebook in common. "
            "Make both with nbgrader generate_assignment {lab}, then release it again."
        ),
    ),
    "notebook-not-released": (
        422,
        N_(
            "The lab {lab} was not released: {file} has graded cells, but learners would not get it. "
            "Run nbgrader generate_assignment {lab} --force, then release it again."
        ),
    ),
    "other-language": (
        422,
        N_(
            "The lab was not released: {file} is written in {language} (its kernel is {kernel}), and labs are graded "
            "in Python. Choose a Python kernel, save the notebook, then release it again."
        ),
    ),
    "bad-zip": (
        400,
        N_("What arrived is not a readable set of files. Try again; if it stays so, tell your trainer."),
    ),
    "lab-not-released": (
        404,
        N_("The lab {lab} is not open in this course. Your work is still in your own folder."),
    ),
    "lab-closed": (
        409,
        N_(
            "The lab {lab} is closed and takes no more work. Yours is still in your own folder; ask your trainer."
        ),
    ),
    "lab-withdrawn": (
        409,
        N_(
            "The lab {lab} was withdrawn from this course. What you handed in, and your marks, are on your first page; "
            "ask your trainer."
        ),
    ),
    "lab-not-open-yet": (
        403,
        N_("The lab {lab} opens on {time}. Come back then; nothing can be handed in before."),
    ),
    "opens-after-closing": (
        422,
        N_("The lab would open after it closes. Choose an opening time before {closes}, then save again."),
    ),
    "bad-schedule-number": (
        422,
        N_("{value} does not fit here. Give a number from 0 to {most}, then save again."),
    ),
    "no-late-policy": (
        422,
        N_("{value} is no rule for late work. Choose refused, accepted or points, then save again."),
    ),
    "points-per-day-missing": (
        422,
        N_(
            "Late work is to cost points, and no points for a day are given. Write a number above 0, then save again."
        ),
    ),
    "no-note": (422, N_("No message is written. Write it below the table, then send it again.")),
    "no-reason": (422, N_("No reason is written. Write why in a sentence or two, then send it again.")),
    "long-reason": (422, N_("This text is longer than {most} letters. Shorten it, then send it again.")),
    "appeal-too-late": (
        409,
        N_("The time for an appeal is over, or nothing was returned yet. Talk to your trainer instead."),
    ),
    "appeal-waits": (
        409,
        N_("Your appeal about this task waits already. Your trainer answers it; you read the answer here."),
    ),
    "appeal-answered": (
        409,
        N_("{name} answered this appeal meanwhile. Go back, load the page again, and look at that answer."),
    ),
    "not-marked-yet": (
        409,
        N_("Nobody has marked this answer yet. Mark it at the desk first; a second mark comes after that."),
    ),
    "own-first-mark": (
        409,
        N_(
            "You gave the first mark of this answer. Ask another trainer of the course to be the second marker."
        ),
    ),
    "regrade-changed": (
        409,
        N_("Other results would change now than those you looked at. Look again, then apply it."),
    ),
    "regrade-undone": (409, N_("This regrade was taken back already. Load the page again.")),
    "bad-request": (
        422,
        N_("Something in this request is missing or wrong ({fields}). Correct it, then send it again."),
    ),
    "no-such-person": (
        404,
        N_("There is nobody called {name} here. Check the spelling, or invite them first."),
    ),
    "bad-username": (
        422,
        N_(
            "{name} cannot be a user name. Write at most 32 small letters, digits, dots and hyphens, "
            "for example amina.k."
        ),
    ),
    "not-graded": (
        409,
        N_("There is no graded work of {name} to return yet. Wait until it is graded, then return it again."),
    ),
    "not-graded-yet": (
        409,
        N_(
            "The work of {name} is not graded yet, so its tasks have no points. Wait until it is graded, then mark it."
        ),
    ),
    "unknown-task": (
        422,
        N_("The lab {lab} has no task {task}. Load the page again, then give the mark once more."),
    ),
    "bad-score": (
        422,
        N_("{score} points do not fit the task {task}. Give a number from 0 to {most}."),
    ),
    "no-such-method": (
        405,
        N_("This address does not take {method}. The page For programs lists all calls."),
    ),
    "not-yourself": (409, N_("You cannot close your own account. Ask another administrator to do it.")),
    "name-taken": (
        409,
        N_("There is somebody called {name} already. Choose another user name, or make a new link for them."),
    ),
    "server-fault": (
        500,
        N_(
            "Something went wrong on our side; nothing of yours was lost. Try again, then tell your administrator."
        ),
    ),
    "unknown-lab": (404, N_("There is no lab {lab} in the library. Build it first: ./isomo up.")),
    "marks-changed": (
        409,
        N_("The marks changed while you looked at them. Look at the new ones, then sign off again."),
    ),
    "marked-meanwhile": (
        409,
        N_(
            "{name} marked this answer while you read it: {score} points. Go back and load the page again; what you "
            "typed is still there."
        ),
    ),
    "nobody-chosen": (
        422,
        N_("No learner was chosen. Tick the boxes in front of their names, then try again."),
    ),
    "past-extension": (
        422,
        N_(
            "An extension needs a time that is still to come, such as 2026-11-27T17:00. Choose one, then try again."
        ),
    ),
    "unknown-person-in-course": (
        404,
        N_("{name} does not learn in this course. Check the spelling, or enrol them first."),
    ),
    "bank-full": (
        409,
        N_("A task keeps at most {most} comments. Remove one below the marking form, then keep this one."),
    ),
    "bad-date": (422, N_("{value} is not a date and time. Write it like 2026-11-27T17:00.")),
    "hub-away": (503, N_("The hub does not answer just now. Nothing was lost; try again in a minute.")),
    "disk-full": (
        507,
        N_("The server could not keep this work. Yours is still in your own folder; try again later."),
    ),
    "database-damaged": (
        503,
        N_(
            "The server's database is damaged, so this page cannot be shown or kept. Tell your administrator to run "
            "./isomo doctor. Work that you hand in at the desk waits in your own folder."
        ),
    ),
    "past-class": (422, N_("{value} is over already. Choose the time of a meeting that is still to come.")),
    "past-date": (422, N_("{value} is over already. Choose a later closing time, or close the lab now.")),
    "short-name-taken": (409, N_("There is something called {name} already. Choose another short name.")),
    "bad-project-name": (
        422,
        N_(
            "{name} cannot be a project's name, or its title is empty or too long. Write 2 to 22 small letters, digits "
            "and hyphens, a letter first, and a title of at most 120 signs."
        ),
    ),
    "no-such-project": (
        404,
        N_("There is no project called {name} that you take part in. Ask its team to add you."),
    ),
    "approver-in-team": (
        409,
        N_(
            "Nobody approves what they have built: {name} cannot be in the team and approve. Name another person."
        ),
    ),
    "last-in-team": (409, N_("The team of {name} would be empty. Add another member first.")),
    "project-off": (
        503,
        N_(
            "This application was switched off: {why}. Decide the case as you did before it existed, and ask its "
            "approver."
        ),
    ),
    "application-starting": (
        503,
        N_("The application is still starting. Wait a minute, then open it again."),
    ),
    "no-version": (
        409,
        N_(
            "There is no version to open yet. The team makes one in the project's server: "
            "isomo prototype share."
        ),
    ),
    "bad-version": (
        422,
        N_(
            "Version {number} could not be taken in: {reason}. Correct it in the project, then share it again."
        ),
    ),
    "versions-wait": (409, N_("{left} more versions wait. Open this page again to take them in.")),
    "versions-full": (
        409,
        N_(
            "Version {number} was not taken in: all versions of a project together may have {most} GB. Share a smaller "
            "model, or ask the administrator to remove old versions."
        ),
    ),
    "versions-no-disk": (
        503,
        N_(
            "Version {number} was not taken in: the disk of this installation is almost full. Ask the administrator "
            "for space, then open this page again."
        ),
    ),
    "versions-no-room": (
        503,
        N_(
            "Version {number} was not taken in: the application's folder is almost full, and what is left is kept for "
            "cases. Ask the administrator for more room (data_team.folder_quota), then open this page again."
        ),
    ),
    "application-full": (
        507,
        N_(
            "The application's folder is full, so the application was not told. What you changed is kept. Ask the "
            "administrator for more room, then do it again."
        ),
    ),
    "project-away": (
        503,
        N_(
            "The project's files cannot be reached now. They are kept. Tell your administrator: ./isomo doctor says "
            "more."
        ),
    ),
    **MIRROR_PROBLEMS,
    **DRAFT_PROBLEMS,
}

WARNINGS: dict[str, str] = {
    "files-left-out": N_(
        "These files were left out, because they are too large or their names do not work on every computer: {cells}. "
        "A submission may have {limit}. Your notebook was accepted and is graded without them."
    ),
    "missing-notebooks": N_(
        "Some notebooks of the lab were not handed in ({cells}); their tasks count as not attempted. "
        "Your work was accepted."
    ),
    "unreadable-notebooks": N_(
        "Some notebooks cannot be read ({cells}), so their tasks earn nothing. Save them again in the lab, then hand "
        "in once more. The other notebooks were accepted."
    ),
    "other-language": N_(
        "This lab is graded in Python, and a notebook names another language ({cells}). Choose a Python kernel, save "
        "it, then hand in once more."
    ),
    "unreadable-answers": N_(
        "The answers given with sliders and choices ({cells}) could not be read, so those count as not attempted. "
        "Your notebook was accepted."
    ),
    "missing-graded-cells": N_(
        "Some graded cells are missing from the notebook ({cells}); they count as not attempted. "
        "Your work was accepted."
    ),
    "duplicated-graded-cells": N_(
        "Some graded cells appear more than once ({cells}); only the first of each counts. Your work was accepted."
    ),
}


@dataclass
class Problem(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Ends a request. `code` is a key of PROBLEMS; `facts` fill its sentence."""

    code: str
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status of this problem."""
        return PROBLEMS[self.code][0]

    @property
    def sentence(self) -> str:
        """The sentence before translation, facts not yet filled in."""
        return PROBLEMS[self.code][1]
