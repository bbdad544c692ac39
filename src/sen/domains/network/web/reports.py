"""Pages of the network that are neither registers nor operations: other days, gaps."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sen.domains.network.choices import EVENT_KINDS, Coverage, EventKind
from sen.domains.network.data import Correspondence
from sen.domains.network.models import Road
from sen.domains.network.selectors import (
    NotOnRouteError,
    Reach,
    calibration_days,
    correspondence,
    gaps_and_overlaps,
    label,
    roads,
)
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.web.register.links import base_of, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    resource_for,
    row_for,
    shell_of,
    to_sign_in,
)

STEPS: Final = (100, 200, 500, 1000)
#: Roads of one report; filters narrow it further.
MOST_ROADS: Final = 200
SHOWN_SPANS: Final = 8


def _day(text: str, default: date) -> date:
    try:
        return parse_date(text) or default
    except ValueError:
        return default


@require_safe
def correspondence_page(request: HttpRequest, road_id: int) -> HttpResponse:
    """The table of old and new chainage of a road; ``?fmt=csv`` is the file."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, "network/roads")
    road = row_for(resource, actor_of(request), road_id)
    if not isinstance(road, Road):
        raise TypeError("network.roads shows roads")
    days = calibration_days(road)
    past = [since for since, until in days if until is not None]
    on = _day(request.GET.get("on", ""), past[0] if past else timezone.localdate())
    step = request.GET.get("step", "1000")
    step_m = int(step) if step.isdecimal() and int(step) in STEPS else 1000
    error = ""
    rows: list[Correspondence] = []
    try:
        rows = correspondence(road=road, on=on, step_m=step_m)
    except NotOnRouteError as refused:
        error = str(refused)
    names = _names(actor_of(request), rows)
    if request.GET.get("fmt") == "csv" and rows:
        return _csv(road, on, rows, names)
    base = base_of(request)
    url = detail_url(resource, road.pk, base)
    context = {
        "shell": shell_of(request),
        "road": road,
        "on": on,
        "days": days,
        "step": step_m,
        "steps": STEPS,
        "error": error,
        "rows": [
            {
                "old": label(round(one.old_m, 3)),
                "new": "" if one.new_m is None else label(round(one.new_m, 3)),
                "road": names.get(one.new_road_id or 0, ""),
                "shift": None if one.new_m is None else round(one.new_m - one.old_m, 1),
                "at": f"{one.lat:.6f}, {one.lon:.6f}",
            }
            for one in rows
        ],
        "csv_url": "?" + urlencode({"on": on.isoformat(), "step": step_m, "fmt": "csv"}),
        "page_title": _("Lý trình cũ và mới: %(road)s") % {"road": road.label},
        "breadcrumbs": [
            *crumbs(resource, base, link=True),
            {"title": road.label, "url": url},
            {"title": _("Lý trình cũ và mới"), "url": ""},
        ],
    }
    return render(request, "network/correspondence.html", context, status=422 if error else 200)


def _names(actor: Actor, rows: Sequence[Correspondence]) -> dict[int, str]:
    ids = {one.new_road_id for one in rows if one.new_road_id is not None}
    found = roads(actor).filter(pk__in=ids).values_list("pk", "map_label")
    return dict(found)


def _csv(
    road: Road, on: date, rows: Sequence[Correspondence], names: dict[int, str]
) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ly-trinh-{road.pk}-{on:%Y-%m-%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("Lý trình cũ"), _("Tuyến nay"), _("Lý trình nay"), _("Vĩ độ"), _("Kinh độ")])
    for one in rows:
        writer.writerow(
            [
                label(round(one.old_m, 3)),
                names.get(one.new_road_id or 0, ""),
                "" if one.new_m is None else label(round(one.new_m, 3)),
                f"{one.lat:.7f}",
                f"{one.lon:.7f}",
            ]
        )
    return response


@dataclass(frozen=True, slots=True)
class ReachLine:
    """A road and a kind in the report of gaps."""

    road: str
    url: str
    kind: str
    share: float
    gaps: str
    overlaps: str
    gap_m: float


def _kinds() -> list[EventKind]:
    return [kind for kind in EVENT_KINDS.values() if kind.coverage is not Coverage.NONE]


@require_safe
def coverage_page(request: HttpRequest) -> HttpResponse:
    """Where data along roads is missing, and where it says two things of one place."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource_for(request, "network/events")
    actor = actor_of(request)
    kind = request.GET.get("kind", "surface")
    kind = kind if kind in EVENT_KINDS else "surface"
    manager = request.GET.get("class", Road.Manager.NATIONAL.value)
    asked = roads(actor).exclude(geom=None).exclude(status="ABOLISHED")
    if manager in Road.Manager.values:
        asked = asked.filter(manager_class=manager)
    named = {row.pk: row for row in asked.defer("geom", "search")[:MOST_ROADS]}
    on = _day(request.GET.get("on", ""), timezone.localdate())
    found = gaps_and_overlaps(on=on, road_ids=list(named), kinds=[kind])
    lines = [_line(one, named[one.road_id], base_of(request)) for one in found]
    lines.sort(key=lambda line: (line.share, line.road))
    reach = sum(one.end_m - one.start_m for one in found)
    covered = sum(one.covered_m for one in found)
    context = {
        "shell": shell_of(request),
        "page_title": _("Khoảng hở và chồng lấn dữ liệu"),
        "breadcrumbs": [*crumbs(resources["network.events"], base_of(request), link=True)],
        "kind": kind,
        "kinds": [(one.code, _(one.title)) for one in EVENT_KINDS.values()],
        "classes": Road.Manager.choices,
        "manager": manager,
        "on": on,
        "lines": lines,
        "share": 100 * covered / reach if reach else 0.0,
        "gap_km": sum(line.gap_m for line in lines) / 1000,
        "rule": _rule(EVENT_KINDS[kind]),
        "is_cut": len(named) == MOST_ROADS,
    }
    return render(request, "network/coverage.html", context)


def _line(reach: Reach, road: Road, base: str) -> ReachLine:
    return ReachLine(
        road=road.label,
        url=detail_url(resources["network.roads"], road.pk, base),
        kind=reach.kind,
        share=100 * reach.share,
        gaps=_spans(reach.gaps),
        overlaps=_spans(reach.overlaps),
        gap_m=sum(end - start for start, end in reach.gaps),
    )


def _spans(spans: Sequence[tuple[float, float]]) -> str:
    shown = ", ".join(
        f"{label(round(start))}–{label(round(end))}" for start, end in spans[:SHOWN_SPANS]
    )
    rest = len(spans) - SHOWN_SPANS
    return f"{shown} (+{rest})" if rest > 0 else shown


_COVER_WORDS: Final = {
    Coverage.NONE: gettext_lazy("không bắt buộc phủ kín tuyến"),
    Coverage.EXPECTED: gettext_lazy("nên phủ kín tuyến; khoảng hở được báo"),
    Coverage.REQUIRED: gettext_lazy("phải phủ kín tuyến; cơ sở dữ liệu từ chối khoảng hở"),
}


def _rule(kind: EventKind) -> str:
    """The rule of overlap of a kind in words."""
    if kind.may_overlap:
        overlap = _("được chồng lấn")
    elif kind.by_side and kind.by_lane:
        overlap = _("mỗi bên, mỗi làn chỉ một giá trị")
    elif kind.by_side:
        overlap = _("mỗi bên chỉ một giá trị")
    else:
        overlap = _("cả mặt cắt chỉ một giá trị")
    return f"{overlap}; {_COVER_WORDS[kind.coverage]}"
