"""Parts of cloud-optimised rasters as tiles and for printed sheets."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from sen.domains.imagery.adapters.keeping import keep_tile
from sen.domains.imagery.rules import crs_text
from sen.kernel.files.backends import LocalBackend, S3Backend, backend
from sen.kernel.geo.pictures import Sheet

TILE_PX: Final = 256
WORLD_M: Final = 20_037_508.342789244
OPEN_FILES: Final = 24
_loading: Final = threading.Lock()


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in metres of Web Mercator."""
    side = 2 * WORLD_M / 2**z
    west, north = -WORLD_M + x * side, WORLD_M - y * side
    return west, north - side, west + side, north


def tile(sha256: str, srid: int, z: int, x: int, y: int) -> bytes | None:
    """A tile as WebP; None when nothing of the raster lies there."""
    known = _cache_path(sha256, z, x, y)
    try:
        body = known.read_bytes()
    except OSError:
        body = draw_tile(sha256, srid, z, x, y)
        keep_tile(known, body)
    return body or None


def draw_tile(sha256: str, srid: int, z: int, x: int, y: int) -> bytes:
    pixels = _read(sha256, srid, "EPSG:3857", tile_bounds(z, x, y), TILE_PX, TILE_PX)
    return b"" if pixels is None else encoded(pixels, "WEBP", quality=80, method=2)


def sheet_picture(sha256: str, srid: int, sheet: Sheet) -> bytes | None:
    """The part for a printed sheet as PNG."""
    pixels = _read(sha256, srid, crs_text(sheet.srid), sheet.bounds, sheet.width, sheet.height)
    return None if pixels is None else encoded(pixels, "PNG", compress_level=1)


def encoded(pixels: Any, kind: str, **options: Any) -> bytes:
    """Rows of RGBA as a picture."""
    from PIL import Image

    picture = Image.fromarray(pixels)
    if bool((pixels[..., 3] == 255).all()):
        picture = picture.convert("RGB")
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _read(
    sha256: str,
    srid: int,
    crs: str,
    bounds: tuple[float, float, float, float],
    width: int,
    height: int,
) -> Any:
    """A box of the raster in another system as RGBA; None when it is empty.

    Shapes:
        (height, width, 4), bytes.
    """
    import numpy as np

    load_rasterio()
    from rasterio.enums import Resampling
    from rasterio.transform import from_bounds
    from rasterio.vrt import WarpedVRT

    with _opened(sha256, srid, crs, (bounds[2] - bounds[0]) / width) as data:
        bands = 3 if data.count >= 3 else 1
        with WarpedVRT(
            data,
            src_crs=crs_text(srid),
            crs=crs,
            transform=from_bounds(*bounds, width, height),
            width=width,
            height=height,
            resampling=Resampling.bilinear,
            add_alpha=True,
        ) as onto:
            pixels = onto.read([*range(1, bands + 1), onto.count])
    colours, mask = pixels[:-1], pixels[-1:]
    if not mask.any():
        return None
    if bands == 1:
        colours = np.repeat(colours, 3, axis=0)
    return np.ascontiguousarray(np.moveaxis(np.concatenate([colours, mask]), 0, -1))


def load_rasterio() -> None:
    """Load the library once: threads that do it at the same time find it half loaded and fail."""
    with _loading:
        import rasterio.vrt
        import rasterio.warp  # noqa: F401


class _Files(threading.local):
    """Rasters that this thread holds open: a GDAL dataset belongs to one thread."""

    def __init__(self) -> None:
        self.known: OrderedDict[tuple[str, str, int], Any] = OrderedDict()
        self.sizes: dict[tuple[str, str, str], tuple[float, tuple[int, ...]]] = {}


_files: Final = _Files()


