"""A real browser over the running platform, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from sen.kernel.testing.browsers import chromium
from tests.conftest import Platform

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
#: Free of the bars at the edges of the screen: a control half below one counts as too small.
CENTRED = "one => one.scrollIntoView({block: 'center'})"
AXE = Path(settings.ROOT) / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser(platform: Platform) -> Iterator[Browser]:
    """Ended with each file: while it lasts, its event loop runs in this thread."""
    with chromium() as made:
        yield made


@dataclass
class Visitor:
    """Somebody at a screen; every script error and refused resource is a failure."""

    page: Page
    platform: Platform
    faults: list[str]

    def sign_in(self, username: str) -> None:
        """Through the form where nobody of this file did so before; then with that session."""
        known = self.platform.sessions.get(username)
        if known:
            self.page.context.add_cookies(known)
            return
        self.page.goto(f"{self.platform.url}/tai-khoan/dang-nhap/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", self.platform.passwords[username])
        self.page.click("main button[type=submit]")
        self.page.wait_for_url("**/ql/**")
        self.platform.sessions[username] = self.page.context.cookies()

    def go(self, path: str) -> Page:
        answer = self.page.goto(f"{self.platform.url}{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page

    def axe_findings(self) -> list[str]:
        """Serious and critical findings of axe-core on the page."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values:"
            " ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}})"
            ".then((said) => said.violations)"
        )
        return [
            f"{item['id']}: {item['nodes'][0]['html'][:160]}"
            for item in found
            if item["impact"] in ("serious", "critical")
        ]


@pytest.fixture(params=sorted(SIZES))
def visitor(
    request: pytest.FixtureRequest, browser: Browser, platform: Platform
) -> Iterator[Visitor]:
    width, height = SIZES[request.param]
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-US"
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            faults.append(f"console: {said.text}")
            if said.type == "error" and "Content Security Policy" in said.text
            else None
        ),
    )
    yield Visitor(page, platform, faults)
    context.close()
    assert faults == []
