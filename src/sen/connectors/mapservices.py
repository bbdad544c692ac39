"""What a map service offers, read from its own description."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.outbound import ask, check_url, refused

TIMEOUT_S: Final = 15
MOST_BYTES: Final = 8 * 1024**2
MERCATOR: Final = ("EPSG:3857", "EPSG:900913", "EPSG:102100", "EPSG:102113")
GEOGRAPHIC: Final = ("EPSG:4326", "CRS:84")
FORMATS: Final = ("image/png", "image/webp", "image/jpeg", "image/png8", "image/gif")
INFO_FORMATS: Final = ("application/json", "application/geo+json", "text/plain", "text/html")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^>]*\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Offer:
    """A layer that a service offers, as far as we can use it; ``trouble`` says why not."""

    name: str
    title: str
    styles: tuple[str, ...] = ()
    crs: str = ""
    version: str = ""
    image_format: str = ""
    info_format: str = ""
    matrix_set: str = ""
    template: str = ""
    legend: str = ""
    bounds: tuple[float, float, float, float] | None = None
    attribution: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """A service with its layers."""

    title: str
    attribution: str
    licence: str
    offers: tuple[Offer, ...] = field(default_factory=tuple)


def with_query(url: str, **asked: str) -> str:
    """The address with parameters; those of the same name are replaced, in whatever case."""
    base = urlsplit(url)
    taken = {name.lower() for name in asked}
    kept = [(k, v) for k, v in parse_qsl(base.query, True) if k.lower() not in taken]
    query = urlencode([*kept, *asked.items()])
    return urlunsplit((base.scheme, base.netloc, base.path, query, ""))


def describe(protocol: str, url: str) -> Described:
    """Ask a service what it offers.

    Raises:
        InvalidInputError: it cannot be reached, or what it says is no description.
    """
    url = url.strip()
    if protocol == "XYZ":
        return Described("", "", "", (_xyz(url),))
    request = {"service": protocol, "request": "GetCapabilities"}
    plain = protocol == "WMTS" and url.lower().endswith(".xml")
    address = check_url(url) if plain else with_query(check_url(url), **request)
    answer = ask(address, accept="text/xml, application/xml", most=MOST_BYTES, timeout_s=TIMEOUT_S)
    body = answer.body.lstrip()
    if not body.startswith(b"<") or _DOCTYPE.search(body):
        raise refused(_("Máy chủ không trả lời bằng bản mô tả dịch vụ (GetCapabilities)."))
    try:
        return _wms(body, url) if protocol == "WMS" else _wmts(body, url)
    except InvalidInputError:
        raise
    except Exception as error:  # the library raises whatever a broken text makes of it
        raise refused(
            _("Bản mô tả dịch vụ không đọc được: %(why)s") % {"why": str(error)[:160]}
        ) from error


def _xyz(url: str) -> Offer:
    check_url(url)
    if not all(hole in url for hole in ("{z}", "{x}")) or not ("{y}" in url or "{-y}" in url):
        raise refused(_("Địa chỉ XYZ phải có {z}, {x} và {y}, ví dụ https://…/{z}/{x}/{y}.png."))
    return Offer("", urlsplit(url).hostname or "", crs=MERCATOR[0], template=url)


def _wms(body: bytes, url: str) -> Described:
    from owslib.wms import WebMapService

    version = "1.3.0" if b'version="1.3.0"' in body[:4000] else "1.1.1"
    service = WebMapService(url, version=version, xml=body)
    operations = {one.name: one for one in service.operations}
    formats = _formats(operations.get("GetMap"))
    infos = _formats(operations.get("GetFeatureInfo"))
    offers = []
    for name, layer in service.contents.items():
        crs = _first(MERCATOR, layer.crsOptions) or _first(GEOGRAPHIC, layer.crsOptions)
        styles = tuple(layer.styles)
        legend = str((layer.styles[styles[0]] if styles else {}).get("legend", ""))
        offers.append(
            Offer(
                str(name),
                _text(layer.title) or str(name),
                styles=styles,
                crs=crs,
                version=version,
                image_format=_first(FORMATS, formats) or "image/png",
                info_format=_first(INFO_FORMATS, infos) if int(layer.queryable or 0) else "",
                legend=legend,
                bounds=_box(layer.boundingBoxWGS84),
                attribution=_text((getattr(layer, "attribution", None) or {}).get("title")),
                trouble="" if crs else _("Lớp không có hệ EPSG:3857 hay EPSG:4326."),
            )
        )
    return _described(service, offers)


def _wmts(body: bytes, url: str) -> Described:
    from owslib.wmts import WebMapTileService

    service = WebMapTileService(url, xml=body)
    sets = {
        name: one
        for name, one in service.tilematrixsets.items()
        if any(code in _code(one.crs) for code in ("3857", "900913", "102100"))
    }
    offers = []
    for name, layer in service.contents.items():
        usable = [one for one in layer.tilematrixsetlinks if one in sets]
        image_format = _first(FORMATS, layer.formats) or "image/png"
        styles = tuple(str(one) for one in layer.styles)
        matrix_set = usable[0] if usable else ""
        offers.append(
            Offer(
                str(name),
                _text(layer.title) or str(name),
                styles=styles,
                crs=MERCATOR[0],
                image_format=image_format,
                matrix_set=matrix_set,
                template=_tile_address(service, layer, matrix_set, image_format, styles, url),
                bounds=_box(layer.boundingBoxWGS84),
                trouble=_matrix_trouble(sets.get(matrix_set)),
            )
        )
    return _described(service, offers)


def _matrix_trouble(found: Any) -> str:
    """Only the usual pyramid of Web Mercator fits our map."""
    if found is None:
        return _("Lớp không có bộ ô ảnh theo EPSG:3857.")
    names = list(found.tilematrix)
    if not all(name.rpartition(":")[2].isdigit() for name in names):
        return _("Bộ ô ảnh của lớp không theo mức phóng thông dụng.")
    return ""


def _tile_address(
    service: Any,
    layer: Any,
    matrix_set: str,
    image_format: str,
    styles: tuple[str, ...],
    url: str,
) -> str:
    """The address of a tile with ``{z}``, ``{x}``, ``{y}``."""
    if not matrix_set:
        return ""
    style = styles[0] if styles else "default"
    names = list(service.tilematrixsets[matrix_set].tilematrix)
    prefix = names[0].rpartition(":")[0]
    level = f"{prefix}:{{z}}" if prefix else "{z}"
    for resource in getattr(layer, "resourceURLs", []):
        if resource.get("resourceType") == "tile":
            text = str(resource["template"])
            for hole, value in (
                ("TileMatrixSet", matrix_set),
                ("TileMatrix", level),
                ("TileRow", "{y}"),
                ("TileCol", "{x}"),
                ("Style", style),
                ("style", style),
            ):
                text = text.replace(f"{{{hole}}}", value)
            return "" if re.search(r"\{(?![zxy]\})", text) else text
    asked = with_query(
        url,
        service="WMTS",
        version="1.0.0",
        request="GetTile",
        layer=layer.id,
        style=style,
        format=image_format,
        tilematrixset=matrix_set,
    )
    return f"{asked}&tilematrix={level}&tilerow={{y}}&tilecol={{x}}"


def _described(service: Any, offers: list[Offer]) -> Described:
    about = service.identification
    provider = getattr(getattr(service, "provider", None), "name", "") or ""
    constraints = getattr(about, "accessconstraints", "") or ""
    return Described(_text(about.title), _text(provider), _text(constraints)[:200], tuple(offers))


def _formats(operation: Any) -> list[str]:
    return [str(one) for one in (operation.formatOptions if operation is not None else [])]


def _first(wanted: tuple[str, ...], offered: Any) -> str:
    known = {str(one).lower(): str(one) for one in offered or []}
    return next((known[one.lower()] for one in wanted if one.lower() in known), "")


def _code(crs: Any) -> str:
    return str(getattr(crs, "code", crs) or "")


def _box(found: Any) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(edge) for edge in found)
    except (TypeError, ValueError):
        return None
    box = max(west, -180.0), max(south, -85.0), min(east, 180.0), min(north, 85.0)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _text(value: Any) -> str:
    return " ".join(strip_tags(str(value or "")).split())[:300]
