"""What happens to publications of loads, told to other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class NoticeMoved(Event):
    """A publication went from one step to the next, or back to its draft."""

    type = "vn.dongthap.sen.loadnotices.notice.moved.v1"
    notice_id: int
    code: str
    from_status: str
    to_status: str


@dataclass(frozen=True, kw_only=True)
class LoadsPublished(Event):
    """Loads and clearances were published, all of a year or changes."""

    type = "vn.dongthap.sen.loadnotices.notice.published.v1"
    notice_id: int
    code: str
    number: str
    kind: str
    published_at: date
    items: int


@dataclass(frozen=True, kw_only=True)
class ChangeNoted(Event):
    """A load or clearance differs from what is published; it is to be published by a day."""

    type = "vn.dongthap.sen.loadnotices.change.noted.v1"
    notice_id: int
    keys: tuple[str, ...]
    due_on: date | None
