"""What happens to permits, told to other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("permits", resource="permits.permit")


@dataclass(frozen=True, kw_only=True)
class PermitReceived(Event):
    """An application was received."""

    type = "vn.dongthap.sen.permits.permit.received.v1"
    permit_id: int
    kind: str
    code: str
    due_at: date | None


@dataclass(frozen=True, kw_only=True)
class PermitMoved(Event):
    """A permit went from one state to another by an act."""

    type = "vn.dongthap.sen.permits.permit.moved.v1"
    live_topic = "permits"
    permit_id: int
    kind: str
    code: str
    number: str
    act: str
    from_status: str
    to_status: str
    road_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class PermitExtended(Event):
    """A permit holds longer than it did."""

    type = "vn.dongthap.sen.permits.permit.extended.v1"
    permit_id: int
    code: str
    before: date | None
    now: date


@dataclass(frozen=True, kw_only=True)
class SiteInspected(Event):
    """The site of a permit was inspected."""

    type = "vn.dongthap.sen.permits.site.inspected.v1"
    permit_id: int
    act_id: int
    result: str
    mend_by: date | None


@dataclass(frozen=True, kw_only=True)
class PermitExpiring(Event):
    """A permit ends soon, or its site was not handed back; told once for each end."""

    type = "vn.dongthap.sen.permits.permit.expiring.v1"
    live_topic = "permits"
    permit_id: int
    kind: str
    code: str
    number: str
    valid_to: date


@dataclass(frozen=True, kw_only=True)
class RouteObstructed(Event):
    """A structure on the route of a permit in force bears or lets pass less than its vehicle."""

    type = "vn.dongthap.sen.permits.route.obstructed.v1"
    live_topic = "permits"
    permit_id: int
    code: str
    number: str
    obstacles: tuple[str, ...]
