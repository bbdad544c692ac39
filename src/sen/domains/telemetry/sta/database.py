"""Connections of the fast paths: they know for whom they read, and say so to the database."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Final

from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor
from psycopg_pool import AsyncConnectionPool

from sen.domains.telemetry.sta.callers import Caller

#: Units: seconds; a question that takes longer is refused.
TIMEOUT_S: Final = 30
_OPTIONS: Final = (
    f"-c timezone=UTC -c statement_timeout={TIMEOUT_S}s -c jit=off -c application_name=sen-sta"
    " -c sen.tied=on"
)
Connection = AsyncConnection[tuple[Any, ...]]


_NAME: Final = re.compile(r"%%|%\((\w+)\)s")


@lru_cache(maxsize=2_000)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with numbers for its names, and the names in their order."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return f"${names.setdefault(name, len(names) + 1)}" if name else "%"

    text = _NAME.sub(number, sql)
    return text.encode(), tuple(names)


async def ask(
    connection: Connection, sql: str, values: dict[str, Any]
) -> AsyncCursor[tuple[Any, ...]]:
    """Run a statement with named parameters on a connection of :class:`Database`."""
    text, names = _numbered(sql)
    return await connection.execute(text, [values[name] for name in names], binary=True)


class Database:
    """A pool, opened with the first question."""

    def __init__(self, url: str = "", *, most: int = 8) -> None:
        self.url = url
        self.most = most
        self._pool: AsyncConnectionPool[Connection] | None = None
        #: Whom a connection was told that it reads for.
        self._told: dict[int, str] = {}

    async def open(self) -> AsyncConnectionPool[Connection]:
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                self.url or os.environ["DATABASE_URL"],
                kwargs={
                    "autocommit": True,
                    "options": _OPTIONS,
                    # Statements bear numbers already: to look for names in them takes time.
                    "cursor_factory": AsyncRawCursor,
                },
                min_size=1,
                max_size=self.most,
                configure=self._forget,
                open=False,
                name="sen-sta",
            )
            await self._pool.open()
        return self._pool

    async def _forget(self, connection: Connection) -> None:
        """A new connection was told nothing, whatever the process id of its other end."""
        self._told.pop(connection.info.backend_pid, None)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    @asynccontextmanager
    async def reading(self, caller: Caller) -> AsyncIterator[Connection]:
        """A connection on which row-level security shows what ``caller`` may see."""
        pool = self._pool or await self.open()
        async with pool.connection() as connection:
            key = connection.info.backend_pid
            if self._told.get(key) != caller.digest:
                self._told.pop(key, None)
                calls = ", ".join(
                    f"set_config(${2 * n + 1}, ${2 * n + 2}, false)"
                    for n in range(len(caller.settings))
                )
                values = [part for item in caller.settings.items() for part in item]
                await connection.execute(f"SELECT {calls}".encode(), values)
                self._told[key] = caller.digest
            yield connection
