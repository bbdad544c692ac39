"""Tiles and answers of other offices' map services, through our server.

Browsers may not read from servers that do not allow it, and addresses of services stay in the
house. What comes is believed to be a picture only when its first bytes say so.
"""

from __future__ import annotations

import math
import time
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from sen.connectors.mapservices import GEOGRAPHIC, with_query
from sen.domains.imagery.adapters.keeping import keep_tile
from sen.domains.imagery.adapters.painting import (
    TILE_PX,
    WORLD_M,
    encoded,
    load_rasterio,
    tile_bounds,
)
from sen.domains.imagery.choices import Protocol
from sen.domains.imagery.models import Overlay
from sen.domains.imagery.rules import crs_text
from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.pictures import Sheet
from sen.kernel.outbound import ask, refused

TIMEOUT_S: Final = 8
MOST_BYTES: Final = 3 * 1024**2
KEPT_S: Final = 24 * 3600
#: Tiles for one printed sheet.
MOST_TILES: Final = 80
MAGIC: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


def kind_of(body: bytes) -> str:
    """The type of a picture by its first bytes; empty for anything else."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC.items() if body.startswith(magic)), "")


def relayed_tile(overlay: Overlay, z: int, x: int, y: int) -> bytes:
    """A tile, from the cache or from the service.

    Raises:
        InvalidInputError: the service gives none; the text says why.
    """
    known = _cache_path(overlay, z, x, y)
    try:
        if time.time() - known.stat().st_mtime < KEPT_S:
            return known.read_bytes()
    except OSError:
        pass
    body = fetch_tile(overlay, z, x, y)
    keep_tile(known, body)
    return body


def fetch_tile(overlay: Overlay, z: int, x: int, y: int) -> bytes:
    """A tile from the service.

    Raises:
        InvalidInputError: the service gives none.
    """
    answer = ask(tile_url(overlay, z, x, y), accept="image/*", most=MOST_BYTES, timeout_s=TIMEOUT_S)
    if not kind_of(answer.body):
        raise refused(_complaint(answer.body))
    return answer.body


def _complaint(body: bytes) -> str:
    """What a service says in place of a picture."""
    text = body[:4000].decode("utf-8", "replace")
    inside = text.partition("ServiceException")[2].partition(">")[2].partition("<")[0].strip()
    said = " ".join((inside or text).split())[:160]
    return _("Máy chủ không gửi ảnh mà gửi: %(text)s") % {"text": said}


def tile_url(overlay: Overlay, z: int, x: int, y: int) -> str:
    """Where a tile of an overlay is to be had."""
    if overlay.protocol != Protocol.WMS:
        flipped = 2**z - 1 - y
        text = overlay.template.replace("{z}", str(z)).replace("{x}", str(x))
        return text.replace("{y}", str(y)).replace("{-y}", str(flipped)).replace("{s}", "a")
    return _map_url(overlay, tile_bounds(z, x, y), TILE_PX, "GetMap")


def _map_url(
    overlay: Overlay,
    bounds: tuple[float, float, float, float],
    side: int,
    request: str,
    **more: str,
) -> str:
    newer = overlay.wms_version == "1.3.0"
    box = bounds
    if overlay.crs in GEOGRAPHIC:
        west, south = _degrees(bounds[0], bounds[1])
        east, north = _degrees(bounds[2], bounds[3])
        # Since 1.3.0 the order of the axes is that of the system: latitude first.
        turned = newer and overlay.crs == "EPSG:4326"
        box = (south, west, north, east) if turned else (west, south, east, north)
    return with_query(
        overlay.url,
        service="WMS",
        version=overlay.wms_version or "1.1.1",
        request=request,
        layers=overlay.layer,
        styles=overlay.style,
        **{"crs" if newer else "srs": overlay.crs},
        bbox=",".join(f"{edge:.9g}" if abs(edge) < 400 else f"{edge:.3f}" for edge in box),
        width=str(side),
        height=str(side),
        format=overlay.image_format or "image/png",
        transparent="TRUE",
        **more,
    )


def _degrees(x: float, y: float) -> tuple[float, float]:
    lat = math.degrees(2 * math.atan(math.exp(y / WORLD_M * math.pi)) - math.pi / 2)
    return x / WORLD_M * 180, lat


def metres(lon: float, lat: float) -> tuple[float, float]:
    """A place in metres of Web Mercator."""
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return lon / 180 * WORLD_M, north / math.pi * WORLD_M


def feature_info(overlay: Overlay, lon: float, lat: float, zoom: float) -> tuple[str, bytes]:
    """What the service says of a place: its type and its text.

    Raises:
        InvalidInputError: it cannot be asked, or says nothing readable.
    """
    if not overlay.info_format:
        raise refused(_("Lớp này không trả lời câu hỏi về một vị trí."))
    x, y = metres(lon, lat)
    pixel = 2 * WORLD_M / TILE_PX / 2**zoom
    reach = 50.5 * pixel
    newer = overlay.wms_version == "1.3.0"
    place = {"i": "50", "j": "50"} if newer else {"x": "50", "y": "50"}
    url = _map_url(
        overlay,
        (x - reach, y - reach, x + reach, y + reach),
        101,
        "GetFeatureInfo",
        query_layers=overlay.layer,
        info_format=overlay.info_format,
        feature_count="10",
        **place,
    )
    answer = ask(url, accept=overlay.info_format, most=512 * 1024, timeout_s=TIMEOUT_S)
    return overlay.info_format, answer.body


def sheet_picture(overlay: Overlay, sheet: Sheet) -> bytes | None:
    """The part for a printed sheet as PNG, put together from tiles."""
    import numpy as np
    from PIL import Image

    load_rasterio()
    from rasterio.transform import from_bounds
    from rasterio.warp import Resampling, reproject, transform_bounds

    system = crs_text(sheet.srid)
    box = transform_bounds(system, "EPSG:3857", *sheet.bounds)
    zoom = _sheet_zoom(overlay, box, sheet.width)
    side = 2 * WORLD_M / 2**zoom
    left, right = (int((edge + WORLD_M) // side) for edge in (box[0], box[2]))
    top, bottom = (int((WORLD_M - edge) // side) for edge in (box[3], box[1]))
    columns, rows = right - left + 1, bottom - top + 1
    canvas = np.zeros((rows * TILE_PX, columns * TILE_PX, 4), dtype=np.uint8)
    for row in range(rows):
        for column in range(columns):
            try:
                body = relayed_tile(overlay, zoom, left + column, top + row)
            except InvalidInputError:
                continue
            tile = Image.open(BytesIO(body)).convert("RGBA").resize((TILE_PX, TILE_PX))
            at = np.s_[
                row * TILE_PX : (row + 1) * TILE_PX, column * TILE_PX : (column + 1) * TILE_PX
            ]
            canvas[at] = np.asarray(tile)
    if not canvas[..., 3].any():
        return None
    west, north = left * side - WORLD_M, WORLD_M - top * side
    bounds = (west, north - rows * side, west + columns * side, north)
    made = np.zeros((4, sheet.height, sheet.width), dtype=np.uint8)
    reproject(
        np.ascontiguousarray(np.moveaxis(canvas, -1, 0)),
        made,
        src_transform=from_bounds(*bounds, columns * TILE_PX, rows * TILE_PX),
        src_crs="EPSG:3857",
        dst_transform=from_bounds(*sheet.bounds, sheet.width, sheet.height),
        dst_crs=system,
        resampling=Resampling.bilinear,
    )
    return encoded(np.ascontiguousarray(np.moveaxis(made, 0, -1)), "PNG", compress_level=1)


def _sheet_zoom(overlay: Overlay, box: tuple[float, ...], width: int) -> int:
    """The finest zoom that needs few enough tiles."""
    wide, high = box[2] - box[0], box[3] - box[1]
    zoom = round(math.log2(2 * WORLD_M / (wide / width * TILE_PX)))
    zoom = min(max(zoom, overlay.minzoom), overlay.maxzoom)
    while zoom > 0:
        side = 2 * WORLD_M / 2**zoom
        if (wide / side + 2) * (high / side + 2) <= MOST_TILES:
            return zoom
        zoom -= 1
    return 0


def tiles_folder() -> Path:
    return Path(settings.SEN_VAR) / "tiles-overlays"


def _cache_path(overlay: Overlay, z: int, x: int, y: int) -> Path:
    """A changed layer has a new version and starts anew."""
    return tiles_folder() / str(overlay.pk) / str(overlay.version) / str(z) / str(x) / str(y)


def as_rows(said: Any) -> list[list[tuple[str, str]]]:
    """The attributes of the features of a GeoJSON answer, as a person reads them."""
    features = said.get("features") if isinstance(said, dict) else None
    found = []
    for feature in features[:10] if isinstance(features, list) else []:
        values = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(values, dict):
            found.append([(str(k), str(v)) for k, v in values.items() if v not in (None, "")][:30])
    return found
