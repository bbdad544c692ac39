"""What holds on the road where a thing stands, on the page of that thing."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import EVENT_KINDS
from sen.domains.network.models import RouteEvent
from sen.domains.network.selectors import events_on
from sen.domains.network.web.panels import value_text
from sen.kernel.numbers import chainage_text
from sen.kernel.web.register.links import base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

#: What one has to mind there, before what the road is like.
KINDS: Final = (
    "roadworks",
    "traffic_change",
    "load_limit",
    "axle_limit",
    "clearance",
    "width_limit",
    "speed_limit",
    "technical_class",
    "surface",
    "lanes",
)


_PLACE: Final = frozenset({"road", "road_id", "chainage_m"})


def _found(page: PanelContext) -> QuerySet[RouteEvent] | None:
    road_id = getattr(page.row, "road_id", None)
    place = getattr(page.row, "chainage_m", None)
    if road_id is None or place is None or page.resource.domain == "network":
        return None
    if page.actor.scope(page.resource.rule).masked(page.row) & _PLACE:
        return None
    rows = events_on(page.actor, kinds=KINDS, on=timezone.localdate(), road_ids=[road_id])
    return rows.filter(from_m__lte=place, to_m__gte=place)


@panel("*", title=_("Trên đường tại vị trí này"), order=13, asks={"here": _found})
def on_the_road_here(page: PanelContext) -> PanelBody | None:
    """Restrictions, road works and the make of the road at the chainage of a row."""
    rows = _found(page) if page.has("here") else None
    found = list(rows.defer("geom", "search")) if rows is not None else []
    if not found:
        return None
    base = base_of(page.request)
    lines = [
        {
            "title": gettext(EVENT_KINDS[row.kind].title),
            "said": value_text(EVENT_KINDS[row.kind], row),
            "reach": f"{chainage_text(row.from_m)} – {chainage_text(row.to_m)}",
            "url": detail_url(resources[f"network.{row.kind.replace('_', '-')}"], row.pk, base),
        }
        for row in sorted(found, key=_order)
    ]
    return PanelBody("network/here.html", {"lines": lines})


def _order(row: RouteEvent) -> tuple[int, float]:
    return KINDS.index(row.kind), float(row.from_m)
