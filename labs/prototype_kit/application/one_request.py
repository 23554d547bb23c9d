"""One request: who asks, what they may do, in which language; and how it is refused."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from labs.prototype_kit.application import frozen_versions
from labs.prototype_kit.application.application_service import Service
from labs.prototype_kit.application.bench_sentences import N_
from labs.prototype_kit.application.page_rendering import render_page
from labs.prototype_kit.application.person_identity import Person, Rights, rights_of
from labs.prototype_kit.application.request_guard import (
    FORM_KEY,
    form_key,
    is_form_key,
    is_own_site,
    is_read_by_script,
    language_of,
    number_in,
    stated_length,
)

LARGEST_FORM = 1024 * 1024


class Refused(Exception):
    """Ends a request with a status and a sentence."""

    def __init__(self, status: int, text: str, **facts: object) -> None:
        super().__init__(text)
        self.status, self.text, self.facts = status, text, facts


class Asked:
    """One request, with who asks, what they may do, and in which language."""

    def __init__(self, request: HTTPConnection, by_program: bool = False) -> None:
        self.request = request
        self.service: Service = request.app.state.service
        self.language = language_of(request)
        self.prefix: str = request.app.state.prefix
        identity = self.service.identity
        person = identity.program(request) if by_program else identity.person(request)
        if person is None:
            raise Refused(
                401, N_("A program signs in with its token.") if by_program else N_("Sign in first.")
            )
        self.person: Person = person
        version = self.service.current()
        if version is None:
            raise Refused(503, N_("There is no version yet. The team makes one: isomo prototype share."))
        self.version = version
        self.rights: Rights = rights_of(person, version.settings)
        if not self.rights.use:
            raise Refused(
                403,
                N_("{name}, you are not invited to this application. Ask its approver: {approver}."),
                name=person.name,
                approver=version.settings.approver or "–",
            )

    @property
    def form_key(self) -> str:
        """Return the key that forms of this session carry."""
        session = self.service.identity.session(self.request)
        return form_key(self.service.form_secret, session) if session is not None else ""

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return one of our pages."""
        self.must_be_shown()
        return render_page(self, template, status, values)

    def must_be_shown(self) -> None:
        """Raise Refused if a script asked with a person's session, for a page that only the person is to see."""
        if self.service.identity.session(self.request) is not None and is_read_by_script(self.request):
            raise Refused(403, N_("Only a person sees this page. Open it in the browser yourself."))

    def must_be_own(self) -> None:
        """Raise Refused if another site asked for the change."""
        if not is_own_site(self.request):
            raise Refused(403, N_("This was sent by another site, so nothing was done. Use the page itself."))

    def must_have_key(self, form: FormData) -> None:
        """Raise Refused if the form is none that this session was shown."""
        session = self.service.identity.session(self.request)
        if session is not None and not is_form_key(self.service.form_secret, session, form.get(FORM_KEY)):
            raise Refused(
                403,
                N_(
                    "This form was not made for your sign-in, so nothing was done. Open the page again, then send it."
                ),
            )

    def back(self, path: str) -> Response:
        """Send the browser to another page after a change."""
        return RedirectResponse(self.prefix + path, 303)

    async def form(self) -> FormData:
        """Return the form of a change that one of our own pages asked for."""
        self.must_be_own()
        request = self.request
        if not isinstance(request, Request):
            raise TypeError("a websocket brings no form")
        if stated_length(request) > LARGEST_FORM:
            raise Refused(413, N_("That is too long. Shorten it."))
        form = await request.form()
        self.must_have_key(form)
        return form

    def must_answer(self) -> frozen_versions.Version:
        """Return the live version. Raises Refused if nobody is answered now."""
        if reason := self.service.closed_reason(self.version):
            raise Refused(503, reason)
        return self.version

    def case(self) -> dict[str, Any]:
        """Return the case in the address: one's own, or any for those who review."""
        number = number_in(self.request.path_params["number"])
        found = self.service.store.case(number) if number is not None else None
        if found is None or not (self.rights.review or self.rights.team or found["who"] == self.person.name):
            raise Refused(404, N_("There is no such case."))
        return found
