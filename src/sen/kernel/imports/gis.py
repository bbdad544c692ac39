"""GeoPackage, Shapefile, FileGDB, GeoJSON, FlatGeobuf, KML, MapInfo, DXF and GML through GDAL."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import pyogrio.raw
from django.utils.translation import gettext as _
from pyproj import CRS
from pyproj.exceptions import CRSError

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.content import Content, content_of, refuse, unpacked
from sen.kernel.imports.tables import MAX_ROWS, Table, check_size, too_many_rows
from sen.lib.vn2000 import SRIDS

#: All layers of a drawing together.
EVERY_LAYER: Final = "*"
#: Kinds that carry their coordinate system by definition.
_ALWAYS_WGS84: Final = ("GeoJSON", "GeoJSONSeq", "KML", "LIBKML")


def read_gis(path: Path, layer: str, content: Content) -> Table:
    """One layer of a file, or of the file in an archive.

    Raises:
        InvalidInputError: it is damaged, incomplete, or has no such layer.
    """
    with ExitStack() as stack:
        members: list[str] = []
        if content is Content.ARCHIVE:
            member = layer if Path(layer).suffix else ""
            path, members = stack.enter_context(unpacked(path, member))
            layer = "" if member else layer
            content = Content.GEODATABASE if path.is_dir() else content_of(path)
        if content in (Content.ARCHIVE, Content.SHEET, Content.TEXT):
            raise refuse(_("Tệp bên trong tệp nén không đúng với phần mở rộng của nó."))
        _check_companions(path, content)
        table = _read(path, "" if content is Content.DXF else layer)
        if content is Content.DXF:
            _by_drawing_layer(table, layer)
        if len(members) > 1:
            table.layers = members
            table.layer = member or members[0]
        return table


def _by_drawing_layer(table: Table, asked: str) -> None:
    """A drawing is one table to GDAL; what people call its layers are values of a column."""
    table.srid = None
    if "Layer" not in table.columns:
        return
    at = table.columns.index("Layer")
    names = sorted({str(row[at]) for row in table.rows if row[at] is not None})
    table.layers, table.layer = [EVERY_LAYER, *names], asked or EVERY_LAYER
    if table.layer == EVERY_LAYER:
        return
    if asked not in names:
        raise _no_such_layer(asked, names)
    kept = [place for place, row in enumerate(table.rows) if str(row[at]) == asked]
    table.rows = [table.rows[place] for place in kept]
    table.numbers = [table.numbers[place] for place in kept]
    table.shapes = [table.shapes[place] for place in kept] if table.shapes else []


def _check_companions(path: Path, content: Content) -> None:
    needed = {Content.SHAPEFILE: ".dbf", Content.MAPINFO: _map_companion(path)}.get(content)
    if needed and not any(path.with_suffix(suffix).exists() for suffix in (needed, needed.upper())):
        raise refuse(
            _(
                "Định dạng này gồm nhiều tệp đi cùng nhau (thiếu %(suffix)s); "
                "hãy nén tất cả thành một tệp zip."
            )
            % {"suffix": needed}
        )


def _map_companion(path: Path) -> str:
    return ".mid" if path.suffix.lower() == ".mif" else ".dat"


def _read(path: Path, layer: str) -> Table:
    try:
        layers = [str(name) for name, _kind in pyogrio.list_layers(path)]
        chosen = _chosen(layers, layer)
        info = pyogrio.read_info(path, layer=chosen)
        if info["features"] > MAX_ROWS:
            raise too_many_rows()
        check_size(len(info["fields"]), max(info["features"], 0))
        options = {"DOWNLOAD_SCHEMA": "NO"} if info["driver"] == "GML" else {}
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            meta, _fids, shapes, data = pyogrio.raw.read(
                path,
                layer=chosen,
                force_2d=True,
                datetime_as_string=True,
                max_features=MAX_ROWS + 1,
                **options,
            )
    except (RuntimeError, ValueError, OSError) as error:
        raise refuse(
            _("Không đọc được tệp, có thể tệp bị hỏng hoặc chưa tải lên đầy đủ: %(why)s")
            % {"why": str(error).replace(str(path), path.name)[:200]}
        ) from error
    if any(str(warning.message).startswith("Unsupported geometry") for warning in said):
        # The reader left such shapes out; without them rows would look as if they had none.
        raise refuse(
            _("Tệp có kiểu hình không nhận được; hãy xuất lại thành điểm, đường hoặc vùng.")
        )
    rows = _rows_of(data, len(shapes) if shapes is not None else None)
    if 0 <= info["features"] != len(rows):
        raise refuse(
            _("Tệp bị hỏng: ghi là có %(said)s đối tượng nhưng chỉ đọc được %(read)s.")
            % {"said": info["features"], "read": len(rows)}
        )
    crs = str(meta.get("crs") or "")
    table = Table([str(name) for name in meta["fields"]], rows, layer=chosen, layers=layers)
    table.numbers = list(range(1, len(rows) + 1))
    table.shapes = [None if s is None else bytes(s) for s in shapes] if shapes is not None else []
    table.srid, table.crs = srid_of(crs), crs[:2000]
    if table.srid is None and info["driver"] in _ALWAYS_WGS84:
        table.srid = 4326
    return table


def _chosen(layers: list[str], asked: str) -> str:
    if not layers:
        raise refuse(_("Tệp không có lớp dữ liệu nào."))
    if asked and asked not in layers:
        raise _no_such_layer(asked, layers)
    return asked or layers[0]


def _no_such_layer(asked: str, layers: Sequence[str]) -> InvalidInputError:
    return InvalidInputError(
        {
            "layer": _("Không có lớp “%(name)s”; tệp có: %(names)s.")
            % {"name": asked, "names": ", ".join(layers)}
        }
    )


def _rows_of(data: Sequence[np.ndarray[Any, Any]], count: int | None) -> list[list[Any]]:
    if not data:
        return [[] for _row in range(count or 0)]
    columns = [[_plain(value) for value in column.tolist()] for column in data]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes) or (isinstance(value, float) and np.isnan(value)):
        return None
    return value


def srid_of(text: str) -> int | None:
    """The EPSG code that a file's coordinate system says; None where it says none.

    Software writes VN-2000 with its parameters but without a code: it is known by its central
    meridian and scale. Whether the data then lie in the province is checked in any case.
    """
    authority, _sep, code = text.partition(":")
    if authority.upper() == "EPSG" and code.isdecimal():
        return int(code)
    if not text:
        return None
    try:
        crs = CRS.from_user_input(text)
        found = crs.to_epsg(min_confidence=70)
        projection = crs.to_dict().get("proj") if crs.is_projected else ""
    except CRSError:
        return None
    if found is not None or projection not in ("tmerc", "utm"):
        return found
    return _vn2000_like(crs.to_dict())


def _vn2000_like(said: dict[str, Any]) -> int | None:
    if said["proj"] == "utm":
        meridian, scale = float(said["zone"]) * 6 - 183, 0.9996
    else:
        meridian, scale = float(said.get("lon_0", 0)), float(said.get("k", said.get("k_0", 1)))
    return next(
        (
            srid
            for srid, projection in SRIDS.items()
            if abs(projection.central_meridian_deg - meridian) < 1e-6
            and abs(projection.scale - scale) < 1e-7
        ),
        None,
    )
