"""The server's part of the desk: its page, its files, a lab's state, and the changes that a browser sends."""

from __future__ import annotations

import asyncio
import gzip
import html
import json
import os
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, RequestHandler, authenticated

from labs.kit import hand_in, kept_receipts
from labs.kit.desk_files import A_YEAR, Built, built_desk
from labs.kit.desk_lab import DeskLab
from labs.kit.desk_outcome import outcome_of
from labs.kit.home_files import Home, as_json, is_full, read_json, write_aside
from labs.kit.kept_answers import locked_folder
from labs.kit.kit_sentences import LANGUAGES, N_, kit_sentence, own_language
from labs.kit.lab_facts import CAMPUS
from labs.kit.lab_folder import Place
from labs.kit.lab_session import NO_CAMPUS
from labs.kit.open_devices import OpenDevices
from labs.kit.spare_kernel import SPARES

NO_ROOM = 507
"""Status of an answer: what was sent does not fit into the home."""
LARGEST_SAVE = 16 << 20
DEVICE = "X-Isomo-Device"
"""The header in which a browser says its name; a page of an older Isomo says none."""
DEVICES = OpenDevices()
NO_NOTEBOOK = N_("The file of this lab cannot be read. Bring back the copy of an earlier day: {address}")

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{title} · Isomo</title><link rel="icon" href="data:,">
<link rel="stylesheet" crossorigin href="{static}/{style}"{style_fails}>
{preloads}<script type="module" crossorigin src="{static}/{script}"{script_fails}></script>
<script id="desk-config" type="application/json">{config}</script>
<script id="desk-state" type="application/json">{state}</script>
</head><body><div id="desk"><p class="desk-loading">{title} …</p></div></body></html>
"""


STYLE_FAILS = " onerror=\"this.onerror=null;this.href='{own}/{style}'\""
SCRIPT_FAILS = (
    " onerror=\"const s=document.createElement('script');s.type='module';s.src='{own}/{script}';"
    'document.head.append(s)"'
)
"""The campus does not answer, or does not know this build: the learner's own server has the same files."""


class DeskBase(JupyterHandler):
    """Shared parts of the desk's addresses."""

    def lab_at_home(self, lab: str) -> DeskLab:
        """Return a lab that is at home. Raises HTTPError 404 for another one, or a name that leads elsewhere."""
        if lab.startswith(".") or not lab.isprintable() or {"/", "\\"} & set(lab):
            raise HTTPError(404)
        found = DeskLab(Place(Home.own(), lab))
        if not found.place.is_there:
            raise HTTPError(404)
        return found

    def desk_lab(self, lab: str) -> DeskLab:
        """Return a lab at home that the desk can show. Raises HTTPError 404 for any other."""
        found = self.lab_at_home(lab)
        if not found.is_for_the_desk:
            raise HTTPError(404)
        return found

    @property
    def device(self) -> str:
        """The name of the browser that asks."""
        return str(self.request.headers.get(DEVICE, ""))

    def elsewhere(self, lab: str) -> dict[str, Any]:
        """Note that this device has a lab open; return `elsewhere` if there is something to tell of another one."""
        DEVICES.sign(lab, self.device)
        return self.others(lab)

    def others(self, lab: str) -> dict[str, Any]:
        """Return `elsewhere` if there is something to tell this device of another one."""
        found = DEVICES.others(lab, self.device)
        return {"elsewhere": found} if found else {}

    def answer(self, content: Any, status: int = 200) -> None:
        """Answer with JSON, compressed if the browser takes it."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        if (built := built_desk()) is not None:
            self.set_header("X-Isomo-Desk", built.version)
        self.finish_packed(json.dumps(content, ensure_ascii=False).encode())

    def finish_packed(self, body: bytes) -> None:
        """Send a body, compressed if that is worth it and the browser takes it."""
        # If nobody is isolated, a line is added to each page on its way out.
        plain = len(body) < 1000 or bool(os.environ.get("ISOMO_NOT_ISOLATED"))
        if "gzip" in self.request.headers.get("Accept-Encoding", "") and not plain:
            self.set_header("Content-Encoding", "gzip")
            body = gzip.compress(body, 6)
        self.finish(body)

    def sent(self) -> dict[str, Any]:
        """Return the JSON object that was sent. Raises HTTPError 400 or 413."""
        if len(self.request.body) > LARGEST_SAVE:
            raise HTTPError(413)
        try:
            found = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise HTTPError(400) from None
        if not isinstance(found, dict):
            raise HTTPError(400)
        return found


class DeskPage(DeskBase):
    """`desk/<lab>`: the one page."""

    @authenticated
    async def get(self, lab: str) -> None:
        """Answer with the page, the lab in it; go to JupyterLab if the desk cannot show this lab."""
        built, found = built_desk(), self.lab_at_home(lab)
        if built is None or not found.is_for_the_desk:
            self.redirect(notebook_address(self.base_url, found.place))
            return
        try:
            state = await asyncio.to_thread(found.state)
        except (OSError, ValueError):
            self.redirect(url_path_join(self.base_url, "isomo/copies", quote(lab, safe="")))
            return
        if not await self.session_manager.list_sessions():
            SPARES.prepare()
        self.xsrf_token  # noqa: B018 - asking for it sets the cookie that the desk's script sends back
        config = {
            "base": self.base_url,
            "lab": lab,
            "version": built.version,
            "files": shared_files(self.base_url),
            "made_at": state["at"],
            "notebook": notebook_address(self.base_url, found.place),
            "home": f"{CAMPUS}/" if os.environ.get("JUPYTERHUB_SERVICE_PREFIX") else "",
            "languages": LANGUAGES,
        }
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish_packed(page_of(built, self.base_url, config, state).encode())


def own_files(base: str) -> str:
    """Return the path at which this server has the desk's files."""
    return url_path_join(base, "desk/-/static")


