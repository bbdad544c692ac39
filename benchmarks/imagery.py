"""Tiles of a large raster: a cloud-optimised GeoTIFF of 20,000 × 20,000 pixels, asked for parts.

The raster is made of noise over fields, which compresses as badly as a photograph, by the same
conversion as uploads. Tiles are drawn cold: no tile is asked for twice, nothing is kept. Printed
are percentiles in milliseconds of processor and of wall time, by zoom.

    python benchmarks/imagery.py [--side 20000] [--tiles 200] [--keep FILE]

Exit status 1: the p95 of the processor time of a tile is above its target.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
os.environ.setdefault("SEN_SECRET_KEY", "benchmark-" * 6)

import django

django.setup()

import numpy as np  # noqa: E402
import rasterio  # noqa: E402
from django.conf import settings  # noqa: E402
from rasterio.enums import ColorInterp  # noqa: E402
from rasterio.transform import from_origin  # noqa: E402
from rasterio.windows import Window  # noqa: E402

from sen.connectors.rasters import confined  # noqa: E402
from sen.domains.imagery import rules  # noqa: E402
from sen.domains.imagery.adapters import painting  # noqa: E402
from sen.kernel.files.backends import LocalBackend  # noqa: E402

SRID = 9210
#: From the whole raster in a few tiles to its own pixels.
ZOOMS = (15, 16, 18, 19, 20)
WEST, NORTH, PIXEL_M = 470_000.0, 1_170_000.0, 0.2
#: Milliseconds of processor time for one cold tile, at the 95th percentile.
TARGET_MS = 200.0


def make(target: Path, side: int) -> None:
    """The raster, by the conversion that uploads go through."""
    work = target.with_suffix(".work.tif")
    rng = np.random.default_rng(5)
    block = rng.normal(0, 14, (3, 2048, 2048))
    transform = from_origin(WEST, NORTH, PIXEL_M, PIXEL_M)
    profile = confined.profile_of(side, side, 3, transform, rules.crs_text(SRID))
    with rasterio.open(work, "w", **profile) as out:
        out.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
        for row in range(0, side, 2048):
            for column in range(0, side, 2048):
                high, wide = min(2048, side - row), min(2048, side - column)
                tone = rng.integers(70, 170, (3, 1, 1))
                pixels = np.clip(block[:, :high, :wide] + tone, 0, 255).astype(np.uint8)
                window = Window(column, row, wide, high)
                out.write(pixels, [1, 2, 3], window=window)
                out.write(np.full((high, wide), 255, np.uint8), 4, window=window)
    confined.write_cog(work, str(target), rasterio.crs.CRS.from_string(rules.crs_text(SRID)))
    work.unlink()


def measure(name: str, side: int, zoom: int, count: int) -> float:
    """Draw tiles at a zoom, each once; returns the p95 of processor time in milliseconds."""
    from rasterio.warp import transform_bounds

    size = side * PIXEL_M
    box = (WEST, NORTH - size, WEST + size, NORTH)
    west, south, east, north = transform_bounds(rules.crs_text(SRID), "EPSG:3857", *box)
    tile = 2 * painting.WORLD_M / 2**zoom
    columns = range(int((west + painting.WORLD_M) // tile), int((east + painting.WORLD_M) // tile))
    rows = range(int((painting.WORLD_M - north) // tile), int((painting.WORLD_M - south) // tile))
    spots = [(x, y) for x in columns for y in rows]
    random.Random(3).shuffle(spots)
    work, wall = [], []
    for x, y in spots[: count + 3]:
        started, used = time.perf_counter(), time.process_time()
        painting.draw_tile(name, SRID, zoom, x, y)
        wall.append((time.perf_counter() - started) * 1000)
        work.append((time.process_time() - used) * 1000)
    work, wall = work[3:], wall[3:]  # the first open the file
    if len(work) < 5:
        return 0.0
    p50, p95 = statistics.median(work), statistics.quantiles(work, n=20)[-1]
    real = statistics.quantiles(wall, n=20)[-1]
    print(f"z{zoom}: {len(work)} tiles, cpu p50 {p50:.1f} p95 {p95:.1f}, wall p95 {real:.1f} ms")
    return p95


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--tiles", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        name = "b" * 64
        store = LocalBackend(Path(folder) / "objects")
        target = store.path(name)
        target.parent.mkdir(parents=True)
        started = time.perf_counter()
        make(target.with_suffix(".tif"), options.side)
        target.with_suffix(".tif").rename(target)
        megabytes = target.stat().st_size / 1e6
        seconds = time.perf_counter() - started
        load = os.getloadavg()[0]
        print(f"{options.side} px: {megabytes:.0f} MB made in {seconds:.0f} s; load {load:.1f}")
        settings.SEN_FILE_STORE, settings.MEDIA_ROOT = "", folder
        worst = max(measure(name, options.side, zoom, options.tiles) for zoom in ZOOMS)
    return int(worst > TARGET_MS)


if __name__ == "__main__":
    sys.exit(main())
