"""What the kernel itself tells the streams."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events.base import Event
from sen.kernel.live.messages import CLOSE


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Event):
    """Somebody's rights changed: their streams end and open again with the new rights.

    Publish it with the user's id as key.
    """

    type = "vn.dongthap.sen.access.rights.changed.v1"
    live_topic = CLOSE
    live_urgent = True
    user_id: int
