"""Permits follow roads and limits, tell people what runs out, and say on which rules they rest."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

from sen.domains.assets import api as assets
from sen.domains.assets.events import AssetClosed, LoadLimitChanged
from sen.domains.network.events import RouteEventsChanged
from sen.domains.network.ports import road_followers
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.domains.permits.jobs import recheck
from sen.domains.permits.services import PermitFollower
from sen.kernel.access.context import as_system, current_actor
from sen.kernel.events import Origin, on
from sen.kernel.jobs.services import enqueue

POSTED: Final = frozenset({"load_limit", "axle_limit", "clearance", "width_limit"})

#: What is done to a road as a whole is followed at once, in the same transaction.
road_followers.add("permits.permit", PermitFollower())

rests_on(
    RuleUse(
        name="permits.deadlines",
        norms=("deadline.road-permit", "permit.deadline"),
        title=gettext_lazy("Hạn giải quyết hồ sơ cấp phép đường bộ"),
        kind=UseKind.DEADLINE,
        url="/ql/permits/all/?status=RECEIVED",
    )
)
rests_on(
    RuleUse(
        name="permits.spans",
        norms=("permit.longest-days", "permit.fee", "permit.remind-days", "permit.height-margin"),
        title=gettext_lazy("Thời hạn, lệ phí và nhắc hạn giấy phép đường bộ"),
        kind=UseKind.DOSSIER,
        url="/ql/permits/all/",
    )
)


def _recheck(road_id: int) -> None:
    """All roads that change before the next look are looked at in one go."""
    enqueue(recheck, actor=current_actor(), once_key="follow", gather=True, road_ids=[road_id])


def _recheck_at(asset_id: int) -> None:
    with as_system("the road of an asset") as house:
        road_id = assets.assets(house).filter(pk=asset_id).values_list("road_id", flat=True).first()
    if road_id is not None:
        _recheck(road_id)


@on(LoadLimitChanged, name="permits.follow_limit")
def follow_limit(event: LoadLimitChanged, origin: Origin) -> None:
    _recheck_at(event.asset_id)


@on(AssetClosed, name="permits.follow_closing")
def follow_closing(event: AssetClosed, origin: Origin) -> None:
    _recheck_at(event.asset_id)


@on(RouteEventsChanged, name="permits.follow_posted")
def follow_posted(event: RouteEventsChanged, origin: Origin) -> None:
    if POSTED & set(event.kinds):
        _recheck(event.road_id)
