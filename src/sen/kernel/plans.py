"""How the database plans a statement.

Connections prepare what they run, and after five runs PostgreSQL may plan once for all values. That
saves up to a millisecond of planning, but where a value decides (a rare condition, a common word)
the plan for all is tens of times slower than the plan for this one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_for_values() -> Iterator[None]:
    """Statements in this block are planned for the values that they carry, each time."""
    connection.ensure_connection()
    raw = connection.connection
    threshold = raw.prepare_threshold
    raw.prepare_threshold = None
    try:
        yield
    finally:
        raw.prepare_threshold = threshold
