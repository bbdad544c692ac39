"""Any accepted file as a table, read in this process: what the disposable one does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from sen.kernel.imports.content import Content, content_of
from sen.kernel.imports.tables import Table, read_csv


def read_file(
    path: Path, layer: str = "", *, tags: Mapping[str, Sequence[str]], shapes: AbstractSet[str]
) -> Table:
    """Read a file by what it is. ``tags`` and ``shapes`` are of the importer, for OpenStreetMap.

    Raises:
        InvalidInputError: the file is of no known kind, damaged or too large.
    """
    content = content_of(path)
    if content in (Content.OSM_PBF, Content.OSM_XML):
        from sen.kernel.imports.osm import read_osm

        return read_osm(path, tags, shapes, format_name=content.value.removeprefix("osm-"))
    if content is Content.SHEET:
        from sen.kernel.imports.sheets import read_sheet

        return read_sheet(path, layer)
    if content is Content.TEXT:
        return read_csv(path)
    from sen.kernel.imports.gis import read_gis

    return read_gis(path, layer, content)
