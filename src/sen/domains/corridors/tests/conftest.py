"""The rules of law that ship lie in the database of every test here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest


@pytest.fixture(scope="module", autouse=True)
def _shipped_rules(database_with: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    with database_with("norms"):
        yield
