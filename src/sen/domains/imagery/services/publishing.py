"""Bringing a raster onto the map."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import transaction

from sen.connectors.rasters.converting import convert
from sen.domains.imagery.choices import RasterState
from sen.domains.imagery.events import RasterPublished
from sen.domains.imagery.models import Raster
from sen.domains.imagery.selectors.placing import description
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish
from sen.kernel.files.backends import incoming
from sen.kernel.files.models import StoredFile
from sen.kernel.files.services import release_file, store_file
from sen.kernel.usecase import use_case
from sen.lib.vn2000 import SRIDS, to_wgs84_array

CHUNK: int = 4 * 1024**2


@use_case("imagery.raster.change")
def publish_raster(*, actor: Actor, row: Raster) -> Raster:
    """Convert the original to a cloud-optimised GeoTIFF and put it onto the map.

    Raises:
        InvalidInputError: it cannot be read or bent.
    """
    old = row.cog
    with tempfile.TemporaryDirectory(dir=incoming()) as folder:
        target = Path(folder) / "cog.tif"
        made = convert(row.original.sha256, row.original.mime, target, description(row))
        row.cog = _stored(actor, target)
    row.width_px, row.height_px = made["width"], made["height"]
    row.resolution_m = round(made["resolution_m"], 4)
    row.geom = _footprint(made, row.srid or 4326)
    row.state, row.error = RasterState.READY, ""
    row.save()
    if old is not None and old.pk != row.cog.pk:
        transaction.on_commit(lambda: release_file(old))
    publish(RasterPublished(raster_id=row.pk), key=row.pk, on=row)
    return row


def _stored(actor: Actor, path: Path) -> StoredFile:
    with path.open("rb") as content:
        chunks = iter(lambda: content.read(CHUNK), b"")
        return store_file(actor=actor, name="cog.tif", chunks=chunks, own=True)


def _footprint(made: dict[str, Any], srid: int) -> Polygon:
    """The outline of the raster in degrees; its edges are short enough to be straight."""
    import numpy as np
    from pyproj import Transformer

    a, b, c, d, e, f = made["transform"]
    wide, high = made["width"], made["height"]
    steps = np.linspace(0, 1, 5)[:-1]
    around = [(s, 0) for s in steps] + [(1, s) for s in steps]
    around += [(1 - s, 1) for s in steps] + [(0, 1 - s) for s in steps]
    spots = np.array([*around, around[0]], dtype=float) * [wide, high]
    x = a * spots[:, 0] + b * spots[:, 1] + c
    y = d * spots[:, 0] + e * spots[:, 1] + f
    if srid in SRIDS:
        lon, lat = to_wgs84_array(x, y, srid)
    else:
        lon, lat = Transformer.from_crs(srid, 4326, always_xy=True).transform(x, y)
    return Polygon(list(zip(lon.tolist(), lat.tolist(), strict=True)), srid=4326)
