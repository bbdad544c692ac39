"""Is my house in the corridor: for everybody; what stands in corridors: for officials."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sen.domains.assets import api as assets
from sen.domains.corridors.models import AlongChoices, Corridor
from sen.domains.corridors.selectors import conflicts, corridors, drawn_on, findings_at
from sen.domains.corridors.web.shapes import shape_from
from sen.kernel.access.context import acting_as
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.web.register.links import PUBLIC, WORK, detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import resource_for, to_sign_in

PAGE: Final = 100
MOST: Final = 2000


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A click, typed coordinates, a drawn outline or a file → corridors, law and distance."""
    actor = actor_of(request)
    said = request.POST if request.method == "POST" else request.GET
    kind = "line" if said.get("ve") == "ranh" else "point"
    text = said.get("shape", "")
    context: dict[str, Any] = {
        "page_title": _("Công trình của tôi có nằm trong hành lang không?"),
        "kind": kind,
        "shape": text,
        "on": said.get("ngay") or localdate().isoformat(),
        "today": localdate().isoformat(),
    }
    status = 200
    if request.method == "POST" or text:
        try:
            day = _day(context["on"])
            shape = shape_from(text, request.FILES.get("file"))
            context |= _answer(actor, shape, day)
        except InvalidInputError as error:
            context["error"], status = error, 422
    return render(request, "corridors/ask.html", context, status=status)


def _answer(actor: Actor, shape: Any, day: date) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {
            "finding": item,
            "along": AlongChoices(item.along).label,
            "url": detail_url(resources["corridors.corridors"], item.id, PUBLIC),
        }
        for item in findings_at(actor, shape, day)
    ]
    inside = [item for item in found if item["finding"].is_inside]
    unknown = [item for item in found if item["finding"].is_unknown]
    near = [item for item in found if item not in inside and item not in unknown]
    centre = shape.centroid
    return {
        "answered": True,
        "day": day,
        "inside": inside,
        "unknown": unknown,
        "near": near,
        "focus": f"{centre.x:.6f},{centre.y:.6f},17",
        "place": f"{centre.y:.6f}, {centre.x:.6f}",
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError({"on": _("Ngày không đọc được; ghi dạng 2026-11-23.")}) from error


@require_GET
def conflict_list(request: HttpRequest) -> HttpResponse:
    """Works that are no part of a road and stand inside a corridor."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return to_sign_in(request)
    resource_for(request, "corridors/corridors")
    pairs = conflicts(actor, limit=MOST)
    page = request.GET.get("trang", "1")
    number = max(1, int(page)) if page.isdigit() else 1
    shown = pairs[(number - 1) * PAGE : number * PAGE]
    rows = {row.pk: row for row in _corridors(actor, {c for c, _a in shown})}
    works = {row.pk: row for row in assets.assets(actor).filter(pk__in={a for _c, a in shown})}
    context = {
        "page_title": _("Công trình trong hành lang"),
        "page_sub": _("Tài sản không thuộc đường bộ nằm trong phạm vi bảo vệ"),
        "rows": [
            {
                "work": works[a],
                "work_url": detail_url(resources[f"assets.{works[a].kind.slug}"], a),
                "corridor": rows[c],
                "along": AlongChoices(rows[c].along).label,
                "url": detail_url(resources["corridors.corridors"], c),
            }
            for c, a in shown
            if a in works and c in rows
        ],
        "total": len(pairs),
        "is_capped": len(pairs) >= MOST,
        "next_url": f"?trang={number + 1}" if len(pairs) > number * PAGE else "",
        "prev_url": f"?trang={number - 1}" if number > 1 else "",
    }
    return render(request, "corridors/conflicts.html", context)


def _corridors(actor: Actor, ids: set[int]) -> list[Corridor]:
    return list(corridors(actor).filter(pk__in=ids).defer("geom", "axis"))


@require_GET
def export_on(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Corridors by the law of any date as GeoJSON, with the reference on each polygon."""
    actor = actor_of(request)
    base = WORK if request.path.startswith(WORK) else PUBLIC
    if base == WORK and not actor.is_authenticated:
        return to_sign_in(request)
    try:
        day = _day(request.GET.get("ngay", localdate().isoformat()))
    except InvalidInputError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    answer = StreamingHttpResponse(_features(actor, day), content_type="application/geo+json")
    name = f"hanh-lang-{day.isoformat()}.geojson"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _features(actor: Actor, day: date) -> Iterator[bytes]:
    """Streamed after the request's transaction has ended: it acts again for its reader."""
    yield b'{"type":"FeatureCollection","features":['
    with acting_as(actor):
        for number, (row, said, geometry) in enumerate(drawn_on(actor, day)):
            properties = {
                "code": row.code,
                "name": row.name,
                "along": row.along,
                "corridor_m": said.corridor_m,
                "strip_m": said.strip_m,
                "legal_ref": said.legal_ref,
                "document": said.document,
                "verification": said.verification,
                "on": day.isoformat(),
            }
            head = b"," if number else b""
            body = orjson.dumps(properties)
            yield head + b'{"type":"Feature","properties":' + body + b',"geometry":'
            yield geometry.encode() + b"}"
    yield b"]}"
