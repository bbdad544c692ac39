"""Panels on the pages of assets, roads and communes."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.catalogue import asset_types
from sen.domains.assets.labels import said
from sen.domains.assets.models import Asset, Inspection
from sen.domains.assets.selectors import assets_along, counts_by_type, inspections_of
from sen.domains.assets.web.chainages import chainage_lines, seen_from_borne
from sen.domains.assets.web.signs import advice_of, signs_of
from sen.domains.assets.web.types import CONDITION_TONES
from sen.domains.network import api as network
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import Resource, resources

SHOWN_ALONG: Final = 50
SHOWN_INSPECTIONS: Final = 20


def register_of(code: str) -> Resource[Any]:
    """The register of a type."""
    return resources[f"assets.{asset_types[code].slug}"]


@panel("assets.asset", title=_("Hạn chế và tĩnh không"), order=-10)
def limits(page: PanelContext) -> PanelBody | None:
    """The signs that stand at the asset."""
    row = page.row
    if not isinstance(row, Asset):
        return None
    signs, advice = signs_of(page.actor, row), advice_of(row)
    if not signs and not advice:
        return None
    return PanelBody("assets/limits.html", {"signs": signs, "advice": advice})


def _old_names(page: PanelContext) -> dict[str, QuerySet[Any, Any]]:
    road_id = getattr(page.row, "road_id", None)
    return {} if road_id is None else network.old_names(road_id)


@panel("assets.asset", title=_("Lý trình qua các thời kỳ"), order=15, asks=_old_names)
def chainages(page: PanelContext) -> PanelBody | None:
    """What the place was called before, and what other roads on it call it."""
    row = page.row
    if not isinstance(row, Asset):
        return None
    was_renamed = page.has("calibrations") or page.has("posts")
    lines = chainage_lines(page.actor, row, was_renamed=was_renamed)
    return PanelBody("assets/chainages.html", {"lines": lines}) if lines else None


def _inspections(page: PanelContext) -> QuerySet[Inspection] | None:
    return inspections_of(page.actor, page.row) if isinstance(page.row, Asset) else None


@panel(
    "assets.asset",
    title=_("Kiểm tra, kiểm định"),
    order=20,
    wide=True,
    asks={"inspections": _inspections},
)
def inspections(page: PanelContext) -> PanelBody | None:
    """Inspections, newest first, and the way to record another."""
    row, rows = page.row, _inspections(page)
    if not isinstance(row, Asset) or rows is None:
        return None
    scope = page.actor.scope(Inspection.access)
    found = [
        {
            "row": item,
            "url": detail_url(resources["assets.inspections"], item.pk, base_of(page.request)),
            "tone": CONDITION_TONES.get(item.condition, ""),
            "finding": "" if "finding" in scope.masked(item) else item.finding,
        }
        for item in (rows[:SHOWN_INSPECTIONS] if page.has("inspections") else ())
    ]
    may_add = base_of(page.request) == WORK and page.actor.may("assets.inspection.add")
    if not found and not may_add:
        return None
    add = f"/ql/assets/inspections/them/?{urlencode({'asset_code': row.code})}"
    return PanelBody("assets/inspections.html", {"rows": found, "add": add if may_add else ""})


@panel("network.roads", title=_("Công trình dọc tuyến"), order=40, wide=True)
def along_road(page: PanelContext) -> PanelBody | None:
    """What stands on the road, in the order in which one drives past it."""
    base = base_of(page.request)
    own = [
        (row, None if row.chainage_m is None else float(row.chainage_m))
        for row in assets_along(page.actor, road_id=page.row.pk)[: SHOWN_ALONG + 1]
    ]
    borne = seen_from_borne(page.actor, page.row.pk)
    if borne:
        own = sorted([*own, *borne], key=lambda pair: (pair[1] is None, pair[1] or 0.0))
    rows = [
        {
            "row": row,
            "kind": said(row.kind.name),
            "icon": row.kind.icon,
            "chainage": "" if measure is None else network.label(round(measure, 1)),
            "url": detail_url(register_of(row.type), row.pk, base),
            "tone": CONDITION_TONES.get(row.condition, ""),
            "signs": signs_of(page.actor, row),
        }
        for row, measure in own[: SHOWN_ALONG + 1]
        if row.type in asset_types
    ]
    if not rows:
        return None
    counts = counts_by_type(page.actor, road_id=page.row.pk)
    number = getattr(page.row, "number", "")
    context = {
        "rows": rows[:SHOWN_ALONG],
        "has_more": len(rows) > SHOWN_ALONG,
        "counts": _counts(counts, base, {"road": number} if number else {}),
        "all_url": f"{base}assets/all/?{urlencode({'road': number})}" if number else "",
    }
    return PanelBody("assets/along_road.html", context)


@panel("places.units", title=_("Tài sản trên địa bàn"), order=40)
def in_commune(page: PanelContext) -> PanelBody | None:
    """How many assets of each type lie in the commune."""
    counts = counts_by_type(page.actor, area_id=page.row.area_id)
    if not counts:
        return None
    base = base_of(page.request)
    shown = _counts(counts, base, {"area": str(page.row.area_id)})
    return PanelBody("assets/counts.html", {"counts": shown})


def _counts(counts: dict[str, int], base: str, query: dict[str, str]) -> list[dict[str, Any]]:
    """Counts in the order of the catalogue, each with the list behind it."""
    return [
        {
            "title": said(kind.plural),
            "icon": kind.icon,
            "count": counts[kind.code],
            "url": f"{base}assets/{kind.slug}/?{urlencode(query)}" if query else "",
        }
        for kind in asset_types
        if counts.get(kind.code)
    ]
