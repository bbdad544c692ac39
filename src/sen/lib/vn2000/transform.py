"""VN-2000 ↔ WGS 84, exact to a fraction of a millimetre against PROJ with the same parameters.

Heights are taken as 0 on the side that the coordinates come from, as every two-dimensional
transformation does; there and back again therefore closes within two millimetres, not to zero.

Source:
    Seven parameters: Quyết định 05/2007/QĐ-BTNMT. Projection: Krüger's series to n⁴ (C. Karney,
    Transverse Mercator with an accuracy of a few nanometers, 2011).
"""

from __future__ import annotations

from math import radians
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from sen.lib.vn2000.srids import FALSE_EASTING_M, SRIDS, TOWGS84, Projection

Floats: TypeAlias = npt.NDArray[np.float64]
FloatsLike: TypeAlias = npt.ArrayLike

_A: Final = 6_378_137.0
_F: Final = 1 / 298.257223563
_E2: Final = _F * (2 - _F)
_E: Final = _E2**0.5
_N: Final = _F / (2 - _F)
_RECTIFYING: Final = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_PARAMETERS: Final = tuple(float(part) for part in TOWGS84.split(","))
_SHIFT: Final = np.array(_PARAMETERS[:3])
_RX, _RY, _RZ = (radians(seconds / 3600) for seconds in _PARAMETERS[3:6])
_SCALE: Final = 1 + _PARAMETERS[6] * 1e-6
# Position vector convention: the one of +towgs84. The coordinate frame has the other signs.
_ROTATION: Final = np.array([[1, -_RZ, _RY], [_RZ, 1, -_RX], [-_RY, _RX, 1]])
_INVERSE_ROTATION: Final = np.linalg.inv(_ROTATION)
_LATITUDE_ROUNDS: Final = 5


def _geocentric(lon: Floats, lat: Floats) -> Floats:
    """Return X, Y, Z of points on the ellipsoid given in radians."""
    normal = _A / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
    return np.stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1 - _E2) * np.sin(lat),
        ]
    )


