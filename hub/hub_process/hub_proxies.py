"""Two proxies, two origins: learners' servers on one, campus and hub on the other.

A browser keeps what it loads from one origin away from the other, so whatever a notebook holds can not act on
the campus. Each proxy's default route, and `/user/` on the campus side, ends at the gate
(`hub.hub_process.origin_redirects`), which sends people to the right origin.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Literal

from aiohttp import ClientResponseError
from jupyterhub.proxy import ConfigurableHTTPProxy
from tornado.ioloop import PeriodicCallback
from traitlets import Any as AnyTrait
from traitlets import Integer, Unicode, default

from hub.hub_process.idle_users import forget_idle
from hub.isomo_settings import Settings
from hub.message_catalogues import N_, domain_catalogue
from hub.shared_names import APPLICATIONS, DESK_FILES, is_username

Which = Literal["campus", "learner"]

MARK = "/hub/"
"""A route of the learner proxy that only the hub sets: while it is there, so are the others."""


class TwoOriginProxy(ConfigurableHTTPProxy):
    """Keeps the routes of both proxies: `/user/…` on the learners' one, all others on the campus' one."""

    learner_api_url = Unicode(config=True, help="API of the proxy of learners' servers")
    gate_url = Unicode(config=True, help="Where both proxies send what belongs to the other origin")
    watch_seconds = Integer(3, config=True, help="How soon a proxy that was restarted gets its routes back")
    campus_url = Unicode(config=True, help="Where the learners' proxy finds the files of the desk")
    learners = AnyTrait(help="The hub's client of the proxy of learners' servers")
    _watch: PeriodicCallback | None = None

    @default("learners")
    def _learners(self) -> ConfigurableHTTPProxy:
        return ConfigurableHTTPProxy(
            parent=self.parent,
            app=self.app,
            hub=self.hub,
            should_start=False,
            auth_token=self.auth_token,
            api_url=self.learner_api_url,
        )

    async def api_request(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask the proxy that `path` belongs to."""
        if path.startswith("/user/"):
            return await self.learners.api_request(path, method, body)
        return await super().api_request(path, method, body)

    async def get_all_routes(self) -> dict[str, Any]:
        """Return the routes of both proxies, without those of the learners' one that lead to the gate."""
        self._keep_watch()
        learners = await self.learners.get_all_routes()
        servers = {spec: route for spec, route in learners.items() if spec.startswith("/user/")}
        return {**await super().get_all_routes(), **servers}

    async def check_routes(self, user_dict: Any, service_dict: Any, routes: Any = None) -> None:
        """Bring the routes of both proxies in line with the servers that run; the hub asks every five minutes."""
        await super().check_routes(user_dict, service_dict, routes)
        if forgotten := forget_idle(user_dict):
            self.log.info("idle-users-forgotten count=%d left=%d", forgotten, len(user_dict))
        await self.learners.add_route(f"{DESK_FILES}/", self.campus_url, {"gate": True})
        await self.learners.add_route(MARK, f"{self.gate_url}/learner", {"gate": True})

    async def add_user(self, user: Any, server_name: str = "") -> None:
        """Route to a server, if its owner's name is one that a proxy may carry."""
        if not is_username(user.name) and user.name != APPLICATIONS:
            raise ValueError(user.name)
        await super().add_user(user, server_name)

    def _keep_watch(self) -> None:
        """Begin with the hub's first question, before it waits for its services to be up."""
        if self._watch is None:
            self._watch = PeriodicCallback(self._restore, self.watch_seconds * 1000)
            self._watch.start()

    async def _restore(self) -> None:
        """Give a proxy that was restarted its routes back, without waiting for the hub's own slow round."""
        if not await self._remembers(super().api_request, "/user") or not await self._remembers(
            self.learners.api_request, MARK.rstrip("/")
        ):
            self.log.warning("proxy-routes-restored reason=proxy-restarted")
            await self.check_routes(self.app.users, self.app._service_map)

    async def _remembers(self, request: Any, path: str) -> bool:
        try:
            await request(path)
        except ClientResponseError as error:
            if error.status != 404:
                raise
            return False
        except TimeoutError:
            return True  # Not back yet: the next round asks again.
        return True


def proxy_env(token: str) -> dict[str, str]:
    """Return the environment that a proxy needs besides the usual one."""
    return {"CONFIGPROXY_AUTH_TOKEN": token}


def proxy_argv(settings: Settings, which: Which) -> list[str]:
    """Command of one of the two proxies; CONFIGPROXY_AUTH_TOKEN must be in its environment.

    The default target is part of the command, so that a restarted proxy sends people to the hub at once.
    """
    from hub.node_programs import proxy_command  # only where it runs

    return [*proxy_command(), *proxy_options(settings, which)]


def proxy_options(settings: Settings, which: Which) -> list[str]:
    """Return the options of configurable-http-proxy for one of the two origins."""
    campus = which == "campus"
    hub = f"http://{settings.inner_host}:{settings.ports.hub}"
    options = {
        "--ip": settings.listen or "0.0.0.0",  # noqa: S104 - learners come from elsewhere
        "--port": settings.port if campus else settings.learner_port,
        "--api-ip": "127.0.0.1",
        "--api-port": settings.ports.proxy_api if campus else settings.ports.learner_proxy_api,
        "--default-target": hub if campus else f"{gate_url(settings)}/learner",
        "--error-path": write_error_pages(settings),
        "--log-level": "warn",
    }
    if settings.tls and settings.address.startswith("https:"):
        options |= {"--ssl-key": settings.tls.key, "--ssl-cert": settings.tls.certificate}
    return [str(word) for pair in options.items() for word in pair]


def gate_url(settings: Settings) -> str:
    """Return the address at which the hub serves its gate."""
    return f"http://{settings.inner_host}:{settings.ports.hub}/hub/gate"


def write_error_pages(settings: Settings) -> Path:
    """Pages that the proxies themselves show, in every language, when nothing behind them answers."""
    folder = settings.state / "run" / "proxy-errors"
    folder.mkdir(parents=True, exist_ok=True)
    for name, sentence in _sentences().items():
        draft = folder / f".{name}.html"
        draft.write_text(_error_page(settings, sentence), "utf-8")
        draft.replace(folder / f"{name}.html")
    return folder


def _sentences() -> dict[str, str]:
    away = N_("This part of Isomo is not answering. Your work is kept. Wait a minute, then reload this page.")
    return {"503": away, "error": away, "404": N_("There is no such page. Go back to the start page.")}


def _error_page(settings: Settings, sentence: str) -> str:
    said = [
        (language, domain_catalogue("hub", language).gettext(sentence)) for language in settings.languages
    ]
    once = {text: language for language, text in reversed(said)}
    lines = "\n".join(
        f'<p lang="{escape(language)}">{escape(text)}</p>' for text, language in reversed(once.items())
    )
    return f"""<!doctype html>
<html lang="{escape(settings.languages[0])}"><meta charset="utf-8"><title>Isomo</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 1.1rem/1.5 system-ui; max-width: 34rem; margin: 12vh auto; padding: 0 1rem }}</style>
<h1>Isomo</h1>
{lines}
<p><a href="{escape(settings.address)}/">{escape(settings.address)}</a></p>
</html>
"""
