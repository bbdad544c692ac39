"""OGC API Features part 4: create, replace, update and delete, through the domain's services.

A write names the state that it rests on: ``If-Match`` with the ETag of the item, so that nobody's
change is overwritten unseen. ``Content-Crs`` says in which system the geometry is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import orjson
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as
from sen.kernel.access.middleware import actor_of, occasion_of
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record_refusal
from sen.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SenError,
)
from sen.kernel.geo.layers import Layer, LayerEditor, layer_editors
from sen.kernel.geo.ogc.answers import base_of, layer_of
from sen.kernel.geo.ogc.crs import BY_URI, CRS84, Crs
from sen.kernel.geo.ogc.parameters import ParameterError, only, wrong

#: As much as a form of pages may send.
MOST_BYTES: Final = 2_500_000
PATCH_TYPES: Final = ("application/merge-patch+json", "application/geo+json", "application/json")
_VERSION: Final = re.compile(r'^"(\d{1,9})\.[0-9a-f]+"$')


class NeedsStateError(SenError):
    """A write without the state that it rests on."""

    code = "precondition-required"
    status = 428

    @classmethod
    def default_message(cls) -> str:
        return _("Yêu cầu ghi phải kèm If-Match với ETag của đối tượng vừa đọc.")


class OtherStateError(SenError):
    """The item is no longer in the state that the write rests on."""

    code = "precondition-failed"
    status = 412

    @classmethod
    def default_message(cls) -> str:
        return _("Đối tượng đã được thay đổi sau khi bạn đọc.")


class MediaTypeError(SenError):
    """A body in a form that nobody reads here."""

    code = "unsupported-media-type"
    status = 415
    known: ClassVar[tuple[str, ...]] = PATCH_TYPES

    @classmethod
    def default_message(cls) -> str:
        return _("Nội dung phải là GeoJSON (application/geo+json).")


def allowed(layer: Layer, actor: Actor, *, one: bool) -> list[str]:
    """Methods of ``/items`` or of one item for an actor."""
    found = ["GET", "HEAD", "OPTIONS"]
    editor = layer_editors.get(layer.name)
    if editor is None:
        return found
    if not one:
        return [*found, "POST"] if editor.may(actor, "add") else found
    if editor.may(actor, "change"):
        found += ["PUT", "PATCH"]
    return [*found, "DELETE"] if editor.may(actor, "delete") else found


def options(request: HttpRequest, name: str, *, one: bool) -> HttpResponse:
    """What may be done here."""
    layer = layer_of(request, name)
    return HttpResponse(
        status=204, headers={"Allow": ", ".join(allowed(layer, actor_of(request), one=one))}
    )


def create(request: HttpRequest, name: str) -> HttpResponse:
    """POST to ``/items``: 201 with the address of the new feature."""
    layer, editor = _editor_of(request, name)
    only(request.GET, {"reason"})
    _need_type(request, PATCH_TYPES[1:])
    values = _values(request, whole=True)
    with _acting(request) as actor:
        row_id = editor.create(actor=actor, values=values)
    response = HttpResponse(status=201)
    response["Location"] = f"{base_of(request)}/collections/{layer.name}/items/{row_id}"
    return response


def change(request: HttpRequest, name: str, row_id: int) -> HttpResponse:
    """PUT replaces what the collection shows, PATCH writes what the body names: 204."""
    _layer, editor = _editor_of(request, name)
    only(request.GET, {"reason"})
    is_whole = request.method == "PUT"
    _need_type(request, PATCH_TYPES[1:] if is_whole else PATCH_TYPES)
    values = _values(request, whole=is_whole)
    _need_id(row_id)
    version = _version(request)
    with _acting(request) as actor:
        try:
            editor.change(
                actor=actor,
                row_id=row_id,
                version=version,
                values=values,
                is_whole=is_whole,
                reason=request.GET.get("reason", ""),
            )
        except ConflictError as error:
            raise _other_state(error) from error
    return HttpResponse(status=204)


def delete(request: HttpRequest, name: str, row_id: int) -> HttpResponse:
    """DELETE of an item: 204; history keeps it."""
    _layer, editor = _editor_of(request, name)
    only(request.GET, {"reason"})
    _need_id(row_id)
    version = _version(request)
    reason = request.GET.get("reason", "").strip() or "OGC API Features"
    with _acting(request) as actor:
        try:
            editor.delete(actor=actor, row_id=row_id, version=version, reason=reason)
        except ConflictError as error:
            raise _other_state(error) from error
    return HttpResponse(status=204)


def _other_state(error: ConflictError) -> SenError:
    """412 for a stale ETag; what stands against the act itself stays a conflict."""
    if error.current_version is None:
        return error
    return OtherStateError(error.message, hint=error.hint)


def _editor_of(request: HttpRequest, name: str) -> tuple[Layer, LayerEditor]:
    layer = layer_of(request, name)
    if not actor_of(request).is_authenticated:
        raise PermissionDeniedError(message=_("Hãy đăng nhập để ghi dữ liệu."))
    editor = layer_editors.get(layer.name)
    if editor is None:
        raise _NotHereError(
            _("Bộ dữ liệu “%(name)s” chỉ để đọc: dữ liệu của nó do hệ thống tính ra.")
            % {"name": layer.name}
        )
    return layer, editor


class _NotHereError(SenError):
    code = "method-not-allowed"
    status = 405

    @classmethod
    def default_message(cls) -> str:
        return _("Không ghi được ở địa chỉ này.")


@contextmanager
def _acting(request: HttpRequest) -> Iterator[Actor]:
    """One transaction in the name of the actor; a refusal is kept after it is gone."""
    actor = actor_of(request)
    occasion = occasion_of(request)
    try:
        with acting_as(actor, reason=request.GET.get("reason", ""), **occasion):
            yield actor
    except PermissionDeniedError as error:
        with acting_as(actor, **occasion):
            record_refusal(error.permission or request.path)
        raise


def _need_type(request: HttpRequest, known: tuple[str, ...]) -> None:
    if request.content_type not in known:
        raise MediaTypeError


def _need_id(row_id: int) -> None:
    if row_id > 2**63 - 1:
        raise NotFoundError(_("đối tượng"), row_id)


def _version(request: HttpRequest) -> int:
    """The version that ``If-Match`` names.

    Raises:
        NeedsStateError: there is none.
        OtherStateError: it is no tag of an item of ours.
    """
    tag = request.headers.get("If-Match", "").strip()
    if not tag:
        raise NeedsStateError
    found = _VERSION.match(tag)
    if found is None:
        raise OtherStateError
    return int(found[1])


def _values(request: HttpRequest, *, whole: bool) -> dict[str, Any]:
    """Properties and ``geom`` of the body."""
    if len(request.body) > MOST_BYTES:
        raise ParameterError(_("Nội dung quá lớn."))
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ParameterError(_("Nội dung không phải là JSON: %(error)s") % {"error": error}) from (
            error
        )
    if not isinstance(body, dict) or (whole and body.get("type") != "Feature"):
        raise ParameterError(_("Nội dung phải là một đối tượng GeoJSON kiểu Feature."))
    properties = body.get("properties") or {}
    if not isinstance(properties, dict):
        raise wrong("properties", _("phải là một đối tượng JSON"))
    values = {str(name): value for name, value in properties.items()}
    if "geometry" in body:
        values["geom"] = _geometry(body["geometry"], _crs(request))
    elif whole:
        values["geom"] = None
    return values


def _crs(request: HttpRequest) -> Crs:
    asked = request.headers.get("Content-Crs", "").strip()
    if not asked:
        return CRS84
    found = BY_URI.get(asked.strip("<>"))
    if found is None:
        text = _("không có hệ tọa độ “%(uri)s”; các hệ có: %(known)s")
        raise wrong("Content-Crs", text % {"uri": asked, "known": ", ".join(BY_URI)})
    return found


def _geometry(written: Any, crs: Crs) -> GEOSGeometry | None:
    """A geometry of GeoJSON in WGS 84, in the axis order of its system."""
    import shapely

    if written is None:
        return None
    try:
        shape = shapely.force_2d(shapely.from_geojson(orjson.dumps(written).decode()))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InvalidInputError({"geometry": _("Hình không phải là GeoJSON.")}) from error
    if shape is None or shape.is_empty:
        raise InvalidInputError({"geometry": _("Hình trống.")})
    if crs.is_flipped:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    wkb = shapely.to_wkb(shape)
    if crs.srid != CRS84.srid:
        with connection.cursor() as cursor:
            # The pinned parameters of the database; PROJ in this process has others.
            cursor.execute(
                "SELECT ST_AsBinary(ST_Transform(ST_SetSRID(ST_GeomFromWKB(%s), %s), 4326))",
                [wkb, crs.srid],
            )
            wkb = bytes(cursor.fetchone()[0])
    return GEOSGeometry(memoryview(wkb), srid=4326)
