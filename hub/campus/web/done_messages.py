"""One sentence on the next page about what was just done: kept in a cookie between the form and that page."""

from __future__ import annotations

import base64
import json

from fastapi.responses import RedirectResponse

from hub.campus.request_context import MESSAGE_COOKIE, PREFIX, Visitor, campus_sentence
from hub.message_catalogues import N_

LASTS = 60
"""Seconds that a message waits for its page."""
LONGEST_FACT = 200
MESSAGES = {
    "returned": N_("Learners whose feedback was returned: {number}."),
    "returned-to": N_("Feedback was returned to {name}."),
    "none-returned": N_("Nothing was returned: no work that is checked was chosen."),
    "asked-to-grade": N_("Submissions that are graded once more: {number}. What is there already is kept."),
    "none-asked-to-grade": N_("Nothing is graded again: no work was chosen that is handed in."),
    "extended": N_("Learners who have more time now: {number}. A + in the table shows them."),
    "extension-ended": N_("Learners for whom the lab's own closing time counts again: {number}."),
    "scheduled": N_("The times were saved. Learners see them at once."),
    "extra-time": N_("{name} has {percent} % more time in every lab now."),
    "extra-time-ended": N_("{name} has as much time as the others now."),
    "forgave-late": N_("This work counts as in time. Return the feedback for its learner to see that."),
    "appealed": N_("Your appeal was sent. Your trainer answers it; you read the answer on this page."),
    "appeal-kept": N_("The answer was sent. The mark stays as it is."),
    "appeal-changed": N_("The answer was sent, and the changed mark was returned with it."),
    "flags-cleared": N_("The flags are cleared. The mark stays as it is."),
    "flags-upheld": N_("The flags are upheld. Points that you gave count once you return the feedback."),
    "regrade-wanted": N_("The newest work is being looked at. Nothing changes for anybody."),
    "regraded": N_(
        "Learners for whom the regrade counts: {number}. They see it once you return the feedback."
    ),
    "regrade-undone": N_(
        "Learners who have their earlier result again: {number}; graded again since, and so kept: {kept}."
    ),
    "note-written": N_("Your message was sent. Learners who read it on their first page: {number}."),
    "none-at-a-lab": N_("Nothing was sent: nobody whom you chose is at a lab."),
    "closed": N_("The lab is closed and takes no more work. You can open it again at any time."),
    "opened": N_("The lab is open."),
    "opened-until": N_("The lab is open until {time}."),
    "released": N_("The lab is released. Learners see it now."),
    "draft-begun": N_("The draft was begun and is being checked."),
    "draft-uploaded": N_("Files taken into the draft: {number}. It is being checked."),
    "draft-asked": N_("Your changes were saved, and the draft is being checked."),
    "draft-file-saved": N_("{name} was saved. Check the draft once all its files are ready."),
    "draft-file-removed": N_("{name} was removed from the draft. You can put it back below."),
    "draft-file-back": N_("{name} is back in the draft. Check the draft once all its files are ready."),
    "draft-removed": N_("The draft {name} was removed. A lab that was released from it stays released."),
    "lab-withdrawn": N_("The lab is withdrawn: learners see it no more, and their work and marks are kept."),
    "lab-back": N_("The lab is back on the learners' lists."),
    "account-closed": N_("The account {name} is closed. Its owner is signed out, and nothing was removed."),
    "account-opened": N_("The account {name} is open again."),
    "saved": N_("Your changes were saved."),
    "made": N_("{name} was made."),
    "archived": N_("{name} was archived. Nothing in it was removed, and you can bring it back."),
    "brought-back": N_("{name} is back."),
    "enrolled": N_("{name} is enrolled."),
    "put-in-class": N_("{name} changed the class."),
    "taken-out": N_("{name} is no longer in this course. What they handed in is kept."),
    "moved": N_("{name} was moved. Attempts that moved along: {number}."),
    "certificates-issued": N_("Certificates that were issued: {number}. Their learners see them now."),
    "certificate-revoked": N_("The certificate {name} is revoked. Its public page says so, and why."),
    "certificate-replaced": N_("The certificate {name} takes the place of the one before."),
    "erased": N_("Erased under the number {number}: {attempts} attempts and {files} files."),
    "server-stopped": N_("The server of {name} stops."),
    "token-revoked": N_("The token is revoked. Programs that use it are refused from now on."),
    "announced": N_("Everybody reads the announcement within seconds."),
    "announcement-cleared": N_("The announcement is gone."),
    "joined-project": N_("{name} takes part now."),
    "left-project": N_("{name} no longer has this part. Their server in the project was stopped."),
    "switched-off": N_("The application is switched off and answers nobody."),
    "switched-on": N_("The application is switched on again."),
    "imported": N_("The roster was imported: {new} new people, {enrolled} enrolments."),
}


class Message:
    """The message that a request brought, if it brought one."""

    def __init__(self, cookie: str, language: str) -> None:
        self._cookie, self._language = cookie, language
        self.was_shown = False
        self.code = ""

    def __call__(self) -> str:
        """Return the sentence, or "" if there is none; from then on it counts as shown."""
        if not self._cookie:
            return ""
        self.was_shown = True
        try:
            code, facts = json.loads(base64.urlsafe_b64decode(self._cookie))
            sentence = campus_sentence(self._language, MESSAGES[code], facts)
        except (ValueError, LookupError, TypeError, AttributeError):
            return ""
        self.code = code
        return sentence


def redirect_done(who: Visitor, path: str, code: str, **facts: object) -> RedirectResponse:
    """After a form: look at the page at `path` again, which says what was done."""
    answer = RedirectResponse(f"{PREFIX}{path}", 303)
    known = {name: str(value)[:LONGEST_FACT] for name, value in facts.items()}
    value = base64.urlsafe_b64encode(json.dumps([code, known]).encode()).decode()
    secure = who.campus.settings.address.startswith("https")
    answer.set_cookie(
        MESSAGE_COOKIE, value, max_age=LASTS, path=PREFIX, httponly=True, samesite="lax", secure=secure
    )
    return answer
