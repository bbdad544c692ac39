"""Tiles, files and answers of rasters and of services of others."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.imagery.models import Overlay, Raster
from sen.domains.imagery.selectors import overlays, rasters
from sen.domains.imagery.services import note_health
from sen.domains.imagery.services.health import is_resting
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.errors import InvalidInputError
from sen.kernel.files.backends import backend
from sen.kernel.files.views import file_response

#: A transparent tile: where nothing lies a map shows what is below.
EMPTY: Final = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
MAX_ZOOM: Final = 22
YEAR_S: Final = 365 * 24 * 3600
RANGE_CHUNK: Final = 1024 * 1024


def _raster(request: HttpRequest, number: int) -> Raster:
    row = (
        rasters(actor_of(request))
        .filter(pk=number, state=Raster.State.READY)
        .select_related("cog")
        .defer("said", "points", "geom")
        .first()
    )
    if row is None or row.cog is None:
        raise Http404(_("Không có ảnh này."))
    return row


def _overlay(request: HttpRequest, number: int) -> Overlay:
    row = overlays(actor_of(request)).filter(pk=number).first()
    if row is None:
        raise Http404(_("Không có lớp này."))
    return row


@require_safe
def raster_tile(
    request: HttpRequest, number: int, digest: str, z: int, x: int, y: int
) -> HttpResponse:
    """A tile of a raster; its address names the content, so it may be kept for long."""
    from sen.domains.imagery.adapters.painting import tile

    row = _raster(request, number)
    if not _inside(z, x, y) or row.cog is None:
        raise Http404
    body = tile(row.cog.sha256, row.srid or 4326, z, x, y) or EMPTY
    response = HttpResponse(body, content_type="image/webp")
    public = ANONYMOUS.scope(Raster.access).allows(row)
    kept = digest == row.cog.sha256[:8]
    who = "public" if public else "private"
    response["Cache-Control"] = f"{who}, max-age={YEAR_S if kept and public else 3600}"
    return response


@require_safe
def raster_file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The cloud-optimised file; desktop programs read parts of it by ranges."""
    row = _raster(request, number)
    if row.cog is None:
        raise Http404
    name = f"anh-{row.pk}.tif"
    wanted = _range(request.headers.get("Range", ""), row.cog.size)
    if wanted is None:
        response: HttpResponseBase = file_response(row.cog, name)
        response.headers["Accept-Ranges"] = "bytes"
        return response
    start, end = wanted
    stream = backend().open(row.cog.sha256)
    stream.seek(start)

    def parts() -> object:
        left = end - start + 1
        with stream:
            while left > 0 and (chunk := stream.read(min(RANGE_CHUNK, left))):
                left -= len(chunk)
                yield chunk

    partial = StreamingHttpResponse(parts(), status=206, content_type="image/tiff")  # type: ignore[arg-type]
    partial["Content-Range"] = f"bytes {start}-{end}/{row.cog.size}"
    partial["Content-Length"] = str(end - start + 1)
    partial["Accept-Ranges"] = "bytes"
    partial["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    partial["Cache-Control"] = "private, max-age=3600"
    return partial


def _range(header: str, size: int) -> tuple[int, int] | None:
    """One range of bytes; several, or none that makes sense, mean the whole file."""
    unit, _equals, text = header.partition("=")
    start, dash, end = text.partition("-")
    if unit != "bytes" or not dash or "," in text:
        return None
    if not start and end.isdigit():
        return max(0, size - int(end)), size - 1
    if not start.isdigit() or int(start) >= size or (end and not end.isdigit()):
        return None
    return int(start), min(int(end) if end else size - 1, size - 1)


@require_safe
def overlay_tile(
    request: HttpRequest, number: int, version: int, z: int, x: int, y: int
) -> HttpResponse:
    """A tile of somebody else's service; transparent while the service does not answer."""
    from sen.domains.imagery.adapters.relaying import kind_of, relayed_tile

    row = _overlay(request, number)
    if not _inside(z, x, y):
        raise Http404
    if is_resting(row):
        return _no_tile()
    try:
        body = relayed_tile(row, z, x, y)
    except InvalidInputError as error:
        note_health(row, error.message)
        return _no_tile()
    note_health(row)
    response = HttpResponse(body, content_type=kind_of(body))
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _no_tile() -> HttpResponse:
    response = HttpResponse(EMPTY, content_type="image/webp")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def overlay_info(request: HttpRequest, number: int) -> HttpResponse:
    """What the service says of a place, as a piece of a page without anything that acts."""
    from sen.domains.imagery.adapters.relaying import as_rows, feature_info

    row = _overlay(request, number)
    context: dict[str, object] = {"row": row}
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
        zoom = min(max(float(request.GET.get("z", "15")), 0), MAX_ZOOM)
        kind, body = feature_info(row, lon, lat, zoom)
        text = body.decode("utf-8", "replace")
        if "json" in kind:
            context["features"] = as_rows(json.loads(text))
        else:
            context["text"] = _plain(text, kind)
    except (KeyError, ValueError):
        context["error"] = _("Cần lon và lat bằng độ, và dịch vụ phải trả lời đúng định dạng.")
    except InvalidInputError as error:
        context["error"] = error.message
    response = render(request, "imagery/info.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _plain(text: str, kind: str) -> str:
    """The words alone: markup of others has no place in our pages."""
    import nh3

    return (nh3.clean(text, tags=set()) if "html" in kind else text).strip()[:4000]


@require_safe
def overlay_legend(request: HttpRequest, number: int) -> HttpResponse:
    """The legend that the service draws."""
    from sen.domains.imagery.adapters.relaying import kind_of
    from sen.kernel.outbound import ask

    row = _overlay(request, number)
    if not row.legend or is_resting(row):
        raise Http404
    try:
        answer = ask(row.legend, accept="image/*", most=1024 * 1024, timeout_s=8)
    except InvalidInputError as error:
        raise Http404(str(error)) from error
    kind = kind_of(answer.body)
    if not kind:
        raise Http404
    response = HttpResponse(answer.body, content_type=kind)
    response["Cache-Control"] = "private, max-age=86400"
    return response


def _inside(z: int, x: int, y: int) -> bool:
    return z <= MAX_ZOOM and x < 2**z and y < 2**z