def shared_files(base: str) -> str:
    """Return the path of the desk's files: one for all learners if the installation has one, else this server's."""
    return html.escape(os.environ.get("ISOMO_DESK_FILES") or own_files(base), quote=True)


def page_of(built: Built, base: str, config: dict[str, Any], state: dict[str, Any]) -> str:
    """Return the page: the lab is in it, so that it can be read as soon as the script has come."""
    own, static = own_files(base), shared_files(base)
    names = {"own": own, "style": built.style, "script": built.script}
    others = [name for name in built.first if name.endswith(".js") and name != built.script]
    return PAGE.format(
        language=html.escape(str(state["language"])),
        title=html.escape(str(state["title"])),
        static=static,
        style=built.style,
        script=built.script,
        style_fails=STYLE_FAILS.format(**names) if own != static else "",
        script_fails=SCRIPT_FAILS.format(**names) if own != static else "",
        preloads="".join(f'<link rel="modulepreload" crossorigin href="{static}/{name}">' for name in others),
        config=_in_a_page(config),
        state=_in_a_page(state),
    )


def _in_a_page(content: dict[str, Any]) -> str:
    """JSON that nothing in it can end the script around."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


class DeskState(DeskBase):
    """`desk/<lab>/state`: what the desk shows."""

    @authenticated
    async def get(self, lab: str) -> None:
        """Answer with the lab's state."""
        found = self.desk_lab(lab)
        try:
            state = await asyncio.to_thread(found.state)
            self.answer({**state, **self.elsewhere(lab), "xsrf": self.xsrf_token.decode()})
        except (OSError, ValueError):
            address = url_path_join(self.base_url, "isomo/copies", quote(lab, safe=""))
            self.answer({"message": kit_sentence(NO_NOTEBOOK, own_language(), address=address)}, 500)


class DeskSave(DeskBase):
    """`desk/<lab>/save`: changes of cells, outputs and answers."""

    @authenticated
    async def post(self, lab: str) -> None:
        """Take them, each only if nobody changed the same in between."""
        found, sent = self.desk_lab(lab), self.sent()
        # Before it is written: the last save of a page that is closed must not come after its goodbye.
        DEVICES.sign(lab, self.device)
        reply = await asyncio.to_thread(save_if_it_fits, found, sent)
        if reply is None:
            self.answer({}, NO_ROOM)  # The desk has the sentence, keeps what was sent, and sends it again.
            return
        if any(one.get("saved") for one in [*reply["cells"].values(), *reply["answers"].values()]):
            DEVICES.note_save(lab, self.device, reply["at"])
        self.answer({**reply, **self.others(lab)})


def save_if_it_fits(found: DeskLab, sent: dict[str, Any]) -> dict[str, Any] | None:
    """Take changes; return what the browser is told, or None if the home has no room for them."""
    try:
        return found.save(sent)
    except OSError as error:
        if not is_full(error):
            raise
        return None


class DeskHere(DeskBase):
    """`desk/<lab>/here`: somebody looks at a lab."""

    @authenticated
    async def post(self, lab: str) -> None:
        """Answer with where else it is open."""
        self.desk_lab(lab)
        self.answer(self.elsewhere(lab))


class DeskLeave(DeskBase):
    """`desk/<lab>/leave`: a device closed its last window of the lab."""

    @authenticated
    async def post(self, lab: str) -> None:
        """Tell other devices no more that it is there."""
        self.desk_lab(lab)
        DEVICES.leave(lab, self.get_body_argument("device", ""))
        self.set_status(204)
        self.finish()


