"""The kit's part of a learner's Jupyter server: opening labs, languages, copies, and the outbox."""

from __future__ import annotations

import asyncio
import html
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback
from tornado.web import Finish, authenticated

from labs.kit import demo_banner, desk_live, desk_server, hand_in, idle_kernels, spare_kernel
from labs.kit.home_files import Home
from labs.kit.kit_sentences import LANGUAGES, N_, kit_sentence, own_language
from labs.kit.lab_folder import Place
from labs.kit.lab_opening import full_is_no_reason, open_lab, take_correction

LAB = r"(?P<lab>[^/]{1,1200})"
"""A lab's name as an address holds it: every sign but letters, digits and a few others takes three to twelve."""
COURSE = r"(?P<course>[a-z0-9-]{1,60})"
OUTBOX_SECONDS = 20
ASK_SECONDS = 6

SEVERAL = N_("This lab has {count} notebooks. Open each of them, then hand in the lab once.")
NO_LAB = N_("There is no lab with this name. Open the lab from your home page.")
RETRY = N_("Try again")
BACK = N_("Back to the lab")
NOT_HERE = N_("This lab is not in your folder. Open it from your home page.")
NO_LANGUAGE = N_("This lab is not there in that language. Nothing was changed.")
RESET_TITLE = N_("Start this lab over?")
RESET_TEXT = N_("Your notebook and your answers are kept as a copy, and the lab begins as it was released.")
RESET_DO = N_("Start over")
COPIES_TITLE = N_("Copies of earlier days")
COPIES_NONE = N_("There is no copy yet. One is kept each day on which you open the lab.")
COPIES_TEXT = N_("Choose one to bring back. What you have now is kept as a copy first.")
COPIES_DO = N_("Bring back {copy}")

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 1.05rem/1.6 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 0 auto; padding: 2rem 1rem;
  max-width: 38rem; overflow-wrap: anywhere }}
h1 {{ font-size: 1.4rem }}
a.button, button {{ display: inline-block; font: inherit; padding: .5rem 1.2rem; margin: .3rem .6rem .3rem 0;
  border-radius: 4px; border: 1px solid #1f5a94; background: #1f5a94; color: #fff; text-decoration: none;
  cursor: pointer }}
