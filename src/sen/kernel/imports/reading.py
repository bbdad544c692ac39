"""Any accepted file as a table."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from sen.kernel.imports import osm
from sen.kernel.imports.content import Content, content_of, refuse
from sen.kernel.imports.gis import read_gis
from sen.kernel.imports.importer import Importer
from sen.kernel.imports.tables import Table, read_csv, read_sheet, repair_text


def read_table(path: Path, importer: Importer, *, layer: str = "") -> Table:
    """Read a file by what it is.

    Raises:
        InvalidInputError: the file is of no known kind, empty, damaged or too large.
    """
    content = content_of(path)
    if content in (Content.OSM_PBF, Content.OSM_XML):
        table = osm.read_osm(path, importer, format_name=content.value.removeprefix("osm-"))
    elif content is Content.SHEET:
        table = read_sheet(path, layer)
    elif content is Content.TEXT:
        table = read_csv(path)
    else:
        table = read_gis(path, layer, content)
    if not table.rows:
        raise refuse(_("Tệp không có dòng dữ liệu nào."))
    repair_text(table)
    return table
