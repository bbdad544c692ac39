"""The rows of a layer on the sheet, as pages of a table behind the map."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, last_field, quote, value
from sen.kernel.printing.drawing import BOLD, INK, REGULAR
from sen.kernel.printing.frame import PT_PER_MM
from sen.kernel.printing.furniture import RULE, SOFT
from sen.kernel.printing.paper import MARGIN_MM

MOST_ROWS: Final = 2000
MOST_COLUMNS: Final = 8
ROW_PT: Final = 13.0
SIZE_PT: Final = 7.0


def table_rows(actor: Actor, layer: Layer, ids: list[int]) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of rows, in the order of their ids; masked values are empty."""
    fields = list(layer.fields.items())[:MOST_COLUMNS]
    access = layer.access(actor)
    cells = [value(layer.model, path, access.scopes) for _name, path in fields]
    table = quote(layer.table)
    columns = ", ".join(one.text for one in cells)
    params: list[Any] = [param for one in cells for param in one.params]
    text = f"SELECT {columns} FROM {table} WHERE {table}.id = ANY(%s) ORDER BY {table}.id"  # noqa: S608
    found = read(actor, Sql(text, [*params, ids[:MOST_ROWS]]))
    kinds = [last_field(layer.model, path) for _name, path in fields]
    heads = [_heading(name, kind) for (name, _path), kind in zip(fields, kinds, strict=True)]
    rows = [[_cell(item, kind) for item, kind in zip(row, kinds, strict=True)] for row in found]
    return heads, rows


def _heading(name: str, kind: Any) -> str:
    text = str(kind.verbose_name) if kind is not None else name
    return text[:1].upper() + text[1:]


def _cell(item: Any, kind: Any) -> str:
    if item is None:
        return ""
    choices = dict(kind.flatchoices) if kind is not None and kind.choices else {}
    if item in choices:
        return str(choices[item])
    if isinstance(item, bool):
        return _("có") if item else _("không")
    if isinstance(item, float):
        return f"{item:g}".replace(".", ",")
    return str(item)


def draw_table(
    canvas: Any, size: tuple[float, float], title: str, heads: list[str], rows: list[list[str]]
) -> None:
    """Pages of a table; the columns share the width by what stands in them."""
    width, height = (side * PT_PER_MM for side in size)
    margin = MARGIN_MM * PT_PER_MM
    widths = _widths(canvas, heads, rows, width - 2 * margin)
    per_page = max(1, int((height - 2 * margin - 34) // ROW_PT) - 1)
    pages = max(1, -(-len(rows) // per_page))
    for page in range(pages):
        canvas.setPageSize((width, height))
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 10)
        canvas.drawString(margin, height - margin - 10, title)
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, SIZE_PT)
        canvas.drawRightString(width - margin, height - margin - 10, f"{page + 1}/{pages}")
        y = height - margin - 30
        _line(canvas, margin, y, widths, heads, bold=True)
        for row in rows[page * per_page : (page + 1) * per_page]:
            y -= ROW_PT
            _line(canvas, margin, y, widths, row)
        canvas.showPage()


def _line(
    canvas: Any, x: float, y: float, widths: list[float], cells: list[str], *, bold: bool = False
) -> None:
    font = BOLD if bold else REGULAR
    canvas.setFont(font, SIZE_PT)
    canvas.setFillColor(INK)
    left = x
    for text, wide in zip(cells, widths, strict=True):
        canvas.drawString(left, y, _cut(canvas, text, font, wide - 4))
        left += wide
    canvas.setStrokeColor(INK if bold else RULE)
    canvas.setLineWidth(0.6 if bold else 0.3)
    canvas.line(x, y - 3.5, left, y - 3.5)


def _cut(canvas: Any, text: str, font: str, room: float) -> str:
    if canvas.stringWidth(text, font, SIZE_PT) <= room:
        return text
    while text and canvas.stringWidth(text + "…", font, SIZE_PT) > room:
        text = text[:-1]
    return text + "…"


def _widths(canvas: Any, heads: list[str], rows: list[list[str]], room: float) -> list[float]:
    wanted = []
    for number, head in enumerate(heads):
        cells = [row[number] for row in rows[:200]]
        longest = max((canvas.stringWidth(text, REGULAR, SIZE_PT) for text in cells), default=0)
        wanted.append(min(max(longest, canvas.stringWidth(head, BOLD, SIZE_PT)) + 8, room / 3))
    factor = room / sum(wanted)
    return [one * factor for one in wanted]
