"""What reads rasters of others; runs in a process of its own, with limits.

``python -m sen.connectors.rasters.confined inspect|preview|convert SOURCE [TARGET]``, with
a description as JSON on the standard input and an answer as JSON on the standard output.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.shutil import copy as copy_raster
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform, reproject

#: Nothing that points to other files, to the network or to programs.
DRIVERS: Final = {".tif": "GTiff", ".jpg": "JPEG", ".png": "PNG"}
MOST_PIXELS: Final = 4_000_000_000
PREVIEW_PX: Final = 1600


def main() -> None:
    act, source, *rest = sys.argv[1:]
    given = json.load(sys.stdin) or {}
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    settings = {"GDAL_CACHEMAX": 256, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
    try:
        with rasterio.Env(**settings):
            if act == "inspect":
                answer = inspect(source, given)
            elif act == "preview":
                answer = preview(source, rest[0], given)
            else:
                answer = convert(source, rest[0], given)
    except (RasterioError, ValueError, OSError) as error:
        answer = {"error": str(error)[:300]}
    json.dump(answer, sys.stdout)


def _open(source: str, given: dict[str, Any]) -> Any:
    data = rasterio.open(source, driver=DRIVERS[given["suffix"]])
    if data.width * data.height > MOST_PIXELS:
        raise ValueError(f"{data.width} x {data.height} pixels are too many")
    return data


def inspect(source: str, given: dict[str, Any]) -> dict[str, Any]:
    """What a file says of itself."""
    with _open(source, given) as data:
        points, points_crs = data.gcps
        crs = data.crs or points_crs
        placed = data.transform != Affine.identity()
        return {
            "width": data.width,
            "height": data.height,
            "bands": data.count,
            "dtype": data.dtypes[0],
            "transform": list(data.transform)[:6] if placed else None,
            "srid": crs.to_epsg() if crs else None,
            "told": crs.to_wkt()[:200] if crs else "",
            "gcps": [[p.col, p.row, p.x, p.y] for p in points][:200],
        }


def preview(source: str, target: str, given: dict[str, Any]) -> dict[str, Any]:
    """A small copy to click on, as WebP."""
    from PIL import Image

    with _open(source, given) as data:
        factor = max(1.0, max(data.width, data.height) / PREVIEW_PX)
        shape = (max(1, round(data.height / factor)), max(1, round(data.width / factor)))
        pixels = _bytes(data, _colours(data), shape)
        Image.fromarray(pixels).save(target, "WEBP", quality=80)
    return {"width": shape[1], "height": shape[0]}


def _colours(data: Any) -> list[int]:
    """The bands to show: three colours, or one grey."""
    plain = [
        number for number, meaning in enumerate(data.colorinterp, 1) if meaning != ColorInterp.alpha
    ]
    return plain[:3] if len(plain) >= 3 else plain[:1]


def _bytes(data: Any, bands: list[int], shape: tuple[int, int]) -> Any:
    pixels = data.read(bands, out_shape=(len(bands), *shape), resampling=Resampling.average)
    if data.colorinterp[0] == ColorInterp.palette:
        table = data.colormap(1)
        lookup = np.array([table.get(i, (0, 0, 0, 255))[:3] for i in range(256)], dtype=np.uint8)
        return lookup[data.read(1, out_shape=shape)]
    if pixels.dtype != np.uint8:
        pixels = _stretched(pixels)
    return np.moveaxis(pixels, 0, -1) if len(bands) == 3 else pixels[0]


def _stretched(pixels: Any) -> Any:
    low, high = np.percentile(pixels, (2, 98))
    scaled = (pixels.astype(np.float32) - low) / max(float(high - low), 1e-6) * 255
    return np.clip(scaled, 0, 255).astype(np.uint8)


def convert(source: str, target: str, given: dict[str, Any]) -> dict[str, Any]:
    """Bring a raster to a cloud-optimised GeoTIFF of bytes with a mask.

    A raster that lies straight keeps its pixels and its system; one with control points is bent
    into the system that was chosen.
    """
    work = Path(target).with_suffix(".plain.tif")
    crs = CRS.from_string(given["crs"])
    try:
        with _open(source, given) as data:
            if given.get("gcps"):
                _bend(data, work, crs, given)
            else:
                _place(data, work, crs, given)
        return write_cog(work, target, crs)
    finally:
        work.unlink(missing_ok=True)


def profile_of(width: int, height: int, bands: int, transform: Any, crs: Any) -> dict[str, Any]:
    return {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": bands + 1,
        "dtype": "uint8",
        "transform": transform,
        "crs": crs,
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "zlevel": 1,
        "bigtiff": "if_safer",
        "photometric": "rgb" if bands == 3 else "minisblack",
        "alpha": "yes",
    }


def _place(data: Any, work: Path, crs: Any, given: dict[str, Any]) -> None:
    """Copy the pixels, strip by strip, under the transform that was chosen."""
    bands, lookup, stretch = _source_bands(data)
    count = 3 if lookup is not None else len(bands)
    transform = Affine(*given["transform"])
    with rasterio.open(
        work, "w", **profile_of(data.width, data.height, count, transform, crs)
    ) as out:
        out.colorinterp = _meanings(count)
        for _index, window in out.block_windows(1):
            pixels = data.read(bands, window=window)
            mask = data.dataset_mask(window=window)
            out.write(_as_bytes(pixels, lookup, stretch), list(range(1, count + 1)), window=window)
            out.write(mask, count + 1, window=window)


def _bend(data: Any, work: Path, crs: Any, given: dict[str, Any]) -> None:
    """Bend the pixels by control points."""
    bands, lookup, stretch = _source_bands(data)
    count = 3 if lookup is not None else len(bands)
    # Without a height the library hands over none, and nothing can be computed.
    points = [GroundControlPoint(row=py, col=px, x=x, y=y, z=0.0) for px, py, x, y in given["gcps"]]
    how = (
        {"SRC_METHOD": "GCP_TPS"}
        if given["method"] == "TPS"
        else {"SRC_METHOD": "GCP_POLYNOMIAL", "MAX_GCP_ORDER": given["order"]}
    )
    transform, width, height = calculate_default_transform(
        crs, crs, data.width, data.height, gcps=points, **how
    )
    if width * height > min(MOST_PIXELS, 16 * data.width * data.height):
        raise ValueError("the control points stretch the picture too far")
    pixels = _as_bytes(data.read(bands), lookup, stretch)
    with rasterio.open(work, "w", **profile_of(width, height, count, transform, crs)) as out:
        out.colorinterp = _meanings(count)
        layers = [*pixels, data.dataset_mask()]
        for number, layer in enumerate(layers, 1):
            bent = np.zeros((height, width), dtype=np.uint8)
            reproject(
                np.ascontiguousarray(layer),
                bent,
                gcps=points,
                src_crs=crs,
                dst_crs=crs,
                dst_transform=transform,
                resampling=Resampling.nearest if number == len(layers) else Resampling.bilinear,
                **how,
            )
            out.write(bent, number)


def _source_bands(data: Any) -> tuple[list[int], Any, tuple[float, float] | None]:
    """Which bands to take, the colours of a palette, and how to stretch what is no byte."""
    if data.colorinterp[0] == ColorInterp.palette:
        table = data.colormap(1)
        lookup = np.array([table.get(i, (0, 0, 0, 255))[:3] for i in range(256)], dtype=np.uint8)
        return [1], lookup, None
    bands = _colours(data)
    if data.dtypes[0] == "uint8":
        return bands, None, None
    factor = max(1.0, max(data.width, data.height) / PREVIEW_PX)
    shape = (len(bands), max(1, round(data.height / factor)), max(1, round(data.width / factor)))
    low, high = np.percentile(data.read(bands, out_shape=shape), (2, 98))
    return bands, None, (float(low), float(high))


def _as_bytes(pixels: Any, lookup: Any, stretch: tuple[float, float] | None) -> Any:
    if lookup is not None:
        return np.moveaxis(lookup[pixels[0].astype(np.uint8)], -1, 0)
    if stretch is None:
        return pixels
    low, high = stretch
    scaled = (pixels.astype(np.float32) - low) / max(high - low, 1e-6) * 255
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _meanings(count: int) -> list[Any]:
    colours = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    return [*(colours if count == 3 else [ColorInterp.gray]), ColorInterp.alpha]


def write_cog(work: Path, target: str, crs: Any) -> dict[str, Any]:
    copy_raster(
        str(work),
        target,
        driver="COG",
        COMPRESS="JPEG",
        QUALITY=85,
        BLOCKSIZE=512,
        OVERVIEW_RESAMPLING="AVERAGE",
        BIGTIFF="IF_SAFER",
        ADD_ALPHA="NO",
    )
    with rasterio.open(target) as made, WarpedVRT(made, src_crs=crs, crs="EPSG:3857") as onto:
        west, south, east, north = onto.bounds
        squeeze = math.cos(2 * math.atan(math.exp((south + north) / 2 / 6378137)) - math.pi / 2)
        return {
            "width": made.width,
            "height": made.height,
            "transform": list(made.transform)[:6],
            "resolution_m": abs(onto.res[0]) * squeeze,
            "bounds_3857": [west, south, east, north],
        }


if __name__ == "__main__":
    main()
