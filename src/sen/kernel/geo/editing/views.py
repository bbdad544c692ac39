"""Answers to the map while somebody draws."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.geo.editing import snapping
from sen.kernel.geo.layers import GeometryKind
from sen.kernel.rest.problems import problem

#: A drawn shape with its 20,000 corners is smaller.
MOST_BYTES: Final = 2_000_000


@require_safe
def snap(request: HttpRequest) -> HttpResponse:
    """``/map/snap?bbox=w,s,e,n&layers=a,b&but=layer:id``: what may be snapped to, exactly."""
    names = [name for name in request.GET.get("layers", "").split(",") if name]
    layer, _colon, row = request.GET.get("but", "").partition(":")
    but = (layer, int(row)) if row.isdecimal() and len(row) < 19 else None
    try:
        box = snapping.read_box(request.GET.get("bbox", ""))
    except SenError as error:
        return problem(request, error.as_problem())
    found, whole = snapping.neighbours(actor_of(request), box, names, but=but)
    features = ",".join(
        f'{{"type":"Feature","id":{one.row_id},"properties":{{"layer":"{one.layer}"}},'
        f'"geometry":{one.geometry}}}'
        for one in found
    )
    body = f'{{"type":"FeatureCollection","whole":{str(whole).lower()},"features":[{features}]}}'
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """``{layer, row, geometry}`` → what is to be said of the shape before it is saved."""
    import shapely

    from sen.kernel.geo.editing.topology import findings

    actor = actor_of(request)
    try:
        if not actor.is_authenticated:
            raise PermissionDeniedError
        if len(request.body) > MOST_BYTES:
            raise InvalidInputError({"geometry": _("Hình quá lớn.")})
        try:
            asked = orjson.loads(request.body)
            shape = _asked_shape(asked)
            row = asked.get("row")
            but = int(row) if row not in (None, "") else None
        except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.GEOSException):
            raise InvalidInputError({"geometry": _("Hình không phải là GeoJSON.")}) from None
        if shape is None or shape.is_empty:
            raise InvalidInputError({"geometry": _("Hình trống.")})
    except SenError as error:
        return problem(request, error.as_problem())
    layer = snapping.layer_named(str(asked.get("layer") or ""), actor)
    found = findings(actor, layer, shape, but=but)
    return JsonResponse(
        {
            "geometry": json.loads(shapely.to_geojson(shape)) if "text" in asked else None,
            "findings": [
                {
                    "fault": item.fault.value,
                    "text": item.text,
                    "where": item.where,
                    "row": item.row_id,
                    "stops": item.stops,
                }
                for item in found
            ],
        }
    )


def _asked_shape(asked: dict[str, Any]) -> Any:
    """The shape of a question: as GeoJSON, or as the text of a form field."""
    import shapely

    if "text" not in asked:
        return shapely.force_2d(shapely.from_geojson(json.dumps(asked["geometry"])))
    from sen.kernel.geo.shapes import ShapeError, read_shape

    kinds = [GeometryKind(kind) for kind in asked.get("kinds") or list(GeometryKind)]
    try:
        return shapely.from_wkb(bytes(read_shape(str(asked["text"]), kinds).wkb))
    except ShapeError as error:
        raise InvalidInputError({"text": str(error)}) from error
