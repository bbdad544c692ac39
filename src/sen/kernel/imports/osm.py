"""OpenStreetMap extracts (PBF, XML) as tables: the features that carry an importer's tags.

Data of OpenStreetMap is under the ODbL: the report says so, and the source is to be named where
the data are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import osmium
import osmium.filter
import osmium.geom
import osmium.io
import osmium.osm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.kernel.errors import InvalidInputError
from sen.kernel.imports.importer import Importer
from sen.kernel.imports.tables import MAX_ROWS, Table, too_many_rows

LICENCE: Final = gettext_lazy("Dữ liệu © những người đóng góp cho OpenStreetMap, giấy phép ODbL.")


def read_osm(
    path: Path,
    tags: Mapping[str, Sequence[str]],
    shapes: AbstractSet[str],
    *,
    format_name: str = "pbf",
) -> Table:
    """Features with one of the tags, as ``id`` and all their tags.

    Of a relation (tag ``type``) the members stand beside its tags under their roles, as ``w12``;
    its place is that of its node.

    Raises:
        InvalidInputError: the file is damaged, or has no such feature.
    """
    table = Table(["osm_id", "tags"], [], srid=4326)
    source = osmium.io.File(str(path), format_name)
    features = _relations(source, tags) if "type" in tags else _features(source, tags, shapes)
    try:
        for osm_id, found, shape in features:
            table.rows.append([osm_id, found])
            table.shapes.append(shape)
            if len(table.rows) > MAX_ROWS:
                raise too_many_rows()
    except (RuntimeError, ValueError, OSError) as error:
        raise InvalidInputError(
            {"file": _("Tệp OpenStreetMap bị hỏng: %(why)s") % {"why": error}}
        ) from error
    if not table.rows:
        raise InvalidInputError(
            {"file": _("Tệp không có đối tượng nào mang thẻ %(tags)s.") % {"tags": ", ".join(tags)}}
        )
    return table


def as_table(read: Table, importer: Importer) -> Table:
    """The features in the columns that an importer makes of them; those it leaves out are gone."""
    table = Table([], [], srid=4326, notes=[str(LICENCE)])
    found: list[Mapping[str, Any]] = []
    for (osm_id, tags), shape in zip(read.rows, read.shapes, strict=True):
        cells = importer.osm_cells(osm_id, tags)
        if cells is not None:
            found.append(cells)
            table.shapes.append(shape)
    table.columns = sorted({name for cells in found for name in cells})
    table.rows = [[cells.get(name) for name in table.columns] for cells in found]
    table.numbers = list(range(1, len(found) + 1))
    return table


def _features(
    source: Any, osm_tags: Mapping[str, Sequence[str]], shapes: AbstractSet[str]
) -> Iterator[tuple[str, dict[str, str], bytes]]:
    factory = osmium.geom.WKBFactory()
    reader: Any = osmium.FileProcessor(source).with_locations()
    reader = reader.with_filter(osmium.filter.KeyFilter(*osm_tags))
    if "polygon" in shapes:
        reader = reader.with_areas()
    for thing in reader:
        tags = {tag.k: tag.v for tag in thing.tags}
        if not wanted(osm_tags, tags):
            continue
        shape = _shape(factory, thing, shapes)
        if shape is not None:
            kind = "w" if thing.is_way() else "n" if thing.is_node() else "a"
            yield f"{kind}{thing.id}", tags, shape


def _relations(
    source: Any, osm_tags: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Relations that join two ways at one node; those with several members of a role are left."""
    factory = osmium.geom.WKBFactory()
    found: list[tuple[str, dict[str, str], int]] = []
    relations: Any = osmium.FileProcessor(source, osmium.osm.RELATION)
    for thing in relations.with_filter(osmium.filter.KeyFilter(*osm_tags)):
        tags = {tag.k: tag.v for tag in thing.tags}
        roles: dict[str, str] = {}
        for member in thing.members:
            roles[member.role] = "" if member.role in roles else f"{member.type}{member.ref}"
        nodes = [ref for ref in roles.values() if ref.startswith("n")]
        if wanted(osm_tags, tags) and len(nodes) == 1 and all(roles.values()):
            found.append((f"r{thing.id}", tags | roles, int(nodes[0][1:])))
    nodes_read: Any = osmium.FileProcessor(source, osmium.osm.NODE)
    wanted_nodes = osmium.filter.IdFilter([node for _id, _tags, node in found])
    places = {
        node.id: bytes.fromhex(factory.create_point(node))
        for node in nodes_read.with_filter(wanted_nodes)
    }
    for osm_id, tags, node in found:
        if node in places:  # an extract cuts relations at its border
            yield osm_id, tags, places[node]


def wanted(osm_tags: Mapping[str, Sequence[str]], tags: Mapping[str, str]) -> bool:
    """Whether some tag of a feature has one of the wanted values."""
    return any(
        key in tags and ("*" in values or tags[key] in values) for key, values in osm_tags.items()
    )


def _shape(factory: Any, thing: Any, shapes: AbstractSet[str]) -> bytes | None:
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