class DeskHandIn(DeskBase):
    """`desk/<lab>/hand-in`: hand in the work as it is on the disk."""

    @authenticated
    async def post(self, lab: str) -> None:
        """Answer with the receipt, or why there is none."""
        found, sent = self.desk_lab(lab), self.sent()
        pressed_at = str(sent.get("pressed_at") or "")[:40]
        self.answer(await asyncio.to_thread(hand_in_once, found, pressed_at, bool(sent.get("late"))))


def hand_in_once(found: DeskLab, pressed_at: str, late: bool) -> dict[str, Any]:
    """Hand in, once for each press of the button: a browser that lost the answer asks again with the same moment."""
    path = found.place.kept / "handed-in.json"
    with locked_folder(found.place.kept):
        before = read_json(path)
        if pressed_at and before.get("pressed_at") == pressed_at:
            return dict(before["reply"])
        reply = _hand_in(found, pressed_at if late else "")
        if reply.get("receipt"):
            with suppress(
                OSError
            ):  # A full disk: handed in again it makes one attempt more, and loses nothing.
                write_aside(path, as_json({"pressed_at": pressed_at, "reply": reply}))
    return reply


def course_of(place: Place) -> str:
    """Return the course in which a lab was opened."""
    return str(place.facts.get("course") or os.environ.get("ISOMO_COURSE", ""))


def _hand_in(found: DeskLab, handed_in_at: str) -> dict[str, Any]:
    campus, place, language = hand_in.connect_campus(), found.place, found.language
    if campus is None:
        return {"receipt": None, "refusal": kit_sentence(NO_CAMPUS, language)}
    done = hand_in.hand_in(place.home, campus, course_of(place), place.slug, found.work(handed_in_at))
    receipt = done.receipt and {
        **{key: done.receipt.get(key) for key in ("receipt", "received_at", "attempt")},
        "when": kept_receipts.shown_moment(done.receipt.get("received_at"), language),
    }
    return {"receipt": receipt, "waits": done.waits, "refusal": done.refusal}


class DeskOutcome(DeskBase):
    """`desk/<lab>/outcome?receipt=…`: the score of what was handed in, and the next lab."""

    @authenticated
    async def get(self, lab: str) -> None:
        """Answer with what the campus knows; with an empty object if it does not answer just now."""
        place, campus = self.desk_lab(lab).place, hand_in.connect_campus()
        receipt = self.get_query_argument("receipt", "")[:100]
        found: dict[str, Any] = {}
        if campus is not None and receipt:
            with suppress(Exception):  # It is asked again, and My labs tells the same.
                found = await asyncio.to_thread(outcome_of, campus, course_of(place), lab, receipt)
        self.answer(found)


class DeskStatic(RequestHandler):
    """`desk/-/static/<name>`: files of the desk, the same for everybody, so nobody has to sign in."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Answer with a file, in the shortest form that the browser takes."""
        built = built_desk()
        found = built and built.content(name, self.request.headers.get("Accept-Encoding", ""))
        if not found:
            raise HTTPError(404)
        content, kind, encoding = found
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", A_YEAR)
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("X-Content-Type-Options", "nosniff")
        if encoding:
            self.set_header("Content-Encoding", encoding)
        self.finish(content)


class DeskWorker(RequestHandler):
    """`desk/-/worker.js`: the service worker, whose address stays while its content changes."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answer with the worker."""
        built = built_desk()
        found = built and built.content(built.worker, self.request.headers.get("Accept-Encoding", ""))
        if not found:
            raise HTTPError(404)
        content, kind, encoding = found
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Service-Worker-Allowed", self.request.path.removesuffix("-/worker.js"))
        if encoding:
            self.set_header("Content-Encoding", encoding)
        self.finish(content)


def notebook_address(base: str, place: Place) -> str:
    """Return the address of the lab's notebook in JupyterLab."""
    parts = (place.slug, place.notebook.name)
    return url_path_join(base, "doc/tree/labs", *(quote(part, safe="") for part in parts))


def opens_in_desk(place: Place) -> bool:
    """Return whether *Open* leads to the desk: it is built, can show the lab, and its owner learns."""
    is_learner = os.environ.get("ISOMO_ROLE", "learner") == "learner"
    return is_learner and built_desk() is not None and DeskLab(place).is_for_the_desk


LAB = r"(?P<lab>[^/]{2,1200})"
HANDLERS: list[tuple[str, type[RequestHandler]]] = [
    (r"desk/-/static/(?P<name>[A-Za-z0-9._-]+)", DeskStatic),
    (r"desk/-/worker\.js", DeskWorker),
    (rf"desk/{LAB}/state", DeskState),
    (rf"desk/{LAB}/save", DeskSave),
    (rf"desk/{LAB}/here", DeskHere),
    (rf"desk/{LAB}/leave", DeskLeave),
    (rf"desk/{LAB}/hand-in", DeskHandIn),
    (rf"desk/{LAB}/outcome", DeskOutcome),
    (rf"desk/{LAB}", DeskPage),
]