def _geographic(xyz: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude in radians of points near the ellipsoid."""
    x, y, z = xyz
    across = np.hypot(x, y)
    lat = np.arctan2(z, across * (1 - _E2))
    for _ in range(_LATITUDE_ROUNDS):
        normal = _A / np.sqrt(1 - _E2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + _E2 * normal * np.sin(lat), across)
    return np.arctan2(y, x), lat


def _datum_to_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift points from VN-2000 to WGS 84, in radians."""
    xyz = _geocentric(lon, lat)
    moved = np.tensordot(_ROTATION, xyz, axes=1) * _SCALE
    return _geographic(moved + _SHIFT.reshape(3, *[1] * lon.ndim))


def _datum_from_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift points from WGS 84 to VN-2000, in radians."""
    xyz = (_geocentric(lon, lat) - _SHIFT.reshape(3, *[1] * lon.ndim)) / _SCALE
    return _geographic(np.tensordot(_INVERSE_ROTATION, xyz, axes=1))


def _conformal(tau: Floats) -> Floats:
    """Return the tangent of the conformal latitude from that of the geographic one."""
    root = np.sqrt(1 + tau**2)
    sigma = np.sinh(_E * np.arctanh(_E * tau / root))
    return np.asarray(tau * np.sqrt(1 + sigma**2) - sigma * root)


def _project(lon: Floats, lat: Floats, projection: Projection) -> tuple[Floats, Floats]:
    """Return easting and northing of points of VN-2000 in radians."""
    away = lon - radians(projection.central_meridian_deg)
    tau = _conformal(np.tan(lat))
    xi0 = np.arctan2(tau, np.cos(away))
    eta0 = np.arcsinh(np.sin(away) / np.hypot(tau, np.cos(away)))
    xi, eta = xi0.copy(), eta0.copy()
    for order, alpha in enumerate(_ALPHA, start=1):
        xi += alpha * np.sin(2 * order * xi0) * np.cosh(2 * order * eta0)
        eta += alpha * np.cos(2 * order * xi0) * np.sinh(2 * order * eta0)
    unit = projection.scale * _RECTIFYING
    return FALSE_EASTING_M + unit * eta, unit * xi


def _unproject(easting: Floats, northing: Floats, projection: Projection) -> tuple[Floats, Floats]:
    """Return longitude and latitude in radians of projected points."""
    unit = projection.scale * _RECTIFYING
    xi0, eta0 = northing / unit, (easting - FALSE_EASTING_M) / unit
    xi, eta = xi0.copy(), eta0.copy()
    for order, beta in enumerate(_BETA, start=1):
        xi -= beta * np.sin(2 * order * xi0) * np.cosh(2 * order * eta0)
        eta -= beta * np.cos(2 * order * xi0) * np.sinh(2 * order * eta0)
    goal = np.sin(xi) / np.hypot(np.sinh(eta), np.cos(xi))
    tau = goal / (1 - _E2)
    for _ in range(_LATITUDE_ROUNDS):
        miss = _conformal(tau)
        step = (goal - miss) / np.sqrt(1 + miss**2)
        tau = tau + step * (1 + (1 - _E2) * tau**2) / ((1 - _E2) * np.sqrt(1 + tau**2))
    away = np.arctan2(np.sinh(eta), np.cos(xi))
    return away + radians(projection.central_meridian_deg), np.arctan(tau)


def _projection(projection: Projection | int) -> Projection:
    """Look a projection up by its SRID."""
    return SRIDS[projection] if isinstance(projection, int) else projection


def to_wgs84_array(
    easting_m: FloatsLike, northing_m: FloatsLike, projection: Projection | int
) -> tuple[Floats, Floats]:
    """Transform arrays of one shape from a projection of VN-2000 to WGS 84.

    Units:
        In: metres. Out: longitude, latitude in degrees.

    Raises:
        KeyError: The SRID is none of VN-2000's projections.
    """
    lon, lat = _unproject(
        np.asarray(easting_m, dtype=np.float64),
        np.asarray(northing_m, dtype=np.float64),
        _projection(projection),
    )
    lon, lat = _datum_to_wgs84(lon, lat)
    return np.degrees(lon), np.degrees(lat)


def from_wgs84_array(
    lon_deg: FloatsLike, lat_deg: FloatsLike, projection: Projection | int
) -> tuple[Floats, Floats]:
    """Transform arrays of one shape from WGS 84 to a projection of VN-2000.

    Units:
        In: degrees. Out: easting, northing in metres.

    Raises:
        KeyError: The SRID is none of VN-2000's projections.
    """
    lon, lat = _datum_from_wgs84(
        np.radians(np.asarray(lon_deg, dtype=np.float64)),
        np.radians(np.asarray(lat_deg, dtype=np.float64)),
    )
    return _project(lon, lat, _projection(projection))


def to_wgs84(
    easting_m: float, northing_m: float, projection: Projection | int
) -> tuple[float, float]:
    """Transform one point from a projection of VN-2000 to WGS 84.

    On Vietnamese plans X is the northing and Y the easting: mind the order.

    Units:
        In: metres. Out: longitude, latitude in degrees.

    Raises:
        KeyError: The SRID is none of VN-2000's projections.
    """
    lon, lat = to_wgs84_array([easting_m], [northing_m], projection)
    return float(lon[0]), float(lat[0])


def from_wgs84(lon_deg: float, lat_deg: float, projection: Projection | int) -> tuple[float, float]:
    """Transform one point from WGS 84 to a projection of VN-2000.

    Units:
        In: degrees. Out: easting, northing in metres.

    Raises:
        KeyError: The SRID is none of VN-2000's projections.
    """
    easting, northing = from_wgs84_array([lon_deg], [lat_deg], projection)
    return float(easting[0]), float(northing[0])


def geographic_to_wgs84(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """Shift one point from VN-2000 in degrees (EPSG 4756) to WGS 84.

    Units:
        Longitude, latitude in degrees.
    """
    lon, lat = _datum_to_wgs84(np.radians(np.array([lon_deg])), np.radians(np.array([lat_deg])))
    return float(np.degrees(lon[0])), float(np.degrees(lat[0]))


def wgs84_to_geographic(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """Shift one point from WGS 84 to VN-2000 in degrees (EPSG 4756).

    Units:
        Longitude, latitude in degrees.
    """
    lon, lat = _datum_from_wgs84(np.radians(np.array([lon_deg])), np.radians(np.array([lat_deg])))
    return float(np.degrees(lon[0])), float(np.degrees(lat[0]))
