"""What stands around a printed map: title, legend, scale, north, overview, source, stamp."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from sen.kernel.geo.config import legend
from sen.kernel.geo.layers import GeometryKind
from sen.kernel.printing import look
from sen.kernel.printing.drawing import BOLD, INK, REGULAR
from sen.kernel.printing.frame import PT_PER_MM, Frame
from sen.kernel.printing.paper import Layout, Rect
from sen.kernel.printing.reading import LayerRows
from sen.kernel.printing.request import PrintRequest
from sen.lib.vn2000 import SRIDS, from_wgs84_array

SOFT: Final = "#5c6763"
RULE: Final = "#b9c1bd"
LINE_PT: Final = 8.6
TIGHT_PT: Final = 6.0
PARTS: Final = 4


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the furniture of a sheet tells.

    ``outline``: rings of the province in degrees; ``others``: frames of the series around this.
    """

    order: PrintRequest
    parts: Sequence[LayerRows]
    pictures: Sequence[str]
    attributions: Sequence[str]
    outline: Sequence[Any]
    permalink: str
    sheet: str = ""
    others: Sequence[Frame] = ()


def mm(value: float) -> float:
    return value * PT_PER_MM


def draw_furniture(canvas: Any, plan: Layout, frame: Frame, told: Surroundings) -> None:
    """Everything but the map."""
    _title(canvas, plan, told)
    for room, draw in _places(plan, stamp=told.order.stamp):
        draw(canvas, room, frame, told)


def _places(plan: Layout, *, stamp: bool) -> list[tuple[Rect, Any]]:
    """The boxes of the furniture: a column on the right, or columns below the map."""
    room = plan.furniture
    if plan.is_wide:
        low = room.y + (28 if stamp else 0)
        facts = Rect(room.x, low, room.width, 36)
        scale = Rect(room.x, facts.top + 2, room.width, 17)
        over = Rect(room.x, scale.top + 2, room.width, 34)
        keys = Rect(room.x, over.top + 2, room.width, room.top - over.top - 2)
        found = [(keys, _legend), (over, _overview), (scale, _scale), (facts, _facts)]
        return [*found, (Rect(room.x, room.y, room.width, 26), _stamp)] if stamp else found
    third = (room.width - 8) / 3
    middle = Rect(room.x + third + 4, room.y, third, room.height)
    right = Rect(middle.right + 4, room.y, third, room.height)
    scale = Rect(middle.x, room.top - 17, third, 17)
    over = Rect(middle.x, room.y, third, scale.y - room.y - 2)
    low = room.y + (20 if stamp else 0)
    facts = Rect(right.x, low, third, room.top - low)
    keys = Rect(room.x, room.y, third, room.height)
    found = [(keys, _legend), (over, _overview), (scale, _scale), (facts, _facts)]
    return [*found, (Rect(right.x, room.y, third, 18), _stamp)] if stamp else found


def _title(canvas: Any, plan: Layout, told: Surroundings) -> None:
    room, order = plan.title, told.order
    middle = mm(room.x + room.width / 2)
    canvas.setFillColor(INK)
    size = _fitting(canvas, order.title.upper(), BOLD, 15, mm(room.width))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(middle, mm(room.y + 8.2), order.title.upper())
    below = " · ".join(filter(None, (order.subtitle, told.sheet)))
    if below:
        canvas.setFillColor(SOFT)
        canvas.setFont(REGULAR, _fitting(canvas, below, REGULAR, 10, mm(room.width)))
        canvas.drawCentredString(middle, mm(room.y + 2.4), below)


def _heading(canvas: Any, room: Rect, text: str) -> float:
    """A heading with a rule; returns where the next line stands."""
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 7)
    top = mm(room.top)
    canvas.drawString(mm(room.x), top - 7, text.upper())
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(mm(room.x), top - 10, mm(room.right), top - 10)
    return top - 10 - LINE_PT


def _legend(canvas: Any, room: Rect, frame: Frame, told: Surroundings) -> None:
    """What is really on the sheet, no more."""
    y = _heading(canvas, room, _("Chú giải"))
    entries: list[tuple[GeometryKind | None, str, str]] = []
    hidden: list[str] = []
    for part in told.parts:
        if part.layer.basemap:
            continue
        if part.too_small:
            hidden.append(str(part.layer.title))
        elif part.rows:
            entries += _entries(part)
    for title in told.pictures:
        entries.append((None, "#8a8f8d", title))
    remarks: list[str] = []
    if hidden:
        text = _("Tỷ lệ này quá nhỏ để vẽ: %(layers)s") % {"layers": ", ".join(hidden)}
        remarks = _wrapped(canvas, text, 5.5, mm(room.width))[:4]
    lowest = mm(room.y)
    # A long legend is set closer before anything of it is left out.
    line = max(TIGHT_PT, min(LINE_PT, (y - lowest) / max(1, len(entries) + len(remarks))))
    for number, (kind, color, text) in enumerate(entries):
        if y - line < lowest and number < len(entries) - 1:
            remarks = [_("và %(n)s mục khác") % {"n": len(entries) - number}, *remarks]
            break
        _sample(canvas, mm(room.x), y, kind, color)
        _text(canvas, mm(room.x) + 20, y, text, mm(room.width) - 20, size=line * 0.76)
        y -= line
    for text in remarks:
        _text(canvas, mm(room.x), y, text, mm(room.width), color=SOFT, size=5.5)
        y -= min(line, 7)


