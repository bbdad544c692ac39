"""Answers to the map while somebody draws."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SenError,
)
from sen.kernel.geo.editing import snapping
from sen.kernel.geo.layers import GeometryKind, LayerError
from sen.kernel.problems import problem

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
        asked = _asked(request)
        shape = _asked_shape(asked)
        row = asked.get("row")
        if row not in (None, "") and not str(row).isdecimal():
            raise InvalidInputError({"row": _("Mã đối tượng phải là số nguyên.")})
    except SenError as error:
        return problem(request, error.as_problem())
    but = int(row) if row not in (None, "") else None
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


@require_POST
def select(request: HttpRequest) -> HttpResponse:
    """``{layer, geometry | ids, query}`` → the features of a layer that are meant."""
    import shapely
    from django.http import QueryDict

    from sen.kernel.geo.editing.selecting import chosen

    actor = actor_of(request)
    try:
        asked = _asked(request)
        layer = snapping.layer_named(str(asked.get("layer") or ""), actor)
        if layer is None:
            raise NotFoundError(_("lớp bản đồ"), str(asked.get("layer") or ""))
        ids = asked.get("ids")
        wkb = None if ids is not None else bytes(shapely.to_wkb(_asked_shape(asked)))
        if ids is not None and not (
            isinstance(ids, list) and all(isinstance(i, int) and 0 <= i < 2**63 for i in ids)
        ):
            raise InvalidInputError({"ids": _("Danh sách mã phải gồm các số nguyên.")})
        q = layer.filter_query(QueryDict(str(asked.get("query") or "")))
    except LayerError as error:
        return problem(request, InvalidInputError({"query": str(error)}).as_problem())
    except SenError as error:
        return problem(request, error.as_problem())
    found, whole = chosen(actor, layer, wkb=wkb, ids=ids, q=q)
    features = ",".join(
        f'{{"type":"Feature","id":{one.row_id},"properties":'
        f'{orjson.dumps({"label": one.label}).decode()},"geometry":{one.geometry}}}'
        for one in found
    )
    body = f'{{"type":"FeatureCollection","whole":{str(whole).lower()},"features":[{features}]}}'
    response = HttpResponse(body, content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The body of a question by somebody who signed in.

    Raises:
        PermissionDeniedError: nobody did.
        InvalidInputError: it is no JSON object, or too large.
    """
    if not actor_of(request).is_authenticated:
        raise PermissionDeniedError
    if len(request.body) > MOST_BYTES:
        raise InvalidInputError({"geometry": _("Hình quá lớn.")})
    try:
        asked = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError({"": _("Nội dung không phải là JSON.")}) from error
    if not isinstance(asked, dict):
        raise InvalidInputError({"": _("Nội dung phải là một đối tượng JSON.")})
    return asked


def _asked_shape(asked: dict[str, Any]) -> Any:
    """The shape of a question: as GeoJSON, or as the text of a form field.

    Raises:
        InvalidInputError: it cannot be read.
    """
    import shapely

    from sen.kernel.geo.shapes import ShapeError, read_shape

    try:
        if "text" in asked:
            kinds = [GeometryKind(kind) for kind in asked.get("kinds") or list(GeometryKind)]
            return shapely.from_wkb(bytes(read_shape(str(asked["text"]), kinds).wkb))
        shape = shapely.force_2d(shapely.from_geojson(json.dumps(asked["geometry"])))
    except ShapeError as error:
        raise InvalidInputError({"text": str(error)}) from error
    except (ValueError, KeyError, TypeError, shapely.errors.GEOSException) as error:
        raise InvalidInputError({"geometry": _("Hình không phải là GeoJSON.")}) from error
    if shape is None or shape.is_empty:
        raise InvalidInputError({"geometry": _("Hình trống.")})
    return shape