@contextmanager
def _opened(sha256: str, srid: int, crs: str, pixel: float) -> Iterator[Any]:
    """The raster, or the smallest of its smaller copies that still has the detail asked for.

    A view of the whole raster would otherwise be made from every pixel of it.

    Units:
        ``pixel``: metres of ``crs``.
    """
    import rasterio

    store = backend().name
    with rasterio.Env(**_environment()):
        key = (store, sha256, crs)
        if key not in _files.sizes:
            _files.sizes[key] = _detail(_file(rasterio, store, sha256, -1), srid, crs)
        own, factors = _files.sizes[key]
        fitting = [level for level, factor in enumerate(factors) if factor * own <= pixel * 1.1]
        yield _file(rasterio, store, sha256, fitting[-1] if fitting else -1)


def _file(rasterio: Any, store: str, sha256: str, level: int) -> Any:
    """An open raster or one of its smaller copies; those not used for long are closed."""
    key = (store, sha256, level)
    if key not in _files.known:
        smaller = {} if level < 0 else {"OVERVIEW_LEVEL": level}
        _files.known[key] = rasterio.open(_address(sha256), driver="GTiff", **smaller)
        while len(_files.known) > OPEN_FILES:
            _files.known.popitem(last=False)[1].close()
    _files.known.move_to_end(key)
    return _files.known[key]


def _detail(data: Any, srid: int, crs: str) -> tuple[float, tuple[int, ...]]:
    """The size of a pixel in another system, and how much coarser the smaller copies are."""
    from rasterio.warp import calculate_default_transform

    transform, _width, _height = calculate_default_transform(
        crs_text(srid), crs, data.width, data.height, *data.bounds
    )
    return float(transform.a), tuple(data.overviews(1))


def _address(sha256: str) -> str:
    store = backend()
    if isinstance(store, S3Backend):
        bucket = store.name.removeprefix("s3://").partition("/")[0]
        return f"/vsis3/{bucket}/{store.key(sha256)}"
    if not isinstance(store, LocalBackend):
        raise TypeError(type(store))
    return str(store.path(sha256))


def _environment() -> dict[str, Any]:
    """How GDAL is to read: no listing of folders, and the bucket's keys as a session.

    The library's own session wants another client of S3, only to hand over what we know already.
    """
    from rasterio.session import Session

    said: dict[str, Any] = {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_CACHEMAX": 128,
        "VSI_CACHE": True,
    }
    if not isinstance(backend(), S3Backend):
        return said
    endpoint = str(settings.SEN_S3["endpoint"])
    keys = {
        "AWS_ACCESS_KEY_ID": settings.SEN_S3["key_id"],
        "AWS_SECRET_ACCESS_KEY": settings.SEN_S3["secret"],
        "AWS_REGION": settings.SEN_S3["region"],
        "AWS_VIRTUAL_HOSTING": "FALSE",
    }
    if endpoint:
        plain = endpoint.startswith("http://")
        keys["AWS_S3_ENDPOINT"] = endpoint.partition("://")[2].rstrip("/")
        keys["AWS_HTTPS"] = "NO" if plain else "YES"

    class Bucket(Session):  # type: ignore[misc]  # it has no types
        def get_credential_options(self) -> dict[str, str]:
            return keys

    return said | {"session": Bucket()}


def tiles_folder() -> Path:
    """Drawn tiles; a content never changes, so neither do they."""
    return Path(settings.SEN_VAR) / "tiles-imagery"


def _cache_path(sha256: str, z: int, x: int, y: int) -> Path:
    return tiles_folder() / sha256[:2] / sha256 / str(z) / str(x) / f"{y}.webp"


def zooms(resolution_m: float, lat: float) -> tuple[int, int]:
    """The zooms at which a raster has something to show, and at which it has all its detail.

    Units:
        ``resolution_m``: metres of a pixel on the ground; ``lat``: degrees.
    """
    squeeze = math.cos(math.radians(lat))
    most = math.ceil(math.log2(2 * WORLD_M * squeeze / TILE_PX / max(resolution_m, 0.005)))
    return 5, min(22, max(6, most))
