"""What the page of a road shows besides its description, and roads on the page of a commune."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sen.domains.network.choices import (
    EVENT_KINDS,
    IRI_BAND_NAMES,
    IRI_COLORS,
    SPEED_COLORS,
    SURFACE_COLORS,
    SURFACE_NAMES,
    EventKind,
    Side,
)
from sen.domains.network.models import KmPost, Road, RouteEvent, RouteVersion, SideOfRoad
from sen.domains.network.selectors import Shared, label, roads, shared_stretches
from sen.kernel.numbers import chainage_text, number_text
from sen.kernel.web.register.links import base_of, detail_url, list_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

SHOWN_POSTS: Final = 12
SHOWN_EVENTS: Final = 400
STRIP_UNITS: Final = 1000
PLAIN_COLOR: Final = "#5b7fa6"


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a strip, in thousandths of the road."""

    x: float
    width: float
    y: int
    height: int
    color: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Strip:
    """One kind of record along the road, drawn and in words."""

    title: str
    bars: tuple[Bar, ...]
    list_url: str
    add_url: str
    count: str
    legend: tuple[tuple[str, str], ...]


@panel("network.roads", title=_("Dữ liệu dọc tuyến"), order=20, wide=True)
def strips(page: PanelContext) -> PanelBody | None:
    """What holds today, one strip a kind, on the chainage of the road."""
    road = page.row
    if not isinstance(road, Road) or road.start_m is None or road.end_m is None:
        return None
    today = timezone.localdate()
    rows = (
        RouteEvent.objects.visible_to(page.actor)
        .filter(Q(valid_to=None) | Q(valid_to__gt=today), road=road, valid_from__lte=today)
        .defer("geom", "search")
        .order_by("kind", "from_m", "lane", "id")
    )
    may_add = page.actor.may(RouteEvent.access.permission("add"))
    shown = [
        _strip(page, road, kind, [row for row in rows if row.kind == kind.code], may_add)
        for kind in EVENT_KINDS.values()
    ]
    shown = [strip for strip in shown if strip.bars or strip.add_url]
    if not shown:
        return None
    ends = {
        "start": chainage_text(road.start_m),
        "end": chainage_text(road.end_m),
    }
    return PanelBody("network/strips.html", {"strips": shown, "units": STRIP_UNITS, **ends})


def _strip(
    page: PanelContext, road: Road, kind: EventKind, rows: Sequence[RouteEvent], may_add: bool
) -> Strip:
    resource = resources[f"network.{kind.code.replace('_', '-')}"]
    base = base_of(page.request)
    listed = list_url(resource, base)
    bars = tuple(
        bar
        for row in rows[:SHOWN_EVENTS]
        if (bar := _bar(road, kind, row, detail_url(resource, row.pk, base))) is not None
    )
    return Strip(
        title=gettext(kind.title),
        bars=bars,
        list_url=f"{listed}?road={road.pk}",
        add_url=f"{listed}them/?road={road.pk}" if may_add else "",
        count=ngettext("%(n)s đoạn", "%(n)s đoạn", len(rows)) % {"n": len(rows)},
        legend=_legend(kind, {bar.color for bar in bars}),
    )


def _legend(kind: EventKind, used: set[str]) -> tuple[tuple[str, str], ...]:
    """Colour and meaning of what the strip shows."""
    if kind.code == "surface":
        known = [(color, gettext(SURFACE_NAMES[code])) for code, color in SURFACE_COLORS.items()]
    elif kind.code == "iri":
        known = [(color, gettext(IRI_BAND_NAMES[band])) for band, color in IRI_COLORS.items()]
    elif kind.code == "speed_limit":
        known = [(color, str(speed)) for speed, color in SPEED_COLORS.items()]
    else:
        known = []
    return tuple((color, text) for color, text in known if color in used)


_SIDES: Final = {
    Side.BOTH.value: (0, 20),
    Side.LEFT.value: (0, 10),
    Side.RIGHT.value: (10, 10),
}


