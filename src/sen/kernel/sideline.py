"""A second connection to the database, outside the caller's transaction.

For what must be seen at once whatever becomes of the transaction: progress, listening, locks.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def open_sideline() -> psycopg.Connection[Any]:
    """An autocommit connection to the same database with the same role; the caller closes it."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters, autocommit=True)
