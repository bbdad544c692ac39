"""A browser and a tiny server that shows templates and built assets under the product's policy.

No database: pages are rendered with the context that the shell's processor would give.
"""

from __future__ import annotations

import json
import mimetypes
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from playwright.sync_api import Browser, BrowserContext, Page

from sen.kernel.testing.browsers import chromium
from sen.kernel.web.security import SecurityHeadersMiddleware

ROOT = Path(__file__).resolve().parents[2]
Answer = tuple[int, str, bytes]
Handler = Callable[[dict[str, list[str]]], Answer]


def policy() -> str:
    """The content security policy that every page of the product gets."""
    response = SecurityHeadersMiddleware(lambda _request: HttpResponse())(HttpRequest())
    return str(response.headers["Content-Security-Policy"])


def shell_context() -> dict[str, Any]:
    def item(title: str, icon: str, url: str = "/trang", **more: Any) -> dict[str, Any]:
        return {"title": title, "icon": icon, "url": url, "active": False, **more}

    return {
        "sen_actor": SimpleNamespace(
            name="Nguyễn Thị Kim Ngân", organisation_name="Sở Xây dựng", is_authenticated=True
        ),
        "sen_demo": True,
        "sen_languages": [("vi", "Tiếng Việt"), ("en", "English")],
        "sen_menu": [
            {"title": "", "items": [item("Bản đồ", "map", pinned=True)]},
            {"title": "Công trình", "items": [item("Cầu", "bridge", "/cau", active=True)]},
        ],
    }


@dataclass
class Site:
    """Answers by path; anything below /static/ comes from the build."""

    url: str = ""
    answers: dict[str, Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def show(self, path: str, template: str, context: dict[str, Any] | None = None) -> str:
        html = render_to_string(template, {**shell_context(), **(context or {})})
        self.answers[path] = lambda _query: (200, "text/html; charset=utf-8", html.encode())
        return self.url + path

    def show_source(self, path: str, source: str) -> str:
        html = engines["django"].from_string(source).render(shell_context())
        self.answers[path] = lambda _query: (200, "text/html; charset=utf-8", html.encode())
        return self.url + path

    @staticmethod
    def json(value: object, status: int = 200) -> Answer:
        return status, "application/json", json.dumps(value).encode()

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        parts = urlsplit(path)
        if parts.path.startswith("/static/"):
            file = Path(settings.SEN_VAR) / "static" / parts.path.removeprefix("/static/")
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return (200, kind, file.read_bytes()) if file.is_file() else (404, "text/plain", b"")
        handler = self.answers.get(parts.path)
        if handler is None and parts.path.startswith("/tiles/"):
            return 204, "application/vnd.mapbox-vector-tile", b""
        return handler(parse_qs(parts.query)) if handler else (404, "text/plain", b"")


@pytest.fixture(scope="session")
def build() -> None:
    """The front end as the sources are now."""
    node = shutil.which("node")
    assert node, "node is missing: ./sen test installs it"
    command = [node, "tools/build-frontend.mjs", "--if-changed"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


@pytest.fixture(scope="session")
def server(build: None) -> Iterator[Site]:
    site = Site()
    csp = policy()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", csp)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    site.url = f"http://127.0.0.1:{http.server_port}"
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield site
    http.shutdown()


@pytest.fixture
def site(server: Site) -> Site:
    server.answers.clear()
    server.asked.clear()
    return server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with each file: while it lasts, its event loop runs in this thread."""
    with chromium() as made:
        yield made


@dataclass
class Visit:
    """A page with everything that its console complained about."""

    page: Page
    complaints: list[str]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    contexts: list[BrowserContext] = []

    def open_page(width: int = 1440, theme: str = "light", **options: Any) -> Visit:
        phone = width < 500
        context = browser.new_context(
            viewport={"width": width, "height": 844 if phone else 900},
            color_scheme=theme,
            has_touch=phone,
            is_mobile=phone,
            locale="en-US",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and complaints.append(message.text),
        )
        return Visit(page, complaints)

    yield open_page
    for context in contexts:
        context.close()