def _bar(road: Road, kind: EventKind, row: RouteEvent, url: str) -> Bar | None:
    start, end = float(road.start_m or 0), float(road.end_m or 0)
    if end <= start:
        return None
    low, high = max(float(row.from_m), start), min(float(row.to_m), end)
    y, height = _SIDES[row.side]
    return Bar(
        x=round((low - start) / (end - start) * STRIP_UNITS, 2),
        width=round(max((high - low) / (end - start) * STRIP_UNITS, 1), 2),
        y=y,
        height=height,
        color=_color(kind, row),
        text=f"{chainage_text(row.from_m)}–{chainage_text(row.to_m)}: {value_text(kind, row)}",
        url=url,
    )


def value_text(kind: EventKind, row: RouteEvent) -> str:
    """The value of a record for people: ``3,2 m/km``, ``Bê tông nhựa``."""
    if row.value_number is not None:
        unit = gettext(kind.unit) if kind.unit else ""
        return f"{number_text(row.value_number)} {unit}".strip()
    return gettext(kind.choices.get(row.value_text, row.value_text))


def _color(kind: EventKind, row: RouteEvent) -> str:
    if kind.code == "surface":
        return SURFACE_COLORS.get(row.value_text, PLAIN_COLOR)
    if kind.code == "iri":
        return IRI_COLORS.get(int(row.band or 0), PLAIN_COLOR)
    if kind.code == "speed_limit":
        return SPEED_COLORS.get(int(row.band or 0), PLAIN_COLOR)
    return PLAIN_COLOR


@panel("network.roads", title=_("Cọc Km"), order=30)
def posts(page: PanelContext) -> PanelBody | None:
    """The first posts, with the real distance to the next one: long and short kilometres."""
    road = page.row
    if not isinstance(road, Road):
        return None
    rows = KmPost.objects.visible_to(page.actor).filter(road=road).order_by("measure_m")
    read = list(
        rows.values("id", "label", "measure_m", "old_measure_m", "position_m", "condition")[
            : SHOWN_POSTS + 1
        ]
    )
    may_add = page.actor.may(KmPost.access.permission("add"))
    if not read and not may_add:
        return None
    resource = resources["network.km-posts"]
    base = base_of(page.request)
    names = dict(KmPost.Condition.choices)
    lines = [
        {
            "label": one["label"],
            "old": _km(one["old_measure_m"]),
            "gap": _gap(one["position_m"], after["position_m"] if after else None),
            "condition": names[one["condition"]],
            "url": detail_url(resource, one["id"], base),
        }
        for one, after in zip_longest(read, read[1:])
    ][:SHOWN_POSTS]
    context = {
        "posts": lines,
        "count": rows.count(),
        "list_url": f"{list_url(resource, base)}?road={road.pk}",
        "add_url": f"{list_url(resource, base)}them/?road={road.pk}" if may_add else "",
    }
    return PanelBody("network/posts.html", context)


def _km(measure: Decimal | None) -> str:
    return "" if measure is None else chainage_text(measure)


def _gap(here: Decimal | None, there: Decimal | None) -> str:
    return "" if here is None or there is None else f"{number_text(there - here)} m"


@panel("network.roads", title=_("Hiệu chỉnh lý trình"), order=40)
def calibrations(page: PanelContext) -> PanelBody | None:
    road = page.row
    if not isinstance(road, Road):
        return None
    rows = RouteVersion.objects.visible_to(page.actor).filter(road=road).order_by("-valid_from")
    versions = [
        {
            "since": since,
            "until": until,
            "start": label(start),
            "end": label(end),
            "length": number_text(round(length, 1)),
            "posts": count,
        }
        for since, until, start, end, length, count in rows.values_list(
            "valid_from", "valid_to", "start_m", "end_m", "length_m", "post_count"
        )[:10]
    ]
    if not versions:
        return None
    url = detail_url(resources["network.roads"], road.pk, base_of(page.request))
    return PanelBody("network/calibrations.html", {"versions": versions, "url": f"{url}ly-trinh/"})


