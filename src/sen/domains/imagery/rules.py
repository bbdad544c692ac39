"""Bending a scan onto the ground: how control points determine it, and how well they agree.

Pure computation; nothing of the database and no clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sen.domains.imagery.choices import Method
from sen.lib.vn2000 import SRIDS, proj4

LEAST: Final[Mapping[Method, int]] = {
    Method.AFFINE: 3,
    Method.POLY2: 6,
    Method.POLY3: 10,
    Method.TPS: 4,
}
ORDERS: Final[Mapping[Method, int]] = {Method.AFFINE: 1, Method.POLY2: 2, Method.POLY3: 3}


class FitError(ValueError):
    """The points do not determine the bending."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How points agree with a bending.

    Units:
        Metres. For TPS, which goes through every point, a residual is how far the point would lie
        off if it were left out.
    """

    residuals_m: tuple[float, ...]
    rms_m: float
    pixel_m: float


def fit(pixels: Sequence[tuple[float, float]], grounds: Sequence[tuple[float, float]],
        method: Method) -> Fit:  # fmt: skip
    """Fit a bending to control points.

    Units:
        ``pixels``: columns and rows of the picture. ``grounds``: easting and northing in metres.

    Raises:
        FitError: too few points, or points on one line.
    """
    if len(pixels) < LEAST[method]:
        raise FitError(f"{method}: {len(pixels)} points, needs {LEAST[method]}")
    if _is_flat(pixels) or _is_flat(grounds):
        raise FitError("the points lie on one line")
    if method == Method.TPS:
        residuals = _left_out(pixels, grounds)
    else:
        residuals = _off(pixels, grounds, pixels, grounds, ORDERS[method])
    mean = math.sqrt(sum(one**2 for one in residuals) / len(residuals))
    return Fit(tuple(residuals), mean, _pixel_m(pixels, grounds))


def _is_flat(points: Sequence[tuple[float, float]]) -> bool:
    import numpy as np  # the module is read at every start

    array = np.asarray(points, dtype=float)
    centred = array - array.mean(axis=0)
    spread = np.linalg.svd(centred, compute_uv=False)
    return bool(spread[0] == 0 or spread[-1] / spread[0] < 1e-3)


def _terms(points: Any, order: int) -> Any:
    import numpy as np

    x, y = points[:, 0], points[:, 1]
    return np.column_stack([x**i * y**j for i in range(order + 1) for j in range(order + 1 - i)])


def _off(
    pixels: Sequence[tuple[float, float]],
    grounds: Sequence[tuple[float, float]],
    at: Sequence[tuple[float, float]],
    truth: Sequence[tuple[float, float]],
    order: int,
) -> list[float]:
    """Distances of ``truth`` from where the polynomial through the points puts ``at``."""
    import numpy as np

    source, target = np.asarray(pixels, dtype=float), np.asarray(grounds, dtype=float)
    middle, size = source.mean(axis=0), max(1.0, float(np.abs(source - source.mean(axis=0)).max()))
    origin = target.mean(axis=0)
    found, _rest, rank, _values = np.linalg.lstsq(
        _terms((source - middle) / size, order), target - origin, rcond=None
    )
    if rank < found.shape[0]:
        raise FitError("the points do not determine the polynomial")
    placed = _terms((np.asarray(at, dtype=float) - middle) / size, order) @ found + origin
    gaps = np.hypot(*(placed - np.asarray(truth, dtype=float)).T)
    return [float(gap) for gap in gaps]


def _left_out(
    pixels: Sequence[tuple[float, float]], grounds: Sequence[tuple[float, float]]
) -> list[float]:
    """How far every point lies from where the others put it."""
    found = []
    for number in range(len(pixels)):
        others = [i for i in range(len(pixels)) if i != number]
        some = [pixels[i] for i in others]
        if _is_flat(some):
            raise FitError("without one of them the points lie on one line")
        found += _off(some, [grounds[i] for i in others], [pixels[number]], [grounds[number]], 1)
    return found


def _pixel_m(
    pixels: Sequence[tuple[float, float]], grounds: Sequence[tuple[float, float]]
) -> float:
    """Metres of a pixel, from the spread of the points on both sides."""
    import numpy as np

    a, b = np.asarray(pixels, dtype=float), np.asarray(grounds, dtype=float)
    return float(np.linalg.norm(b - b.mean(axis=0)) / np.linalg.norm(a - a.mean(axis=0)))


def world_file(text: str) -> tuple[float, float, float, float, float, float]:
    """The six numbers of a world file as a transform of pixel corners: a, b, c, d, e, f.

    Raises:
        FitError: it is no world file.
    """
    try:
        a, d, b, e, c, f = (float(line.replace(",", ".")) for line in text.split())
    except ValueError as error:
        raise FitError("a world file holds six numbers") from error
    if a * e - b * d == 0 or not all(map(math.isfinite, (a, b, c, d, e, f))):
        raise FitError("the world file maps the picture onto a line")
    # A world file names the middle of the first pixel, a transform its corner.
    return a, b, c - (a + b) / 2, d, e, f - (d + e) / 2


def crs_text(srid: int) -> str:
    """A coordinate system as GDAL is to understand it: VN-2000 with the official parameters."""
    return proj4(srid) if srid in SRIDS else f"EPSG:{srid}"
