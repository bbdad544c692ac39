"""What somebody drew, typed or uploaded, as one shape in WGS 84."""

from __future__ import annotations

import json
from typing import Any, Final

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, LineString, Point, Polygon
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.lib.vn2000 import CoordinateError, parse_coordinate

MOST_BYTES: Final = 1_000_000
MOST_POINTS: Final = 5_000
#: Vietnam with its seas: what lies outside was given in another system of coordinates.
BOUNDS: Final = (102.0, 7.0, 118.0, 24.0)


def shape_from(text: str, file: UploadedFile[Any] | None) -> GEOSGeometry:
    """The shape of a question: a file first, else what was drawn, else typed coordinates.

    Raises:
        InvalidInputError: nothing was given, or it cannot be read.
    """
    if file is not None:
        shape = _from_file(file)
    elif text.strip().startswith("{"):
        shape = _from_json(text)
    elif text.strip():
        shape = _from_text(text)
    else:
        raise InvalidInputError(
            {"shape": _("Hãy bấm lên bản đồ, ghi tọa độ hoặc chọn tệp GeoJSON.")}
        )
    return _checked(shape)


def _from_file(file: UploadedFile[Any]) -> GEOSGeometry:
    if (file.size or 0) > MOST_BYTES:
        raise InvalidInputError({"file": _("Tệp lớn hơn 1 MB; hãy chỉ giữ ranh giới công trình.")})
    try:
        return _from_json(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInputError({"file": _("Tệp không phải GeoJSON.")}) from error


def _from_json(text: str) -> GEOSGeometry:
    try:
        found = _geometries(json.loads(text))
        shapes = [GEOSGeometry(json.dumps(item)) for item in found]
    except (ValueError, KeyError, TypeError, GDALException, GEOSException) as error:
        raise InvalidInputError({"file": _("Không đọc được GeoJSON.")}) from error
    if not shapes:
        raise InvalidInputError({"file": _("Tệp không có hình nào.")})
    shape = shapes[0]
    for other in shapes[1:]:
        shape = shape.union(other)
    return shape


def _geometries(said: Any) -> list[Any]:
    if said["type"] == "FeatureCollection":
        return [g for feature in said["features"] for g in _geometries(feature)]
    if said["type"] == "Feature":
        return [said["geometry"]] if said.get("geometry") else []
    return [said]


def _from_text(text: str) -> GEOSGeometry:
    try:
        best = parse_coordinate(text)[0]
    except CoordinateError as error:
        raise InvalidInputError({"shape": _(error.template) % error.params}) from error
    return Point(best.lon, best.lat, srid=4326)


def _checked(shape: GEOSGeometry) -> GEOSGeometry:
    """A line of three corners and more is the outline of a work."""
    if shape.num_coords > MOST_POINTS:
        raise InvalidInputError({"file": _("Hình có quá nhiều đỉnh (hơn 5.000).")})
    if isinstance(shape, LineString) and shape.num_coords >= 3:
        corners = list(shape.coords) if shape.closed else [*shape.coords, shape.coords[0]]
        if len(corners) >= 4:
            shape = Polygon([corner[:2] for corner in corners], srid=4326)
    if shape.empty:
        raise InvalidInputError({"shape": _("Hình trống.")})
    if not shape.valid:
        shape = shape.buffer(0)
    west, south, east, north = shape.extent
    if west < BOUNDS[0] or south < BOUNDS[1] or east > BOUNDS[2] or north > BOUNDS[3]:
        raise InvalidInputError(
            {"shape": _("Tọa độ nằm ngoài Việt Nam; tệp phải dùng WGS 84 (kinh độ, vĩ độ).")}
        )
    shape.srid = 4326
    return shape
