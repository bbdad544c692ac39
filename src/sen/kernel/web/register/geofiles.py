"""Rows as files of geographic systems beside GeoPackage: FlatGeobuf, KML, Shapefile."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from sen.kernel.web.register.sheets import Cells, array_of, multiple, of_one_type
from sen.lib.text import slugify

#: A shapefile holds one kind of geometry: what each kind is called in the archive.
_PARTS: Final[Mapping[int, tuple[str, str]]] = {
    0: ("diem", "MultiPoint"),
    1: ("duong", "MultiLineString"),
    2: ("vung", "MultiPolygon"),
}
#: dBASE: characters of a field's name.
_NAME: Final = 10

Feature = tuple[bytes | None, Cells]


def fgb_file(layer: str, names: Sequence[str], features: Iterable[Feature]) -> bytes:
    """FlatGeobuf; rows without geometry are left out, it knows none."""
    return _one_file("FlatGeobuf", "export.fgb", layer, names, features)


def kml_file(layer: str, names: Sequence[str], features: Iterable[Feature]) -> bytes:
    """KML; the column ``name`` becomes the label of the placemark."""
    labelled = ["Name" if name == "name" else name for name in names]
    return _one_file("KML", "export.kml", layer, labelled, features)


def shapefile_zip(layer: str, names: Sequence[str], features: Iterable[Feature]) -> bytes:
    """A zip of one shapefile for each kind of geometry that occurs, in UTF-8.

    Names of fields are cut to ten characters; ``truong.csv`` in the archive says which is which.
    """
    by_kind: defaultdict[int, list[tuple[bytes, Cells]]] = defaultdict(list)
    for shape, cells in features:
        if shape is not None:
            by_kind[int(shapely.get_dimensions(shapely.from_wkb(shape)))].append((shape, cells))
    short = _short_names(names)
    buffer = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for kind, rows in sorted(by_kind.items()):
            part, geometry_type = _PARTS[kind]
            path = Path(folder) / f"{slugify(layer)}_{part}.shp"
            wkb = shapely.to_wkb([multiple(shapely.from_wkb(shape)) for shape, _cells in rows])
            _write(path, "ESRI Shapefile", part, short, wkb, rows, geometry_type, encoding="UTF-8")
        for file in sorted(Path(folder).iterdir()):
            archive.write(file, file.name)
        pairs = [f"{new},{old}" for new, old in zip(short, names, strict=True)]
        archive.writestr("truong.csv", "\ufeff" + "\n".join(pairs))
    return buffer.getvalue()


def _short_names(names: Sequence[str]) -> list[str]:
    """Ten characters each, still distinct."""
    made: list[str] = []
    for name in names:
        short, number = name[:_NAME], 1
        while short in made:
            number += 1
            short = f"{name[: _NAME - len(str(number))]}{number}"
        made.append(short)
    return made


def _one_file(
    driver: str, name: str, layer: str, names: Sequence[str], features: Iterable[Feature]
) -> bytes:
    rows = [(shape, cells) for shape, cells in features if shape is not None]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        kind, wkb = of_one_type([shape for shape, _cells in rows])
        _write(path, driver, layer, names, wkb, rows, kind)
        return path.read_bytes()


def _write(
    path: Path,
    driver: str,
    layer: str,
    names: Sequence[str],
    wkb: Any,
    rows: Sequence[tuple[bytes, Cells]],
    geometry_type: str,
    **options: Any,
) -> None:
    import pyogrio.raw  # heavy, and few ask for files

    columns = [array_of([cells[place] for _shape, cells in rows]) for place in range(len(names))]
    pyogrio.raw.write(
        path,
        geometry=wkb,
        field_data=columns,
        fields=np.array(list(names), dtype=object),
        layer=layer,
        driver=driver,
        geometry_type=geometry_type,
        crs="EPSG:4326",
        **options,
    )