def _entries(part: LayerRows) -> list[tuple[GeometryKind | None, str, str]]:
    """Colours of the layer that some row on the sheet has."""
    layer = part.layer
    used = {look.colour_of(layer, row) for row in part.rows}
    told = [one for one in legend(layer) if one["color"] in used]
    if layer.style.by is None or len(told) < 2:
        color = told[0]["color"] if told else layer.style.color
        label = str(layer.title)
        if layer.style.by is not None and told:
            label = f"{layer.title}: {told[0]['label']}"
        return [(layer.geometry_kind, color, label)]
    return [(layer.geometry_kind, one["color"], f"{layer.title}: {one['label']}") for one in told]


def _sample(canvas: Any, x: float, y: float, kind: GeometryKind | None, color: str) -> None:
    canvas.setFillColor(color)
    canvas.setStrokeColor(color)
    if kind == GeometryKind.POINT:
        canvas.circle(x + 7, y + 2.3, 2.6, stroke=0, fill=1)
    elif kind == GeometryKind.LINE:
        canvas.setLineWidth(1.8)
        canvas.line(x, y + 2.3, x + 14, y + 2.3)
    else:
        canvas.setLineWidth(0.7)
        canvas.setFillAlpha(0.3 if kind else 0.8)
        canvas.rect(x, y - 0.6, 14, 6, stroke=1, fill=1)
        canvas.setFillAlpha(1)


def _overview(canvas: Any, room: Rect, frame: Frame, told: Surroundings) -> None:
    """The province with this sheet in it, and the other sheets of a series."""
    y = _heading(canvas, room, _("Vị trí tờ bản đồ"))
    high = y + LINE_PT - 4 - mm(room.y)
    rings = [
        shapely.LinearRing(list(zip(*from_wgs84_array(r[:, 0], r[:, 1], frame.srid), strict=True)))
        for r in told.outline
        if len(r) > 3
    ]
    boxes = [shapely.box(*one.bounds) for one in (*told.others, frame)]
    west, south, east, north = shapely.total_bounds([*rings, *boxes])
    factor = min(mm(room.width) / (east - west), high / (north - south))
    left = mm(room.x) + (mm(room.width) - (east - west) * factor) / 2
    base = mm(room.y) + (high - (north - south) * factor) / 2

    def place(shape: Any) -> Any:
        path = canvas.beginPath()
        points = (shapely.get_coordinates(shape) - [west, south]) * factor + [left, base]
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        path.close()
        return path

    canvas.setLineWidth(0.4)
    canvas.setStrokeColor(look.colour("landLine"))
    canvas.setFillColor(look.colour("land"))
    for ring in rings:
        canvas.drawPath(place(ring), stroke=1, fill=1)
    canvas.setStrokeColor(SOFT)
    for box in boxes[:-1]:
        canvas.drawPath(place(box), stroke=1, fill=0)
    canvas.setStrokeColor(look.colour("mark"))
    canvas.setLineWidth(1)
    canvas.drawPath(place(boxes[-1]), stroke=1, fill=0)
    if boxes[-1].area * factor**2 < 30:
        centre = boxes[-1].centroid
        x, y = left + (centre.x - west) * factor, base + (centre.y - south) * factor
        canvas.circle(x, y, 4, stroke=1, fill=0)


def bar_m(scale: float, room_mm: float) -> float:
    """The length of a scale bar: a round number of metres that fits."""
    most = room_mm * scale / 1000
    power: float = 10.0 ** math.floor(math.log10(most))
    return max(power * n for n in (1, 2, 4, 5) if power * n <= most)


