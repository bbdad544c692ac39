"""What the kernel itself tells the streams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sen.kernel.events.base import Event
from sen.kernel.events.publishing import publish_many
from sen.kernel.live.messages import CLOSE


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Event):
    """Somebody's rights changed: their streams end and open again with the new rights."""

    type = "vn.dongthap.sen.access.rights.changed.v1"
    live_topic = CLOSE
    live_urgent = True
    user_id: int


def announce_changed_rights(user_ids: Iterable[int]) -> None:
    """Publish :class:`RightsChanged` for each user, in the caller's transaction."""
    publish_many([(RightsChanged(user_id=user_id), user_id) for user_id in user_ids])
