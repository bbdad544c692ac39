"""The past of a stream as arrays: what engines learn from and test themselves on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import connection

from sen.domains.telemetry.models import Datastream
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Bytes of binary COPY: a head of 19, rows of fixed length, a tail of 2.
_HEAD: Final = 19
#: Units: microseconds from 1970 to 2000, where PostgreSQL counts from.
_EPOCH_US: Final = 946_684_800_000_000
_SHOWN: Final = "rollups of datastreams that were found visible"
_MINUTES: Final = (
    "COPY (SELECT at, mean FROM telemetry_rollup WHERE datastream_id = %s AND step = 1"
    " AND at >= %s AND at < %s AND n > 0 AND mean IS NOT NULL ORDER BY at)"
    " TO STDOUT (FORMAT binary)"
)
_EXTREMES: Final = (
    "SELECT datastream_id, min(min), max(max) FROM telemetry_rollup"
    " WHERE datastream_id = ANY(%s) AND step = 2 AND at >= %s AND at < %s AND n > 0"
    " GROUP BY datastream_id HAVING min(min) IS NOT NULL"
)


def minutes(
    actor: Actor, stream_id: int, begin: datetime, end: datetime
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.uint8]]:
    """Means of the minutes that hold fit observations: times, values, quality.

    Raises:
        NotFoundError: the stream does not exist, or not for this actor.
    Units:
        Times in microseconds since 1970.
    Shapes:
        All (n,).
    """
    import numpy as np

    if not Datastream.objects.visible_to(actor).filter(pk=stream_id).exists():
        raise NotFoundError(str(Datastream._meta.verbose_name), stream_id)
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("l1", ">i4"),
            ("at", ">i8"),
            ("l2", ">i4"),
            ("value", ">f8"),
        ]
    )
    # The wrapper that notes statements for debugging takes no parameters of a COPY.
    given = [stream_id, begin, end]
    with (
        as_system(_SHOWN, reading=True),
        connection.cursor() as cursor,
        cursor.cursor.copy(_MINUTES, given) as copy,
    ):
        data = b"".join(bytes(block) for block in copy)
    rows = np.frombuffer(data, row, count=(len(data) - _HEAD - 2) // row.itemsize, offset=_HEAD)
    return (
        rows["at"].astype(np.int64) + _EPOCH_US,
        rows["value"].astype(np.float64),
        np.zeros(len(rows), np.uint8),
    )


def extremes(
    actor: Actor, stream_ids: Collection[int], begin: datetime, end: datetime
) -> dict[int, tuple[float, float]]:
    """Least and greatest fit value of each visible stream in a span, as hours hold them."""
    seen = Datastream.objects.visible_to(actor).filter(pk__in=stream_ids)
    found = list(seen.values_list("pk", flat=True))
    with as_system(_SHOWN, reading=True), connection.cursor() as cursor:
        cursor.execute(_EXTREMES, [found, begin, end])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
