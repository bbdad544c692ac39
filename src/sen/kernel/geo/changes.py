"""What changed on the map, as a worker knows it: a mirror of the change log in memory.

A tile request asks here, not the database. The mirror is read again after ``REUSE_S``, or at
once when a request names a version that it has not seen; so whoever saves and looks sees the
change, and everybody else within a second. One statement of well under a millisecond a second
and worker serves any number of tiles.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db import connections

REUSE_S: Final = 1.0
#: Zoom of the tiles in the change log; see ``versions``.
ZOOM: Final = 14

_IDENTITY_SQL: Final = """
SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
             AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')
       THEN 'SELECT s.system_identifier || ''-'' || c.timeline_id
             FROM pg_control_system() s, pg_control_checkpoint() c'
       ELSE 'SELECT ''0''' END,
       (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: One statement, so one snapshot: a version is never known before its tiles are.
_NEWS_SQL: Final = """
WITH news AS (SELECT source, x, y, xid FROM kernel_geo_tilechange WHERE xid >= %s),
  versions AS (
    SELECT source, sum(count)::bigint AS version FROM kernel_geo_tilechange
    WHERE source IN (SELECT source FROM news) GROUP BY source)
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, n.source, n.x, n.y, n.xid, v.version
FROM (SELECT 1) always LEFT JOIN news n ON true LEFT JOIN versions v USING (source)
"""


class Changes:
    """Newest change by table and tile, on every zoom, and a version of each table."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next question reads the log again."""
        self._started_at = 0.0
        self._xmin = 0
        self._identity = ""
        self._versions: dict[str, int] = {}
        self._everywhere: dict[str, int] = {}
        self._tiles: dict[str, list[dict[tuple[int, int], int]]] = defaultdict(
            lambda: [{} for _ in range(ZOOM + 1)]
        )

    @property
    def identity(self) -> str:
        """Names the database and its timeline: a restored one does not inherit cached tiles."""
        self._refresh_when_old()
        return self._identity

    def version(self, sources: Iterable[str], at_least: int = 0) -> int:
        """A number that grows with every committed change of any of the tables."""
        self._refresh_when_old()
        names = tuple(sources)
        found = sum(self._versions.get(name, 0) for name in names)
        if found < at_least:
            self.refresh()
            found = sum(self._versions.get(name, 0) for name in names)
        return found

    def newest(self, sources: Iterable[str], z: int, x: int, y: int) -> int:
        """The last transaction that changed anything within a tile; 0 for none."""
        if z > ZOOM:
            x, y, z = x >> (z - ZOOM), y >> (z - ZOOM), ZOOM
        found = 0
        for name in sources:
            found = max(found, self._everywhere.get(name, 0))
            if name in self._tiles:
                found = max(found, self._tiles[name][z].get((x, y), 0))
        return found

    def refresh(self) -> None:
        """Read what was committed since the last time; threads that wait share one reading."""
        asked_at = time.monotonic()
        with self._lock:
            if self._started_at < asked_at:
                self._read()

    def _refresh_when_old(self) -> None:
        if time.monotonic() - self._started_at <= REUSE_S:
            return
        if not self._identity:
            self.refresh()
        elif self._lock.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._lock.release()

    def _read(self) -> None:
        started_at = time.monotonic()
        with connections["default"].cursor() as cursor:
            identity = self._identity or self._read_identity(cursor)
            cursor.execute(_NEWS_SQL, [self._xmin])
            rows = cursor.fetchall()
        for _, source, x, y, xid, _ in rows:
            if source is not None:
                self._note(source, x, y, xid)
        self._versions.update({row[1]: row[5] for row in rows if row[1] is not None})
        self._xmin = rows[0][0]
        self._identity = identity
        self._started_at = started_at

    def _note(self, source: str, x: int, y: int, xid: int) -> None:
        if x < 0:
            self._everywhere[source] = max(xid, self._everywhere.get(source, 0))
            return
        levels = self._tiles[source]
        for zoom in range(ZOOM, -1, -1):
            if levels[zoom].get((x, y), 0) >= xid:
                return
            levels[zoom][x, y] = xid
            x, y = x >> 1, y >> 1

    @staticmethod
    def _read_identity(cursor: Any) -> str:
        cursor.execute(_IDENTITY_SQL)
        statement, oid = cursor.fetchone()
        cursor.execute(statement)
        return f"{cursor.fetchone()[0]}-{oid}"


changes: Final = Changes()