a {{ color: #1f5a94 }}
:focus-visible {{ outline: 3px solid #b34700; outline-offset: 2px }}
</style></head><body><h1>{title}</h1>{body}</body></html>
"""


class Base(JupyterHandler):
    """Shared parts of our pages."""

    @property
    def home(self) -> Home:
        """The learner's home."""
        return Home.own()

    @property
    def reads(self) -> str:
        """The language that the learner reads."""
        return own_language(self.get_argument("lang", ""))

    def page(self, title: str, body: str, status: int = 200) -> None:
        """Answer with a small page of ours."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(PAGE.format(language=self.reads, title=html.escape(title), body=body))

    def sentence(self, text: str, **facts: Any) -> str:
        """Return one of our sentences, as HTML text."""
        return html.escape(kit_sentence(text, self.reads, **facts))

    def button(self, address: str, text: str) -> str:
        """Return a link that looks like a button."""
        return f'<a class="button" href="{address}">{self.sentence(text)}</a>'

    def address_of(self, lab: str, notebook: str) -> str:
        """Return the address of one notebook of a lab."""
        return url_path_join(
            self.base_url, "doc/tree/labs", *(quote(part, safe="") for part in (lab, notebook))
        )

    def back_to(self, lab: str) -> str:
        """Return a link to the lab's notebook, or to the choice between several."""
        place = self.place(lab)
        there = self.address_of(lab, place.notebook.name)
        if desk_server.opens_in_desk(place):
            there = url_path_join(self.base_url, "desk", quote(lab, safe=""))
        if len(place.notebooks) > 1:
            course = quote(str(place.facts.get("course", "")), safe="")
            there = url_path_join(self.base_url, "isomo/open", course, quote(lab, safe=""))
        return self.button(html.escape(there, quote=True), BACK)

    def to_notebook(self, lab: str) -> None:
        """Go to the lab: the desk for learners, else its notebook; if it has several, show them all."""
        place = self.place(lab)
        if desk_server.opens_in_desk(place) and self.get_argument("in", "") != "jupyterlab":
            self.redirect(url_path_join(self.base_url, "desk", quote(lab, safe="")))
            return
        if len(place.notebooks) < 2:
            self.redirect(self.address_of(lab, place.notebook.name))
            return
        buttons = "".join(
            f'<p><a class="button" href="{html.escape(self.address_of(lab, name), quote=True)}">'
            f"{html.escape(name.removesuffix('.ipynb'))}</a></p>"
            for name in place.notebooks
        )
        text = self.sentence(SEVERAL, count=len(place.notebooks))
        self.page(lab, f"<p>{text}</p>{buttons}")

    def place(self, lab: str) -> Place:
        """Return the lab's place at home. Raises Finish after a sentence for a name that leads elsewhere."""
        if lab.startswith(".") or not lab.isprintable() or {"/", "\\"} & set(lab):
            self.page("Isomo", f"<p>{self.sentence(NO_LAB)}</p>", 404)
            raise Finish
        return Place(self.home, lab)

    def existing(self, lab: str) -> Place:
        """Return the lab, which has to be at home. Raises Finish after saying that it is not."""
        place = self.place(lab)
        if not place.is_there:
            self.page(lab, f"<p>{self.sentence(NOT_HERE)}</p>", 404)
            raise Finish
        return place

    async def is_open(self, lab: str) -> bool:
        """Return whether a kernel runs for the lab's notebook at this moment."""
        sessions = await self.session_manager.list_sessions()
        return any(str(session.get("path")).startswith(f"labs/{lab}/") for session in sessions)


class Open(Base):
    """`isomo/open/<course>/<lab>`: have the lab at home, then go to its notebook."""

    @authenticated
    async def get(self, course: str, lab: str) -> None:
        """Fetch if need be, then redirect."""
        campus: Any = hand_in.connect_campus()
        was_there = self.place(lab).is_there
        problem = await asyncio.to_thread(open_lab, self.home, campus, course, lab, self.reads)
        if problem:
            again = html.escape(self.request.uri or "", quote=True)
            self.page(lab, f"<p>{html.escape(problem)}</p>{self.button(again, RETRY)}", 503)
            return
        if was_there and not await self.is_open(lab):
            if campus is not None:
                with suppress(Exception):  # Away, or too slow to wait for: what is at home is good enough.
                    asked = asyncio.to_thread(take_correction, self.home, campus, course, lab)
                    await asyncio.wait_for(asked, ASK_SECONDS)
            with full_is_no_reason():
                await asyncio.to_thread(Place(self.home, lab).tidy)
        self.to_notebook(lab)


class SignIn(Base):
    """`isomo/sign-in`: the list of labs opens this in a hidden frame, so that a click finds a browser signed in.

    The answer has nothing to show: a browser keeps the cookies that came on the way.
    """

    @allow_unauthenticated
    async def get(self) -> None:
        """Sign in. A page of another site gets nothing: the browser would drop the cookies of its frame."""
        if self.request.headers.get("Sec-Fetch-Site") == "cross-site":
            self.nothing()
        else:
            await self.enter()

    @authenticated
    async def enter(self) -> None:
        """Answer somebody who is signed in; anybody else goes to the hub first."""
        self.nothing()

    def nothing(self) -> None:
        """Answer without a page."""
        self.set_status(204)
        self.set_header("Cache-Control", "no-store")
        self.finish()


class Language(Base):
    """`isomo/language/<lab>/<language>`: the same work, its text in another language."""

    @authenticated
    async def get(self, lab: str, language: str) -> None:
        """Change the text, then go back to the notebook."""
        place = self.existing(lab)
        if language not in LANGUAGES or not await asyncio.to_thread(place.speak, language):
            self.page(lab, f"<p>{self.sentence(NO_LANGUAGE)}</p>{self.back_to(lab)}", 404)
            return
        self.to_notebook(lab)


class Reset(Base):
    """`isomo/reset/<lab>`: begin again, after asking once; what was there stays as a copy."""

    @authenticated
    async def get(self, lab: str) -> None:
        """Ask."""
        self.existing(lab)
        form = (
            f'<form method="post">{self.xsrf_form_html().decode()}<button>{self.sentence(RESET_DO)}</button></form>'
            f"{self.back_to(lab)}"
        )
        self.page(kit_sentence(RESET_TITLE, self.reads), f"<p>{self.sentence(RESET_TEXT)}</p>{form}")

    @authenticated
    async def post(self, lab: str) -> None:
        """Do it."""
        await asyncio.to_thread(self.existing(lab).reset)
        self.to_notebook(lab)


class Copies(Base):
    """`isomo/copies/<lab>`: yesterday's copy, and those before."""

    @authenticated
    async def get(self, lab: str) -> None:
        """List them."""
        copies = self.existing(lab).copies()
        buttons = "".join(
            f'<form method="post">{self.xsrf_form_html().decode()}<button name="copy" value="{html.escape(copy)}">'
            f"{self.sentence(COPIES_DO, copy=copy)}</button></form>"
            for copy in copies
        )
        text = self.sentence(COPIES_TEXT if copies else COPIES_NONE)
        self.page(kit_sentence(COPIES_TITLE, self.reads), f"<p>{text}</p>{buttons}{self.back_to(lab)}")

    @authenticated
    async def post(self, lab: str) -> None:
        """Bring one back."""
        place = self.existing(lab)
        if not await asyncio.to_thread(place.bring_back, self.get_body_argument("copy", "")):
            self.page(lab, f"<p>{self.sentence(COPIES_NONE)}</p>", 404)
            return
        self.to_notebook(lab)


class Postman:
    """Sends what waits in the outbox, one round at a time, more seldom while the campus stays away."""

    def __init__(self, home: Home, log: Any) -> None:
        self._home, self._log = home, log
        self._skip = self._misses = 0
        self._busy = False

    async def round(self) -> None:
        """One round; at most one runs at a time."""
        if self._busy or self._skip > 0 or not any(hand_in.waiting_letters(self._home)):
            self._skip = max(0, self._skip - 1)
            return
        campus = hand_in.connect_campus()
        if campus is None:
            return
        self._busy = True
        try:
            arrived, left = await asyncio.to_thread(hand_in.send_waiting, self._home, campus)
        finally:
            self._busy = False
        self._misses = 0 if not left else min(self._misses + 1, 4)
        self._skip = 2**self._misses - 1
        self._log.info("outbox sent=%d waiting=%d", arrived, left)


HANDLERS: list[tuple[str, type[Base]]] = [
    (rf"isomo/open/{COURSE}/{LAB}", Open),
    ("isomo/sign-in", SignIn),
    (rf"isomo/language/{LAB}/(?P<language>[a-z]+)", Language),
    (rf"isomo/reset/{LAB}", Reset),
    (rf"isomo/copies/{LAB}", Copies),
]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "labs.kit.kit_server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    base = app.web_app.settings["base_url"]
    handlers = [*HANDLERS, *desk_live.HANDLERS, *desk_server.HANDLERS]
    app.web_app.add_handlers(".*$", [(url_path_join(base, path), handler) for path, handler in handlers])
    demo_banner.install_banner(app)
    # Kernels inherit it: links that they show lead back here.
    os.environ["ISOMO_BASE_URL"] = base
    os.environ["PYTHONSTARTUP"] = str(Path(__file__).with_name("kernel_startup.py"))
    spare_kernel.install_spare_kernels(app)
    idle_kernels.install_idle_watch(app)
    postman = Postman(Home.own(), app.log)
    app.io_loop.call_later(2, PeriodicCallback(postman.round, OUTBOX_SECONDS * 1000).start)
