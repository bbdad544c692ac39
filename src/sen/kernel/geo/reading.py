"""Reading rows for an actor in one exchange with the database.

A tile or a page of features is one statement. Telling the database who asks, inside a transaction,
would make it four exchanges; sent as a pipeline they are one, which counts when many ask at once.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from sen.kernel.access.context import Acting, acting_as, current, settings_for
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo.sql import Sql

Row = tuple[Any, ...]
_ALIAS: Final = "default"


def read(actor: Actor, sql: Sql) -> list[Row]:
    """The rows of a statement with the rights of ``actor``; row-level security holds below."""
    connection = connections[_ALIAS]
    if connection.in_atomic_block:
        # Without anybody named, the current actor reads as anonymous but the database knows nobody.
        if current().actor is actor and actor.is_authenticated:
            return _plain(connection, sql)
        with acting_as(actor):
            return _plain(connection, sql)
    try:
        return _pipelined(connection, actor, sql)
    except psycopg.OperationalError:
        # The server went away between two requests: reading again does no harm.
        connection.close()
        with connection.wrap_database_errors:
            return _pipelined(connection, actor, sql)


def read_one(actor: Actor, sql: Sql) -> Row:
    """The first row of a statement that always has one."""
    return read(actor, sql)[0]


def _plain(connection: BaseDatabaseWrapper, sql: Sql) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        rows: list[Row] = cursor.fetchall()
    return rows


def _pipelined(connection: BaseDatabaseWrapper, actor: Actor, sql: Sql) -> list[Row]:
    """Both statements of a pipeline are one transaction: what the first sets, ends with it."""
    connection.ensure_connection()
    raw: psycopg.Connection[Row] = connection.connection
    statement, params = _telling(actor) if actor.is_authenticated else _TELLING_NOBODY
    with raw.pipeline():
        raw.execute(statement, params)
        # Binary: a tile as text would be written and read as hexadecimal.
        answer = raw.execute(sql.text.encode(), sql.params, binary=True)
    return answer.fetchall()


def _telling(actor: Actor) -> tuple[bytes, list[str]]:
    """The statement that tells the database who reads, for one transaction."""
    values = settings_for(Acting(actor)) | {"transaction_read_only": "on"}
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    return f"SELECT {calls}".encode(), [part for item in values.items() for part in item]


_TELLING_NOBODY: Final = _telling(ANONYMOUS)
