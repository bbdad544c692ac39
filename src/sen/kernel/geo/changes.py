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
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections

REUSE_S: Final = 1.0
#: Zoom of the tiles in the change log; see ``versions``.
ZOOM: Final = 14
#: Transactions of one tile that are told apart.
KEPT: Final = 16

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
WITH news AS (SELECT source, x, y, xid, count FROM kernel_geo_tilechange WHERE xid >= %s),
  versions AS (
    SELECT source, sum(count)::bigint AS version FROM kernel_geo_tilechange
    WHERE source IN (SELECT source FROM news) GROUP BY source)
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
  n.source, n.x, n.y, n.xid, n.count, v.version
FROM (SELECT 1) always LEFT JOIN news n ON true LEFT JOIN versions v USING (source)
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions a reader saw: those below ``xmax`` that were not running."""

    xmin: int
    xmax: int
    running: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """Read PostgreSQL's form ``xmin:xmax:xid,xid``."""
        xmin, xmax, running = text.split(":")
        return cls(int(xmin), int(xmax), frozenset(map(int, filter(None, running.split(",")))))

    def sees(self, xid: int) -> bool:
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)


class History:
    """What changed one tile: single transactions, and the newest of those told apart no more."""

    __slots__ = ("merged", "single")

    def __init__(self) -> None:
        self.merged = 0
        self.single: tuple[int, ...] = ()

    def note(self, xid: int, count: int, finished_below: int) -> None:
        """Add a change; many old ones are merged into the newest of them."""
        if count > 1:
            self.merged = max(self.merged, xid)
        elif xid not in self.single:
            self.single = (*self.single, xid)
        if len(self.single) > KEPT:
            old = [one for one in self.single if one < finished_below]
            self.merged = max([self.merged, *old])
            self.single = tuple(one for one in self.single if one >= finished_below)

    def is_seen_by(self, snapshot: Snapshot) -> bool:
        """Whether a reader with this snapshot saw every change; in doubt not."""
        return self.merged < snapshot.xmin and all(map(snapshot.sees, self.single))


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
        self._everywhere: dict[str, History] = defaultdict(History)
        self._tiles: dict[str, dict[tuple[int, int, int], History]] = defaultdict(
            lambda: defaultdict(History)
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

    def is_fresh(self, sources: Iterable[str], at_least: int) -> bool:
        """Whether the mirror can answer for a version without reading the log."""
        if time.monotonic() - self._started_at > REUSE_S:
            return False
        return sum(self._versions.get(name, 0) for name in sources) >= at_least

    def saw_all(self, snapshot: Snapshot, sources: Iterable[str], z: int, x: int, y: int) -> bool:
        """Whether what was drawn in a snapshot still shows what a tile holds."""
        if z > ZOOM:
            x, y, z = x >> (z - ZOOM), y >> (z - ZOOM), ZOOM
        for name in sources:
            if name in self._everywhere and not self._everywhere[name].is_seen_by(snapshot):
                return False
            tiles = self._tiles.get(name)
            if tiles and (z, x, y) in tiles and not tiles[z, x, y].is_seen_by(snapshot):
                return False
        return True

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
        finished_below = rows[0][0]
        for _, source, x, y, xid, count, _ in rows:
            if source is not None:
                self._note(source, (x, y), (xid, count, finished_below))
        self._versions.update({row[1]: row[6] for row in rows if row[1] is not None})
        self._xmin = finished_below
        self._identity = identity
        self._started_at = started_at

    def _note(self, source: str, tile: tuple[int, int], change: tuple[int, int, int]) -> None:
        x, y = tile
        if x < 0:
            self._everywhere[source].note(*change)
            return
        for zoom in range(ZOOM, -1, -1):
            self._tiles[source][zoom, x, y].note(*change)
            x, y = x >> 1, y >> 1

    @staticmethod
    def _read_identity(cursor: Any) -> str:
        cursor.execute(_IDENTITY_SQL)
        statement, oid = cursor.fetchone()
        cursor.execute(statement)
        return f"{cursor.fetchone()[0]}-{oid}"


changes: Final = Changes()