@panel("network.roads", title=_("Đi trùng, phần đường và nhánh nối"), order=25, wide=True)
def shared(page: PanelContext) -> PanelBody | None:
    """Other roads on the same carriageway with what this one says of it, and its own parts."""
    road = page.row
    if not isinstance(road, Road):
        return None
    base = base_of(page.request)
    found = shared_stretches([road.pk])
    others = {one.borne_id if one.bearing_id == road.pk else one.bearing_id for one in found}
    seen = {row.pk: row for row in roads(page.actor).filter(pk__in=others).defer("geom")}
    lines = [
        _shared_line(page, road, one, seen, base)
        for one in found
        if (one.borne_id if one.bearing_id == road.pk else one.bearing_id) in seen
    ]
    parts = roads(page.actor).filter(Q(main=road) | Q(pk=road.main_id)).defer("geom", "search")
    resource = resources["network.roads"]
    names = dict(Road.Part.choices)
    listed = [
        {
            "name": str(part),
            "part": names[part.part],
            "url": detail_url(resource, part.pk, base),
            "km": "" if part.length_m is None else number_text(part.length_m),
        }
        for part in parts
    ]
    if not lines and not listed:
        return None
    return PanelBody("network/shared.html", {"lines": lines, "parts": listed})


def _shared_line(
    page: PanelContext, road: Road, one: Shared, seen: dict[int, Road], base: str
) -> dict[str, Any]:
    """A shared stretch, and the records of the bearing road under the labels of this one."""
    bears = one.bearing_id == road.pk
    other = seen[one.borne_id if bears else one.bearing_id]
    mine, theirs = (one.from_m, one.to_m), (one.borne_from, one.borne_to)
    if not bears:
        mine, theirs = theirs, mine
    today = timezone.localdate()
    rows = (
        RouteEvent.objects.visible_to(page.actor)
        .filter(Q(valid_to=None) | Q(valid_to__gt=today), valid_from__lte=today)
        .filter(road_id=one.bearing_id, from_m__lt=one.to_m, to_m__gt=one.from_m)
        .defer("geom", "search")
        .order_by("kind", "from_m", "id")
    )
    return {
        "other": other.label,
        "url": detail_url(resources["network.roads"], other.pk, base),
        "mine": f"{label(mine[0])}–{label(mine[1])}",
        "theirs": f"{label(theirs[0])}–{label(theirs[1])}",
        "bears": bears,
        "records": [] if bears else [_seen_from_other(one, row, base) for row in rows[:40]],
    }


def _seen_from_other(one: Shared, row: RouteEvent, base: str) -> dict[str, str]:
    low, high = sorted(
        (
            one.to_borne(max(float(row.from_m), one.from_m)),
            one.to_borne(min(float(row.to_m), one.to_m)),
        )
    )
    kind = EVENT_KINDS[row.kind]
    side = dict(SideOfRoad.choices)[one.side_of(row.side)]
    return {
        "title": gettext(kind.title),
        "stretch": f"{label(round(low, 3))}–{label(round(high, 3))}",
        "side": str(side),
        "value": value_text(kind, row),
        "url": detail_url(resources[f"network.{row.kind.replace('_', '-')}"], row.pk, base),
    }


_WITHIN: Final = """
SELECT manager_class, count(*),
  sum(ST_Length(ST_Intersection(geom, ST_SetSRID(ST_GeomFromWKB(%s), 4326))::geography)
    -- What another road bears is counted there.
    * coalesce(counted_m / nullif(length_m, 0), 1)) / 1000
FROM network_road WHERE id = ANY(%s) AND part NOT IN ('LEFT', 'RIGHT') GROUP BY 1
"""


@panel("places.units", title=_("Đường bộ trên địa bàn"), order=30)
def roads_in_commune(page: PanelContext) -> PanelBody | None:
    """Number and length of the roads that run through a commune, by class."""
    unit: Any = page.row
    if getattr(unit, "geom", None) is None:
        return None
    seen = Road.objects.visible_to(page.actor).filter(geom__intersects=unit.geom)
    ids = list(seen.values_list("pk", flat=True))
    if not ids:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN, [bytes(unit.geom.wkb), ids])
        found = {kind: (count, km) for kind, count, km in cursor.fetchall()}
    lines = [
        {"name": name, "count": found[kind][0], "km": number_text(round(found[kind][1] or 0, 2))}
        for kind, name in Road.Manager.choices
        if kind in found
    ]
    total = number_text(round(_sum(km for _count, km in found.values()), 2))
    return PanelBody("network/in_commune.html", {"lines": lines, "count": len(ids), "km": total})


def _sum(values: Iterable[float | None]) -> float:
    return sum(value or 0.0 for value in values)
