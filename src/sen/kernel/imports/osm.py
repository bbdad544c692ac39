"""OpenStreetMap extracts (PBF, XML) as tables: the features that carry an importer's tags.

Data of OpenStreetMap is under the ODbL: the report says so, and the source is to be named where
the data are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import osmium
import osmium.filter
import osmium.geom
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.importer import Importer
from sen.kernel.imports.tables import Table

LICENCE: Final = gettext_lazy("Dữ liệu © những người đóng góp cho OpenStreetMap, giấy phép ODbL.")


def read_osm(path: Path, importer: Importer) -> Table:
    """Features with the importer's tags; columns are ``osm_id`` and every tag that occurs.

    Raises:
        InvalidInputError: the importer takes no OSM data, or the file is damaged.
    """
    if not importer.osm_tags:
        raise InvalidInputError(
            {"file": _("Loại dữ liệu này không nhập được từ tệp OpenStreetMap.")}
        )
    try:
        found = list(_features(path, importer))
    except RuntimeError as error:
        raise InvalidInputError(
            {"file": _("Tệp OpenStreetMap bị hỏng: %(why)s") % {"why": error}}
        ) from error
    if not found:
        wanted = ", ".join(importer.osm_tags)
        raise InvalidInputError(
            {"file": _("Tệp không có đối tượng nào mang thẻ %(tags)s.") % {"tags": wanted}}
        )
    names = sorted({name for _id, tags, _shape in found for name in tags})
    table = Table(["osm_id", *names], [], first_row=1, srid=4326, notes=[str(LICENCE)])
    for osm_id, tags, shape in found:
        table.rows.append([osm_id, *(tags.get(name) for name in names)])
        table.shapes.append(shape)
    return table


def _features(path: Path, importer: Importer) -> Any:
    factory = osmium.geom.WKBFactory()
    reader: Any = osmium.FileProcessor(str(path)).with_locations()
    reader = reader.with_filter(osmium.filter.KeyFilter(*importer.osm_tags))
    if "polygon" in importer.shapes:
        reader = reader.with_areas()
    for thing in reader:
        tags = {tag.k: tag.v for tag in thing.tags}
        if not wanted(importer.osm_tags, tags):
            continue
        shape = _shape(factory, thing, importer.shapes)
        if shape is not None:
            kind = "w" if thing.is_way() else "n" if thing.is_node() else "a"
            yield f"{kind}{thing.id}", tags, shape


def wanted(osm_tags: Mapping[str, Sequence[str]], tags: Mapping[str, str]) -> bool:
    """Whether some tag of a feature has one of the wanted values."""
    return any(
        key in tags and ("*" in values or tags[key] in values) for key, values in osm_tags.items()
    )


def _shape(factory: Any, thing: Any, shapes: frozenset[str]) -> bytes | None:
    try:
        if thing.is_node() and "point" in shapes:
            return bytes.fromhex(factory.create_point(thing))
        if thing.is_way() and "line" in shapes:
            return bytes.fromhex(factory.create_linestring(thing))
        if thing.is_area() and "polygon" in shapes:
            return bytes.fromhex(factory.create_multipolygon(thing))
    except (RuntimeError, osmium.InvalidLocationError):
        return None  # an extract cuts ways at its border
    return None
