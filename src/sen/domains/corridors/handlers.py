"""Corridors follow roads, works and rules; and they say that they rest on rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sen.domains.assets.events import (
    AssetChanged,
    AssetClosed,
    AssetCreated,
    AssetDeleted,
    AssetMoved,
    AssetsImported,
)
from sen.domains.corridors.choices import ASSET_OBJECTS
from sen.domains.corridors.events import FairwayChanged, RedLineChanged
from sen.domains.corridors.jobs import draw, draw_all
from sen.domains.corridors.selectors import reckon_widths
from sen.domains.network.events import (
    RoadChanged,
    RoadDeleted,
    RouteEventsChanged,
    RouteRecalibrated,
)
from sen.domains.norms.events import NormVersionPublished, NormVersionWithdrawn
from sen.domains.norms.ports import RuleUse, UseKind, rests_on
from sen.kernel.access.context import current_actor
from sen.kernel.events import Origin, on
from sen.kernel.jobs.services import enqueue

TYPES: Final = frozenset({"bridge", *ASSET_OBJECTS})

for _name, _norm, _title in (
    ("roads", "corridor.road", _("Hành lang an toàn đường bộ")),
    ("bridges", "corridor.bridge", _("Hành lang an toàn cầu")),
    ("others", "corridor.other", _("Hành lang an toàn hầm, bến phà, cầu phao")),
    ("waterways", "corridor.waterway", _("Hành lang bảo vệ luồng đường thủy")),
):
    rests_on(
        RuleUse(
            name=f"corridors.{_name}",
            norms=(_norm,),
            title=_title,
            kind=UseKind.CORRIDOR,
            url="/ql/corridors/corridors/",
            reckon=reckon_widths,
        )
    )
rests_on(
    RuleUse(
        name="corridors.strips",
        norms=("corridor.strip", "corridor.bridge-ends"),
        title=_("Phạm vi bảo vệ đường và cầu trên bản đồ"),
        kind=UseKind.CORRIDOR,
        url="/ql/corridors/corridors/",
    )
)
rests_on(
    RuleUse(
        name="corridors.answers",
        norms=(
            "corridor.road",
            "corridor.bridge",
            "corridor.other",
            "corridor.waterway",
            "corridor.strip",
        ),
        title=_("Tra cứu cho người dân: công trình có nằm trong hành lang không"),
        kind=UseKind.PAGE,
        url="/hanh-lang/",
    )
)


def _draw(**ids: Any) -> None:
    """Everything that changes before the next drawing is drawn in one go."""
    enqueue(draw, actor=current_actor(), once_key="follow", gather=True, **ids)


def _draw_roads(road_id: int) -> None:
    _draw(road_ids=[road_id])


def _draw_assets(asset_type: str, ids: Iterable[int]) -> None:
    listed = sorted(ids)
    if asset_type in TYPES and listed:
        _draw(asset_ids=listed)


@on(RoadChanged, name="corridors.follow_road")
def follow_road(event: RoadChanged, origin: Origin) -> None:
    _draw_roads(event.road_id)


@on(RoadDeleted, name="corridors.forget_road")
def forget_road(event: RoadDeleted, origin: Origin) -> None:
    _draw_roads(event.road_id)


@on(RouteRecalibrated, name="corridors.follow_line")
def follow_line(event: RouteRecalibrated, origin: Origin) -> None:
    _draw_roads(event.road_id)


@on(RouteEventsChanged, name="corridors.follow_widths")
def follow_widths(event: RouteEventsChanged, origin: Origin) -> None:
    if "width" in event.kinds:
        _draw_roads(event.road_id)


@on(AssetCreated, name="corridors.asset_created")
def asset_created(event: AssetCreated, origin: Origin) -> None:
    _draw_assets(event.asset_type, [event.asset_id])


@on(AssetMoved, name="corridors.asset_moved")
def asset_moved(event: AssetMoved, origin: Origin) -> None:
    _draw_assets(event.asset_type, [event.asset_id])


@on(AssetChanged, name="corridors.asset_changed")
def asset_changed(event: AssetChanged, origin: Origin) -> None:
    _draw_assets(event.asset_type, [event.asset_id])


@on(AssetClosed, name="corridors.asset_closed")
def asset_closed(event: AssetClosed, origin: Origin) -> None:
    _draw_assets(event.asset_type, [event.asset_id])


@on(AssetDeleted, name="corridors.asset_deleted")
def asset_deleted(event: AssetDeleted, origin: Origin) -> None:
    _draw_assets(event.asset_type, [event.asset_id])


@on(AssetsImported, name="corridors.assets_imported")
def assets_imported(event: AssetsImported, origin: Origin) -> None:
    _draw_assets(event.asset_type, {*event.created, *event.changed})


@on(NormVersionPublished, name="corridors.rule_published")
def rule_published(event: NormVersionPublished, origin: Origin) -> None:
    if event.norm.startswith("corridor."):
        enqueue(draw_all, actor=current_actor(), once_key="all")


@on(NormVersionWithdrawn, name="corridors.rule_withdrawn")
def rule_withdrawn(event: NormVersionWithdrawn, origin: Origin) -> None:
    if event.norm.startswith("corridor."):
        enqueue(draw_all, actor=current_actor(), once_key="all")


@on(RedLineChanged, name="corridors.follow_red_line")
def follow_red_line(event: RedLineChanged, origin: Origin) -> None:
    _draw_roads(event.road_id)


@on(FairwayChanged, name="corridors.follow_fairway")
def follow_fairway(event: FairwayChanged, origin: Origin) -> None:
    _draw(fairway_ids=[event.fairway_id])
