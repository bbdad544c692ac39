"""Drawing shapes, pictures and names on a page of PDF."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry as Shape

from sen.kernel.geo.layers import GeometryKind, Layer
from sen.kernel.geo.pictures import Picture, Sheet
from sen.kernel.printing import look
from sen.kernel.printing.frame import PT_PER_MM, Frame
from sen.kernel.printing.names import Names
from sen.kernel.printing.paper import Rect
from sen.kernel.printing.reading import LayerRows, Row
from sen.lib.paper.setting import FONTS

REGULAR: Final = "SenSans"
BOLD: Final = "SenSans-Bold"
#: Resolution of pictures on paper, and the longest side of one.
PICTURE_DPI: Final = 200
LONGEST_PX: Final = 6000
INK: Final = "#1f2724"


@cache
def prepare_fonts() -> None:
    """Give the letters to the PDF library, once a process."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(REGULAR, str(FONTS / "NotoSans-Regular.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "NotoSans-Bold.ttf")))


class Pen:
    """One map on a page: shapes in metres become lines of the page."""

    def __init__(self, canvas: Any, frame: Frame) -> None:
        self.canvas = canvas
        self.frame = frame
        self.zoom = frame.zoom
        self.names = Names(canvas, frame.room)

    # The ground ------------------------------------------------------------------------------

    def background(self, *, has_province: bool) -> None:
        room = self.frame.room
        self.canvas.setFillColor(look.colour("outside" if has_province else "land"))
        self.canvas.rect(*_pt(room), stroke=0, fill=1)

    def ground(self, part: LayerRows, *, has_province: bool) -> None:
        """A layer of the ground, looking as on the web map."""
        name, kind = part.layer.name.removeprefix("basemap_"), part.layer.geometry_kind
        if kind == GeometryKind.POINT:
            self._towns(part)
        elif name == "province":
            self._areas(part, look.colour("land"), look.colour("landLine"), 2)
        elif name == "land":
            fill = look.colour("outside" if has_province else "land")
            self._areas(part, fill, "" if has_province else look.colour("landLine"), 1)
        elif name == "sea" or (name.startswith("water") and kind == GeometryKind.POLYGON):
            self._areas(part, look.colour("water"), "", 0)
        elif name.startswith("water") or name == "rivers":
            self._strokes(part, look.colour("water"), 2.4)
        elif kind == GeometryKind.LINE:
            width = part.layer.style.width or 2
            self._strokes(part, look.colour("casing"), width + 1.4)
            self._strokes(part, look.colour("minor"), width)
        else:
            self._areas(part, "", look.colour("commune"), 1.2)

    def _areas(self, part: LayerRows, fill: str, stroke: str, width: float) -> None:
        for row in part.rows:
            if stroke:
                self.canvas.setStrokeColor(stroke)
                self.canvas.setLineWidth(look.grown(width, "line_growth", self.zoom))
            self.shape(row.shape, fill=fill, stroke=bool(stroke))

    def _strokes(self, part: LayerRows, color: str, width: float) -> None:
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(look.grown(width, "line_growth", self.zoom))
        for row in part.rows:
            self.shape(row.shape, stroke=True)

    def _towns(self, part: LayerRows) -> None:
        for row in part.rows:
            text = look.name_of(part.layer, row)
            x, y = self.frame.on_paper(shapely.get_coordinates(row.shape))[0]
            if text:
                self.names.at(x, y, text, bold=True, size=8, color=look.colour("communeText"))

    # Layers ----------------------------------------------------------------------------------

    def layer(self, part: LayerRows) -> None:
        """A layer of the register of layers, without its names."""
        if part.layer.name == "communes":
            self._communes(part)
        elif part.layer.geometry_kind == GeometryKind.POLYGON:
            self._polygons(part)
        elif part.layer.geometry_kind == GeometryKind.LINE:
            self._lines(part)
        else:
            self._points(part)

    def _communes(self, part: LayerRows) -> None:
        self.canvas.setStrokeColor(look.colour("commune"))
        self.canvas.setLineWidth(0.7)
        self.canvas.setDash([4, 2, 1, 2])
        for row in part.rows:
            self.shape(row.shape, stroke=True)
        self.canvas.setDash()

    def _polygons(self, part: LayerRows) -> None:
        layer = part.layer
        opacity = 0.25 if layer.style.opacity is None else layer.style.opacity
        self.canvas.setLineWidth((layer.style.width or 1.2) * look.PT_PER_PX)
        for row in part.rows:
            color = look.colour_of(layer, row)
            self.canvas.setFillAlpha(opacity)
            self.shape(row.shape, fill=color)
            self.canvas.setFillAlpha(1)
            self.canvas.setStrokeColor(color)
            self.shape(row.shape, stroke=True)

    def _lines(self, part: LayerRows) -> None:
        layer = part.layer
        for casing in (True, False):
            for row in part.rows:
                width = look.width_of(layer, row) + (2 if casing else 0)
                color = look.colour("halo") if casing else look.colour_of(layer, row)
                self.canvas.setStrokeColor(color)
                self.canvas.setLineWidth(look.grown(width, "line_growth", self.zoom))
                self.shape(row.shape, stroke=True)

    def _points(self, part: LayerRows) -> None:
        layer = part.layer
        radius = look.grown(layer.style.radius or 5, "point_growth", self.zoom)
        self.canvas.setStrokeColor(look.colour("point"))
        self.canvas.setLineWidth(0.8)
        for row in part.rows:
            self.canvas.setFillColor(look.colour_of(layer, row))
            for x, y in self.frame.on_paper(shapely.get_coordinates(row.shape)):
                self.canvas.circle(x, y, radius, stroke=1, fill=1)

    # Names -----------------------------------------------------------------------------------

    def label(self, part: LayerRows) -> None:
        """The names of a layer, where there is room for them."""
        layer = part.layer
        starts = 12 if layer.geometry_kind == GeometryKind.POINT else 9
        if not layer.style.label_field or self.zoom + 1 < starts:
            return
        for row in part.rows:
            text = look.name_of(layer, row)
            if text:
                self._label(layer, row, text)

    def _label(self, layer: Layer, row: Row, text: str) -> None:
        color = look.colour("text")
        if layer.geometry_kind == GeometryKind.POINT:
            x, y = self.frame.on_paper(shapely.get_coordinates(row.shape))[0]
            gap = look.grown(layer.style.radius or 5, "point_growth", self.zoom) + 1.5
            self.names.beside(x, y, gap, text, color=color)
        elif layer.geometry_kind == GeometryKind.LINE:
            placed = self._along(row.shape)
            if placed is not None:
                x, y, angle, length = placed
                self.names.along(x, y, angle, length, text, color=color)
        else:
            inside = self._visible(row.shape)
            if inside is not None:
                point = shapely.point_on_surface(inside)
                x, y = self.frame.on_paper([(point.x, point.y)])[0]
                soft = layer.name == "communes"
                color = look.colour("communeText") if soft else color
                self.names.at(x, y, text, size=7.5, color=color)

    def _visible(self, shape: Shape) -> Shape | None:
        inside = shapely.clip_by_rect(shape, *self.frame.bounds)
        return None if inside.is_empty else inside

    def _along(self, shape: Shape) -> tuple[float, float, float, float] | None:
        """The middle of the longest piece, its direction and its length in points."""
        inside = self._visible(shape)
        if inside is None:
            return None
        line = max(shapely.get_parts(inside), key=shapely.length)
        middle = line.interpolate(0.5, normalized=True)
        near = max(line.length * 0.04, self.frame.scale * 0.003)
        at = line.project(middle)
        a, b = line.interpolate(max(0, at - near)), line.interpolate(at + near)
        angle = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
        if not -90 <= angle <= 90:
            angle -= math.copysign(180, angle)
        x, y = self.frame.on_paper([(middle.x, middle.y)])[0]
        return x, y, angle, line.length / self.frame.scale * 1000 * PT_PER_MM

    # Shapes ----------------------------------------------------------------------------------

    def shape(self, shape: Shape, *, fill: str = "", stroke: bool = False) -> None:
        """Lines and outlines of any shape; holes stay open."""
        path = self.canvas.beginPath()
        for points, closed in _rings(shape):
            placed = self.frame.on_paper(points)
            path.moveTo(*placed[0])
            for x, y in placed[1:]:
                path.lineTo(x, y)
            if closed:
                path.close()
        if fill:
            self.canvas.setFillColor(fill)
        self.canvas.drawPath(path, stroke=int(stroke), fill=int(bool(fill)), fillMode=0)

    def picture(self, picture: Picture) -> bool:
        """A raster below the layers; whether anything of it lies here."""
        from reportlab.lib.utils import ImageReader

        room = self.frame.room
        dots = min(PICTURE_DPI / 25.4, LONGEST_PX / max(room.width, room.height))
        sheet = Sheet(
            self.frame.srid,
            self.frame.bounds,
            round(room.width * dots),
            round(room.height * dots),
        )
        content = picture.paint(sheet)
        if content is None:
            return False
        self.canvas.saveState()
        self.canvas.setFillAlpha(picture.opacity)
        self.canvas.drawImage(ImageReader(BytesIO(content)), *_pt(room), mask="auto")
        self.canvas.restoreState()
        return True


def _rings(shape: Shape) -> Iterable[tuple[Any, bool]]:
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON:
            for ring in shapely.get_rings(part):
                yield shapely.get_coordinates(ring), True
        elif shapely.get_dimensions(part) == 1:
            yield shapely.get_coordinates(part), False


def _pt(rect: Rect) -> tuple[float, float, float, float]:
    return (
        rect.x * PT_PER_MM,
        rect.y * PT_PER_MM,
        rect.width * PT_PER_MM,
        rect.height * PT_PER_MM,
    )
