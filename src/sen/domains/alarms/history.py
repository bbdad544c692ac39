"""The past of a stream as arrays, for learning and for back-tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from sen.domains.telemetry import api as telemetry
from sen.kernel.access.scope import Actor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sen.domains.alarms.engine.tails import Tail


@dataclass(slots=True)
class Past:
    """Observations of a stream in order of time, and of the streams that explain it.

    Shapes:
        ``at``, ``values``, ``quality``: (n,).
    """

    at: NDArray[np.int64]
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    tails: dict[str, Tail] = field(default_factory=dict)


def load(
    actor: Actor,
    datastream_id: int,
    *,
    days: int,
    references: Sequence[str] = (),
    until: datetime | None = None,
) -> Past:
    """The past of a stream by minutes, and of streams of the same work by observed property.

    Raises:
        NotFoundError: the stream does not exist, or not for this actor.
    """
    from sen.domains.alarms.engine.tails import Tail

    end = until or timezone.now()
    begin = end - timedelta(days=days)
    past = Past(*telemetry.minutes(actor, datastream_id, begin, end))
    for code, stream_id in telemetry.siblings(actor, datastream_id, references).items():
        at, values, _quality = telemetry.minutes(actor, stream_id, begin, end)
        tail = Tail()
        tail.extend(at, values)
        past.tails[code] = tail
    return past
