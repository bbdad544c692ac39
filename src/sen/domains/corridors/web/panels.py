"""What stands in a corridor, and in which corridors a work stands."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from sen.domains.assets import api as assets
from sen.domains.corridors.models import Corridor
from sen.domains.corridors.selectors import corridors, findings_at, standing_in
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

SHOWN: Final = 50


@panel("corridors.corridors", title=_("Lưu ý"), order=-10)
def remark(page: PanelContext) -> PanelBody | None:
    """What must be known of a corridor before it is relied upon."""
    row = page.row
    if not isinstance(row, Corridor):
        return None
    if not row.remark and row.verification == "VERIFIED":
        return None
    context = {"remark": say(row.remark) if row.remark else "", "is_sure": row.verification}
    return PanelBody("corridors/remark.html", context)


@panel("corridors.corridors", title=_("Đang nằm trong phạm vi này"), order=20, wide=True)
def inside(page: PanelContext) -> PanelBody | None:
    """Assets inside a corridor, those that are no part of a road first."""
    row = page.row
    if not isinstance(row, Corridor):
        return None
    base = base_of(page.request)
    found = [
        item for item in standing_in(page.actor, row)[:SHOWN] if item.type in assets.asset_types
    ]
    shown = [
        {
            "name": item.name or item.code,
            "kind": item.kind,
            "url": detail_url(resources[f"assets.{item.kind.slug}"], item.pk, base),
            "is_foreign": not item.kind.along_road,
        }
        for item in found
    ]
    shown.sort(key=lambda item: not item["is_foreign"])
    return PanelBody("corridors/inside.html", {"rows": shown}) if shown else None


def _own(page: PanelContext) -> QuerySet[Corridor]:
    return corridors(page.actor).filter(asset_id=page.row.pk)


@panel("assets.asset", title=_("Hành lang an toàn"), order=45, asks={"own": _own})
def around_asset(page: PanelContext) -> PanelBody | None:
    """The corridor of a work, and those of others in which it stands."""
    geom = getattr(page.row, "geom", None)
    if geom is None or (
        not page.actor.may("corridors.corridor.view") and base_of(page.request) == WORK
    ):
        return None
    own = list(_own(page).defer("geom", "axis")) if page.has("own") else []
    own_ids = {row.pk for row in own}
    others = [
        item
        for item in findings_at(page.actor, geom, localdate())
        if item.is_inside and item.id not in own_ids
    ]
    if not own and not others:
        return None
    base = base_of(page.request)
    context = {
        "own": [_row(row, row.pk, row.name, row.corridor_m, base) for row in own],
        "others": [_row(f, f.id, f.title, f.corridor_m, base) for f in others],
    }
    return PanelBody("corridors/around.html", context)


@panel("network.roads", title=_("Hành lang an toàn"), order=45)
def along_road(page: PanelContext) -> PanelBody | None:
    """The corridor of a road, stretch by stretch of one width."""
    own = corridors(page.actor).filter(road_id=page.row.pk, along="ROAD").defer("geom", "axis")
    rows = list(own.order_by("edge_m", "id")[:SHOWN])
    if not rows:
        return None
    base = base_of(page.request)
    context = {"own": [_row(row, row.pk, row.name, row.corridor_m, base) for row in rows]}
    return PanelBody("corridors/around.html", context)


def _row(row: Any, row_id: int, title: str, width_m: float | None, base: str) -> dict[str, Any]:
    return {
        "title": title,
        "url": detail_url(resources["corridors.corridors"], row_id, base),
        "width_m": width_m,
        "reach_m": row.reach_m,
        "legal": f"{row.legal_ref}, {row.document}" if row.document else "",
        "remark": say(row.remark) if row.remark else "",
    }
