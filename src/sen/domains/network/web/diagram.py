"""The straight-line diagram of a road: page, document, and sheets for printing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from sen.domains.network.models import Road, SideOfRoad
from sen.domains.network.selectors.lrs import label
from sen.domains.network.selectors.segment_question import read_question
from sen.domains.network.selectors.segments import route_ends, segment_roads
from sen.domains.network.web.diagram_data import (
    Drawn,
    document,
    drawn_tracks,
    mark_text,
    segment_tracks,
)
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError
from sen.kernel.web.register.links import PUBLIC, base_of
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.views import (
    needs_sign_in,
    resource_for,
    row_for,
    shell_of,
    to_sign_in,
)
from sen.lib.chainage import ChainageError, parse_chainage

#: Rows of one table below the diagram; the register has the rest.
TABLE_ROWS: Final = 300
#: Kilometres on one strip of a printed sheet.
STRIP_KMS: Final = (1, 2, 5, 10, 20)
MAX_STRIPS: Final = 200
STRIPS_A_SHEET: Final = {"a4": 2, "a3": 3}


@dataclass(frozen=True, slots=True)
class Shown:
    """A road with what its address asks for."""

    road: Road
    on: date
    ends: tuple[float, float]
    start: float
    end: float
    base: str

    @property
    def url(self) -> str:
        return f"{self.base}network/roads/{self.road.pk}/"


def asked_road(request: HttpRequest, row_id: int) -> Shown:
    """The road of an address, the day, and the part that is looked at.

    Raises:
        Http404: no such road for this actor, or it has no line yet.
        InvalidInputError: a date or a chainage makes no sense.
    """
    resource = resource_for(request, "network/roads")
    actor = actor_of(request)
    road = row_for(resource, actor, row_id)
    if not isinstance(road, Road):
        raise TypeError("network.roads shows roads")
    on = _day(request.GET.get("on", ""))
    ends = route_ends(actor, [road.pk], on).get(road.pk)
    if ends is None or ends[1] <= ends[0]:
        raise Http404(_("Tuyến chưa có tim đường nên chưa vẽ được sơ đồ."))
    start = _measure(request.GET.get("from", ""), "from", ends[0])
    end = _measure(request.GET.get("to", ""), "to", ends[1])
    start, end = max(start, ends[0]), min(end, ends[1])
    if end <= start:
        start, end = ends
    return Shown(road, on, ends, start, end, base_of(request))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError as error:
        raise InvalidInputError(
            {"on": _("Ghi ngày dạng năm-tháng-ngày, ví dụ 2026-12-31.")}
        ) from error


def _measure(text: str, name: str, usual: float) -> float:
    if not text.strip():
        return usual
    try:
        return parse_chainage(text).metres
    except ChainageError as error:
        raise InvalidInputError.of(name, error) from error


@require_safe
def diagram_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """The diagram with its tables, which also stand for it where script is missing."""
    if needs_sign_in(request):
        return to_sign_in(request)
    try:
        shown = asked_road(request, row_id)
    except InvalidInputError as error:
        return render(
            request,
            "network/diagram_refused.html",
            {"shell": shell_of(request), "error": error, "page_title": _("Sơ đồ duỗi thẳng")},
            status=error.status,
        )
    drawn = drawn_tracks(actor_of(request), shown.road, shown.on)
    query = urlencode({"on": shown.on.isoformat()})
    context: dict[str, Any] = {
        "shell": shell_of(request),
        "is_public": shown.base == PUBLIC,
        "base": shown.base,
        "road": shown.road,
        "page_title": _("Sơ đồ duỗi thẳng %(road)s") % {"road": shown.road.label},
        "breadcrumbs": [
            {"title": _("Đường bộ"), "url": f"{shown.base}network/roads/"},
            {"title": str(shown.road), "url": shown.url},
            {"title": _("Sơ đồ duỗi thẳng"), "url": ""},
        ],
        "url": shown.url,
        "on": shown.on,
        "from": label(shown.start),
        "to": label(shown.end),
        "start_m": shown.start,
        "end_m": shown.end,
        "data_url": f"{shown.url}so-do/du-lieu.json?{query}",
        "print_url": f"{shown.url}so-do/in/",
        "tables": [_table(track, marks, shown) for track, marks in drawn],
        "focus": _focus(shown),
    }
    return render(request, "network/diagram.html", context)


def _focus(shown: Shown) -> str:
    shape = shown.road.geom
    return "" if shape is None else f"{shape.centroid.x:.5f},{shape.centroid.y:.5f},11"


def _table(track: Any, marks: Sequence[Any], shown: Shown) -> dict[str, Any]:
    inside = [mark for mark in marks if mark.to_m >= shown.start and mark.from_m <= shown.end]
    sides = {str(code): str(title) for code, title in SideOfRoad.choices}
    return {
        "title": str(track.title),
        "count": len(inside),
        "has_more": len(inside) > TABLE_ROWS,
        "rows": [
            {
                "place": label(mark.from_m)
                if mark.to_m == mark.from_m
                else f"{label(mark.from_m)}–{label(mark.to_m)}",
                "side": sides.get(mark.side, ""),
                "text": " · ".join(
                    dict.fromkeys(filter(None, (mark.label, mark_text(track, mark), mark.symbol)))
                ),
                "url": f"{shown.base}{mark.url}" if mark.url else "",
            }
            for mark in inside[:TABLE_ROWS]
        ],
    }


@require_safe
def diagram_data(request: HttpRequest, row_id: int) -> HttpResponse:
    """The document from which the diagram is drawn."""
    if needs_sign_in(request):
        return HttpResponse(status=401)
    shown = asked_road(request, row_id)
    actor = actor_of(request)
    drawn = drawn_tracks(actor, shown.road, shown.on)
    return _json(document(actor, shown.road, drawn, on=shown.on, ends=shown.ends))


@require_safe
def strip_data(request: HttpRequest) -> HttpResponse:
    """The strip chart of one road of a segmentation."""
    if needs_sign_in(request):
        return HttpResponse(status=401)
    actor = actor_of(request)
    asked = read_question(actor, request.GET)
    picked = request.GET.get("strip", "")
    roads = [road for road in asked.roads if picked in ("", str(road.pk))][:1]
    found = next(iter(segment_roads(actor, roads=roads, question=asked.question)), None)
    if found is None:
        raise Http404(_("Tuyến này không có đoạn nào."))
    drawn: list[Drawn] = segment_tracks(asked.question, found)
    ends = (found.from_m, found.to_m)
    return _json(document(actor, found.road, drawn, on=asked.question.on, ends=ends))


@require_safe
def print_page(request: HttpRequest, row_id: int) -> HttpResponse:
    """Sheets of A4 or A3 in landscape, each with some strips of the road below each other."""
    if needs_sign_in(request):
        return to_sign_in(request)
    shown = asked_road(request, row_id)
    paper = request.GET.get("paper", "a4")
    paper = paper if paper in STRIPS_A_SHEET else "a4"
    strips = strips_of(shown.start, shown.end, request.GET.get("km", ""))
    each = STRIPS_A_SHEET[paper]
    query = urlencode({"on": shown.on.isoformat()})
    return render(
        request,
        "network/diagram_print.html",
        {
            "road": shown.road,
            "on": shown.on,
            "url": f"{shown.url}so-do/",
            "data_url": f"{shown.url}so-do/du-lieu.json?{query}",
            "paper": paper,
            "papers": [("a4", "A4"), ("a3", "A3")],
            "km": request.GET.get("km", ""),
            "kms": STRIP_KMS,
            "from": label(shown.start),
            "to": label(shown.end),
            "sheets": [strips[i : i + each] for i in range(0, len(strips), each)],
            "page_title": _("Sơ đồ duỗi thẳng %(road)s") % {"road": shown.road.label},
            "owner": str(shown.road.owner_org),
        },
    )


def strips_of(start: float, end: float, text: str) -> list[dict[str, Any]]:
    """Stretches of whole kilometres; the shortest that do not make too many strips."""
    least = ceil((end - start) / 1000 / MAX_STRIPS)
    usual = 2 if end - start <= 8_000 else 5
    km = max(int(text) if text in {str(n) for n in STRIP_KMS} else usual, least)
    step = km * 1000
    places = [start, *(m for m in range(int(start // step + 1) * step, ceil(end), step)), end]
    return [
        {"from": a, "to": b, "text": f"{label(a)} – {label(b)}", "scale": min((b - a) / step, 1)}
        for a, b in pairwise(places)
        if b - a > 1
    ]


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(body),
        content_type="application/json",
        headers={"Cache-Control": "private, no-store"},
    )


@panel("network.roads", title=_lazy("Sơ đồ và phân đoạn"), order=15)
def diagram_links(page: PanelContext) -> PanelBody | None:
    """From the page of a road to its diagram and its segmentation."""
    road = page.row
    if not isinstance(road, Road) or road.start_m is None:
        return None
    base = base_of(page.request)
    layers = [("layer", f"network.{code}") for code in ("surface", "iri", "width")]
    query = urlencode([("road", road.code), *layers])
    context = {
        "diagram_url": f"{base}network/roads/{road.pk}/so-do/",
        "segments_url": f"{base}network/phan-doan/?{query}",
    }
    return PanelBody("network/diagram_link.html", context)
