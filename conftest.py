"""Fixtures of every test: a database made as production makes it, with two roles and policies."""

from __future__ import annotations

import gc

import pytest

pytest_plugins = ["sen.kernel.testing.database", "sen.kernel.testing.accounts"]
#: Objects made since the last look for garbage in circles; Python's own 700 looks all the time.
LOOK_AFTER = 50_000


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: nobody looks again and again whether it is garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_AFTER, 20, 50)
