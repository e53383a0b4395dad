"""A proxy between MLflow's client and a real server that does to a call what networks and servers do."""

from __future__ import annotations

import http.client
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = b"<html><body>Please log in to the network of the hospital</body></html>"
STATUSES = {"401": 401, "413": 413, "500": 500, "507": 507}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HANG_SECONDS = 3.0
"""Longer than the client waits in these tests."""
NOT_FORWARDED = ("Connection", "Host", "Transfer-Encoding")


class Proxy:
    """Forwards to a server, and does what its plan says of each call."""

    def __init__(self, target: str) -> None:
        """Listen on a free port.

        Args:
            target: Address of the server.
        """
        self.calls: list[str] = []
        """Methods and paths, in order; questions whether a server is there are not counted."""
        self.plan: Callable[[int, str], str] = lambda _number, _call: "fine"
        """What happens to a call, by its number from 0 and by method and path.

        `fine`, `slow` (1 s), a status, `page` (200, and not MLflow's words), `vanish` (no answer, not forwarded), `cut`
        (forwarded, half an answer), or `hang` (forwarded, no answer).
        """
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, urlsplit(target).netloc))
        self._server.daemon_threads = True
        self._counting = threading.Lock()
        self.uri = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        """Begin to forward."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()

    def reset(self, plan: Callable[[int, str], str] = lambda _number, _call: "fine") -> None:
        """Count from 0 again, by another plan."""
        self.plan = plan
        self.calls = []

    def fate(self, call: str) -> str:
        """Note a call and return what happens to it."""
        if "/health" in call:
            return "fine"
        with self._counting:
            self.calls.append(call)
            return self.plan(len(self.calls) - 1, call)


def _handler(proxy: Proxy, target: str) -> type[BaseHTTPRequestHandler]:
    members = {f"do_{method}": _Handler.handle_call for method in METHODS}
    return type("Handler", (_Handler,), {"proxy": proxy, "target": target, **members})


class _Handler(BaseHTTPRequestHandler):
    """Handles one connection."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy
    target: str

    def handle_call(self) -> None:
        """Do to a call what the plan says."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.proxy.fate(f"{self.command} {self.path}")
        if fate == "vanish":
            self.close_connection = True
        elif fate == "page":
            self._send(200, PAGE, "text/html")
        elif fate in STATUSES:
            self._send(STATUSES[fate], PAGE, "text/html")
        else:
            time.sleep(fate == "slow")
            self._forward(body, fate)

    def _forward(self, body: bytes, fate: str) -> None:
        connection = http.client.HTTPConnection(self.target, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name not in NOT_FORWARDED}
        connection.request(self.command, self.path, body, kept)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if fate == "hang":
            time.sleep(HANG_SECONDS)
            self.close_connection = True
        elif fate == "cut":
            self._send(answer.status, content[: len(content) // 2], "application/json", len(content) + 1)
            self.close_connection = True
        else:
            self._send(answer.status, content, answer.headers.get("Content-Type") or "text/plain")

    def _send(self, status: int, content: bytes, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""
