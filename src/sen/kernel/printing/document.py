"""A printed map as a PDF file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo.layers import GeometryKind, visible_layers
from sen.kernel.geo.pictures import Picture, visible_pictures
from sen.kernel.imports.pictures import outline
from sen.kernel.printing.drawing import Pen, prepare_fonts
from sen.kernel.printing.frame import PT_PER_MM, Frame, fitting_scale
from sen.kernel.printing.furniture import Surroundings, draw_furniture
from sen.kernel.printing.grid import draw_grid
from sen.kernel.printing.paper import SCALES, SIZES_MM, Layout, layout
from sen.kernel.printing.reading import MOST_NOW, LayerRows, read_layers
from sen.kernel.printing.request import PrintRequest
from sen.kernel.printing.series import Strip, course_of, strips
from sen.kernel.printing.table import MOST_ROWS, draw_table, table_rows

ORDER: Final = (GeometryKind.POLYGON, GeometryKind.LINE, GeometryKind.POINT)
Progress = Callable[[int, int], None]


def print_map(
    order: PrintRequest,
    actor: Actor,
    *,
    most: int = MOST_NOW,
    progress: Progress | None = None,
    only_first: bool = False,
) -> bytes:
    """The PDF that an order asks for, with what the actor may see.

    Raises:
        TooMuchError: a sheet would hold more than ``most`` rows.
        InvalidInputError, NotFoundError: the line of a series.
    """
    from reportlab.pdfgen.canvas import Canvas

    prepare_fonts()
    plan = layout(order.size, order.orientation)
    buffer = BytesIO()
    size = (plan.width * PT_PER_MM, plan.height * PT_PER_MM)
    canvas = Canvas(buffer, pagesize=size, pageCompression=1)
    canvas.setTitle(order.title)
    canvas.setAuthor(order.maker)
    canvas.setSubject(order.subtitle)
    canvas.setCreator("Sen")
    sheets = _frames(order, actor, plan)
    if only_first:
        sheets = sheets[:1]
    for number, (frame, sheet) in enumerate(sheets, 1):
        others = [one for one, _text in sheets if one is not frame]
        _sheet(canvas, plan, frame, order, actor, _Series(sheet, others), most)
        if progress is not None:
            progress(number, len(sheets))
    canvas.save()
    return buffer.getvalue()


def _frames(order: PrintRequest, actor: Actor, plan: Layout) -> list[tuple[Frame, str]]:
    """The frames of an order with what each sheet of a series is called."""
    if order.along:
        course = course_of(actor, order.along)
        found = strips(course, srid=order.srid, scale=order.scale, room=plan.map)
        return [(strip.frame, _strip_name(strip, len(found))) for strip in found]
    scale = order.scale
    if order.fit is not None:
        scale = fitting_scale(order.fit, plan.map, SCALES, order.srid)
        west, south, east, north = order.fit
        place = ((west + east) / 2, (south + north) / 2)
        return [(Frame.around(*place, scale, plan.map, order.srid), "")]
    return [(Frame.around(order.lon, order.lat, scale, plan.map, order.srid), "")]


def _strip_name(strip: Strip, total: int) -> str:
    where = " – ".join(filter(None, (strip.start, strip.end)))
    return _("Tờ %(n)s/%(total)s: %(where)s") % {
        "n": strip.number,
        "total": total,
        "where": where,
    }


class _Series:
    """A sheet's name and its neighbours."""

    def __init__(self, name: str, others: Sequence[Frame]) -> None:
        self.name = name
        self.others = others


def _sheet(
    canvas: Any,
    plan: Layout,
    frame: Frame,
    order: PrintRequest,
    actor: Actor,
    series: _Series,
    most: int,
) -> None:
    parts = read_layers(frame, actor, order.layers, narrowed=order.narrowed, most=most)
    wanted = [one for one in visible_pictures(actor) if one.id in order.pictures]
    drawn = _map(canvas, frame, parts, wanted)
    draw_grid(canvas, frame, order.grid)
    told = Surroundings(
        order=order,
        parts=_drawing_order(parts)[::-1],
        pictures=[str(one.title) for one in drawn],
        attributions=_attributions(parts, drawn),
        outline=outline(),
        permalink=permalink(order, frame),
        sheet=series.name,
        others=series.others,
    )
    draw_furniture(canvas, plan, frame, told)
    canvas.showPage()
    _table(canvas, order, actor, parts, series.name)


def _map(
    canvas: Any, frame: Frame, parts: Sequence[LayerRows], wanted: Sequence[Picture]
) -> list[Picture]:
    """The map itself, cut to its frame; returns the pictures that lie on it."""
    pen = Pen(canvas, frame)
    room = frame.room
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(*(side * PT_PER_MM for side in (room.x, room.y, room.width, room.height)))
    canvas.clipPath(path, stroke=0, fill=0)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    grounds = [part for part in parts if part.layer.basemap]
    has_province = any(part.layer.name == "basemap_province" for part in grounds)
    pen.background(has_province=has_province)
    for part in grounds:
        if part.layer.geometry_kind != GeometryKind.POINT:
            pen.ground(part, has_province=has_province)
    drawn = [picture for picture in wanted if pen.picture(picture)]
    shown = _drawing_order([part for part in parts if not part.layer.basemap])
    for part in shown:
        pen.layer(part)
    communes = any(part.layer.name == "communes" and part.rows for part in shown)
    for part in grounds:
        # Towns give way to the names of communes, which say the same.
        if part.layer.geometry_kind == GeometryKind.POINT and not communes:
            pen.ground(part, has_province=has_province)
    for part in reversed(shown):
        pen.label(part)
    canvas.restoreState()
    return drawn


def _drawing_order(parts: Sequence[LayerRows]) -> list[LayerRows]:
    """Polygons below lines below points, as on the web map."""
    return sorted(parts, key=lambda part: ORDER.index(part.layer.geometry_kind))


def _attributions(parts: Sequence[LayerRows], drawn: Sequence[Picture]) -> list[str]:
    said = [str(part.layer.attribution) for part in parts if part.rows and part.layer.attribution]
    return [*said, *(picture.attribution for picture in drawn if picture.attribution)]


def permalink(order: PrintRequest, frame: Frame) -> str:
    """The address of the web map that shows what the sheet shows."""
    lon, lat = frame.middle
    public = [layer for layer in visible_layers(ANONYMOUS) if not layer.basemap]
    usual = {layer.name for layer in public if layer.visible}
    changed = {layer.name for layer in public if layer.name in order.layers} != usual
    # What the map shows anyway is not told: a short address makes a code that phones read.
    told = f"&layers={','.join(order.layers)}" if changed else ""
    return f"{order.origin}/ban-do/#map={frame.zoom:.2f}/{lat:.5f}/{lon:.5f}{told}"


def _table(
    canvas: Any, order: PrintRequest, actor: Actor, parts: Sequence[LayerRows], sheet: str
) -> None:
    for part in parts:
        if part.layer.name == order.table and part.rows:
            ids = [row.id for row in part.rows][:MOST_ROWS]
            heads, rows = table_rows(actor, part.layer, ids)
            title = " · ".join(filter(None, (str(part.layer.title), sheet)))
            draw_table(canvas, SIZES_MM[order.size], title, heads, rows)
