"""A learner's server that registers a service worker for everything at the learners' origin."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from hub.isomo_settings import Settings
from hub.secret_keys import Secrets

PATH = "/user/hostile"
WORKER = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  const page = `<h1>Hostile</h1><script>LEAVE</script>`;
  const leave = event.request.url.endsWith("/leave") ? page : page.replace(/<script.*/, "");
  event.respondWith(new Response(leave, { headers: { "Content-Type": "text/html" } }));
});
"""
REGISTER = f"navigator.serviceWorker.register('{PATH}/worker.js', {{scope: '/'}}).then(() => navigator.serviceWorker.ready).then(() => true)"


class _Answers(BaseHTTPRequestHandler):
    worker = ""

    def do_GET(self) -> None:
        """Send the worker or a page."""
        script = self.path.endswith(".js")
        body = self.worker.encode() if script else b"<h1>A shared lab</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Service-Worker-Allowed", "/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def hostile_server(settings: Settings) -> Iterator[str]:
    """Serve a hostile page at the learners' origin; its worker sends a person who signs out on without forgetting."""
    skip = f"location.replace('{settings.address}/hub/logout?forgotten=1')"
    answers = type("Answers", (_Answers,), {"worker": WORKER.replace("LEAVE", skip)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api = f"http://127.0.0.1:{settings.ports.learner_proxy_api}/api/routes{PATH}"
    headers = {"Authorization": f"token {Secrets.load(settings).proxy_auth_token}"}
    target = f"http://127.0.0.1:{server.server_port}"
    httpx.post(api, json={"target": target}, headers=headers).raise_for_status()
    try:
        yield f"{settings.learner_address}{PATH}/"
    finally:
        httpx.delete(api, headers=headers)
        server.shutdown()
        server.server_close()
