"""The browser of the tests: which program, and started how."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

#: The shell draws pages without the window of a browser around them, for two thirds of the time.
PROGRAMS: Final = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def program() -> str:
    """The browser that ``./sen test`` brought, else one of the machine; empty without any."""
    candidates = (os.environ.get("SEN_CHROMIUM", ""), *PROGRAMS)
    return next((one for one in candidates if one and Path(one).exists()), "")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; while it lasts, its event loop runs in this thread."""
    path = program()
    if not path:
        pytest.skip("Chromium is not installed; ./sen test installs it")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield made
        made.close()
