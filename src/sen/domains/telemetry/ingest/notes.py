"""What doors write beside observations: what was refused, and when devices were heard of.

Gathered for a second, and for each device and reason at most twenty rows an hour: a device gone
wild fills no disk. Counts stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from sen.domains.telemetry.models import DeadLetter
from sen.kernel.access.context import as_system

KEPT_BYTES: Final = 16_384
#: So many rows with their payloads an hour, device and reason; what comes then is added to them.
KEPT_AN_HOUR: Final = 20
_ADD: Final = (
    "UPDATE telemetry_deadletter SET count = count + %s, received_at = now() WHERE id = ("
    "SELECT id FROM telemetry_deadletter WHERE door = %s AND reason = %s"
    " AND device_id = %s AND received_at >= date_trunc('hour', now())"
    " ORDER BY received_at DESC, id DESC OFFSET %s LIMIT 1)"
)
_SEEN: Final = (
    "UPDATE telemetry_device d SET last_seen_at = t.at, clock_offset_s = t.ahead,"
    " state = CASE d.state WHEN 'PROVISIONED' THEN 'ACTIVE' ELSE d.state END"
    " FROM (SELECT id, to_timestamp(us / 1000000.0) AS at, ahead"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS x(id, us, ahead)) AS t"
    " WHERE d.id = t.id"
    " AND (d.last_seen_at IS NULL OR d.last_seen_at < t.at - interval '15 seconds')"
)


@dataclass(slots=True)
class _Letter:
    count: int
    detail: str
    source: str
    payload: bytes


@dataclass(slots=True)
class Notes:
    """Gathers and writes; :meth:`write` runs in a thread."""

    door: str
    _letters: dict[tuple[int | None, str], _Letter] = field(default_factory=dict)
    _seen: dict[int, tuple[int, float]] = field(default_factory=dict)
    refused: int = 0

    def refuse(
        self,
        device: int | None,
        reason: str,
        *,
        count: int,
        detail: str,
        source: str,
        payload: bytes,
    ) -> None:
        self.refused += count
        letter = self._letters.get((device, reason))
        if letter is None:
            self._letters[device, reason] = _Letter(
                count, detail[:2000], source[:250], payload[:KEPT_BYTES]
            )
        else:
            letter.count += count

    def saw(self, device: int, at_us: int, ahead_s: float) -> None:
        self._seen[device] = (at_us, ahead_s)

    def drop(self) -> None:
        """Forget what was not written: it will be gathered again."""
        self._letters, self._seen = {}, {}

    @property
    def waiting(self) -> bool:
        return bool(self._letters or self._seen)

    def write(self) -> None:
        """Write what was gathered; after a failure it is gathered again.

        Raises:
            DatabaseError: the database is away.
        """
        letters, self._letters = self._letters, {}
        seen, self._seen = self._seen, {}
        try:
            with as_system("what a door refused, and which devices it heard of"):
                self._write(letters, seen)
        except BaseException:
            self._letters = {**letters, **self._letters}
            self._seen = {**seen, **self._seen}
            raise

    def _add(self, device: int | None, reason: str, count: int) -> bool:
        """Count to a row of this hour when there are enough; whether there were."""
        if device is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [count, self.door, reason, device, KEPT_AN_HOUR - 1])
            return bool(cursor.rowcount == 1)

    def _write(
        self,
        letters: dict[tuple[int | None, str], _Letter],
        seen: dict[int, tuple[int, float]],
    ) -> None:
        fresh = {
            key: letter for key, letter in letters.items() if not self._add(*key, letter.count)
        }
        DeadLetter.objects.bulk_create(
            DeadLetter(
                door=self.door,
                device_id=device,
                source=letter.source,
                reason=reason,
                detail=letter.detail.replace("\0", "\N{SYMBOL FOR NULL}"),
                count=letter.count,
                payload=letter.payload,
            )
            for (device, reason), letter in fresh.items()
        )
        if seen:
            times, ahead = zip(*seen.values(), strict=True)
            with connection.cursor() as cursor:
                cursor.execute(_SEEN, [list(seen), list(times), list(ahead)])