def _scale(canvas: Any, room: Rect, frame: Frame, told: Surroundings) -> None:
    """The scale as a number and as a bar, and which way is north."""
    arrow = mm(9)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 9)
    canvas.drawString(mm(room.x), mm(room.top) - 9, f"{_('Tỷ lệ')} {scale_text(frame.scale)}")
    length = bar_m(frame.scale, room.width - 20)
    wide = mm(length / frame.scale * 1000)
    base, high = mm(room.top) - 22, 4.0
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.5)
    for number in range(PARTS):
        canvas.setFillColor(INK if number % 2 == 0 else "#ffffff")
        canvas.rect(mm(room.x) + wide / PARTS * number, base, wide / PARTS, high, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(REGULAR, 5.5)
    unit, per = ("km", 1000.0) if length >= 2000 else ("m", 1.0)
    for number in (0, PARTS // 2, PARTS):
        value = f"{length * number / PARTS / per:g}".replace(".", ",")
        text = f"{value} {unit}" if number == PARTS else value
        canvas.drawCentredString(mm(room.x) + wide / PARTS * number, base - 7, text)
    canvas.setFillColor(SOFT)
    canvas.drawString(
        mm(room.x),
        base - 16,
        _("Bắc lưới; lệch bắc thực %(angle)s") % {"angle": _angle(frame.convergence_deg)},
    )
    _north(canvas, mm(room.right) - arrow / 2, mm(room.top) - 30)


def scale_text(scale: float) -> str:
    return f"1:{scale:,.0f}".replace(",", ".")


def _angle(degrees: float) -> str:
    minutes = round(abs(degrees) * 60)
    sign = "-" if degrees < 0 else "+"
    return f"{sign}{minutes // 60}°{minutes % 60:02d}′"


def _north(canvas: Any, x: float, y: float) -> None:
    canvas.setFillColor(INK)
    canvas.setStrokeColor(INK)
    path = canvas.beginPath()
    path.moveTo(x, y + 22)
    path.lineTo(x - 6, y)
    path.lineTo(x, y + 5)
    path.close()
    canvas.drawPath(path, stroke=1, fill=1)
    path = canvas.beginPath()
    path.moveTo(x, y + 22)
    path.lineTo(x + 6, y)
    path.lineTo(x, y + 5)
    path.close()
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setFont(BOLD, 8)
    canvas.drawCentredString(x, y + 24, "B")


def _facts(canvas: Any, room: Rect, frame: Frame, told: Surroundings) -> None:
    """Where the data come from, who made the sheet and when, and the way back to the live map."""
    y = _heading(canvas, room, _("Thông tin"))
    side = 19.0
    projection = SRIDS[frame.srid]
    lines = [
        f"{projection.name} (EPSG:{frame.srid})",
        _("Tỷ lệ đúng khi in 100 %% khổ %(size)s") % {"size": told.order.size},
        _("In lúc %(when)s") % {"when": date_format(localtime(), "d/m/Y H:i")},
    ]
    if told.order.maker:
        lines.append(_("Người lập: %(name)s") % {"name": told.order.maker})
    sources = "; ".join(dict.fromkeys(told.attributions)) or _("Cơ sở dữ liệu hạ tầng giao thông")
    lines.append(_("Nguồn: %(sources)s") % {"sources": sources})
    narrow = mm(room.width - side - 3)
    low = mm(room.y)
    for text in lines:
        for piece in _wrapped(canvas, text, 6, narrow):
            if y >= low:
                canvas.setFillColor(INK)
                canvas.setFont(REGULAR, 6)
                canvas.drawString(mm(room.x), y, piece)
                y -= 7.6
    _qr(canvas, Rect(room.right - side, room.top - side - 5, side, side), told.permalink)


def _qr(canvas: Any, room: Rect, text: str) -> None:
    import segno

    modules = [list(row) for row in segno.make(text, error="l", micro=False).matrix]
    cell = mm(room.width) / len(modules)
    canvas.setFillColor("#000000")
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                x, y = mm(room.x) + column * cell, mm(room.top) - (row + 1) * cell
                canvas.rect(x, y, cell, cell, stroke=0, fill=1)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 5)
    canvas.drawRightString(mm(room.right), mm(room.y) - 6, _("Mở bản đồ trực tuyến"))


def _stamp(canvas: Any, room: Rect, frame: Frame, told: Surroundings) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.rect(mm(room.x), mm(room.y), mm(room.width), mm(room.height), stroke=1, fill=0)
    canvas.setFillColor(SOFT)
    canvas.setFont(REGULAR, 6)
    canvas.drawCentredString(
        mm(room.x + room.width / 2), mm(room.top) - 8, _("Xác nhận của cơ quan (ký, đóng dấu)")
    )


def _fitting(canvas: Any, text: str, font: str, size: float, room: float) -> float:
    wide = float(canvas.stringWidth(text, font, size))
    return size if wide <= room else max(5.0, size * room / wide)


def _text(
    canvas: Any,
    x: float,
    y: float,
    text: str,
    room: float,
    *,
    color: str = INK,
    size: float = 6.5,
) -> None:
    canvas.setFillColor(color)
    canvas.setFont(REGULAR, _fitting(canvas, text, REGULAR, size, room))
    canvas.drawString(x, y, text)


def _wrapped(canvas: Any, text: str, size: float, room: float) -> list[str]:
    lines, held = [], ""
    for word in text.split():
        longer = f"{held} {word}".strip()
        if held and canvas.stringWidth(longer, REGULAR, size) > room:
            lines.append(held)
            held = word
        else:
            held = longer
    return [*lines, held] if held else lines
