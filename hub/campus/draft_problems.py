"""Refusals about drafts of labs: a short code for programs, the HTTP status, a sentence for people."""

from __future__ import annotations

from hub.message_catalogues import N_

DRAFT_PROBLEMS: dict[str, tuple[int, str]] = {
    "bad-draft-name": (
        422,
        N_(
            "{name} cannot be the short name of a lab. Write small letters, digits and hyphens, at most 60, for "
            "example where-people-wait."
        ),
    ),
    "draft-name-taken": (
        409,
        N_(
            "There is a lab or a draft called {name} already. Choose another short name; your files are unchanged."
        ),
    ),
    "no-such-draft": (404, N_("There is no draft {lab} in this course. Go to New lab on the course's page.")),
    "too-many-drafts": (
        409,
        N_("This course has {most} drafts already. Remove one that is no longer needed, then try again."),
    ),
    "draft-too-large": (
        413,
        N_(
            "The files of a draft may have {limit} together, and there may be {most} of them. Remove large files, then "
            "upload again; the draft stays as it was."
        ),
    ),
    "bad-draft-zip": (
        422,
        N_(
            "This is no zip that can be read, or it holds links, or paths that lead outside. Make a plain zip of the "
            "lab's folder, then upload it again; the draft stays as it was."
        ),
    ),
    "not-a-lab-file": (
        422,
        N_(
            "{file} does not belong to a lab. A lab has {known}, locale/fr.po, and other files below files/. Move or "
            "remove it, then upload again; the draft stays as it was."
        ),
    ),
    "draft-file-no-text": (
        422,
        N_(
            "{file} is not plain text in UTF-8, or too large to be edited here. Save it as UTF-8 on your computer, "
            "then upload it again; the draft stays as it was."
        ),
    ),
    "draft-file-changed": (
        409,
        N_(
            "Somebody else changed {file} while you edited it. Go back and copy what you typed, load the page again, "
            "then put it in."
        ),
    ),
    "no-removed-file": (
        404,
        N_(
            "{file} is not among the removed files of this draft: only the newest ones are kept. Load the draft's page "
            "again to see which ones can be put back."
        ),
    ),
    "no-file-chosen": (422, N_("No file was chosen. Choose a zip or files, then upload again.")),
    "draft-not-checked": (
        409,
        N_(
            "The draft {lab} was changed since its check, or has findings. Check it, correct them, then go on."
        ),
    ),
    "bad-lab-facts": (
        422,
        N_(
            "A lab needs a title of at most {letters} letters and a number of minutes from 1 to {most}. Correct them, "
            "then save again."
        ),
    ),
    "lab-toml-unreadable": (
        422,
        N_("The draft's lab.toml cannot be read. Correct it in the editor first; the check names the line."),
    ),
}
