"""Segmentations as pages, strip charts, maps and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sen.domains.network.models import Road, SideOfRoad
from sen.domains.network.segmentation import SCALE, Across, Segment
from sen.domains.network.selectors.lrs import label
from sen.domains.network.selectors.segment_question import Asked, read_question
from sen.domains.network.selectors.segment_rows import (
    Line,
    column_names,
    file_cells,
    found_lines,
    value_text,
)
from sen.domains.network.selectors.segments import (
    STEPS_M,
    LayerChoice,
    Question,
    RoadRows,
    plain,
    segment_roads,
    segment_shapes,
)
from sen.domains.network.web.diagram_data import legend_of
from sen.domains.network.web.strip_form import layer_fields, titles
from sen.kernel.access.middleware import actor_of
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.numbers import number_text
from sen.kernel.web.register import sheets
from sen.kernel.web.register.links import PUBLIC, base_of, with_query
from sen.kernel.web.register.views import needs_sign_in, shell_of, to_sign_in
from sen.kernel.web.tracks import Mark

PAGE_ROWS: Final = 200
#: More lines than this are asked for as a file: a browser would draw them too slowly.
MAP_ROWS: Final = 12_000
PLAIN_COLOR: Final = "#5b7fa6"
NO_COLOR: Final = "#b9b4a8"
FILE_NAME: Final = "phan-doan"


def side_words() -> dict[str, str]:
    return {str(code): str(title) for code, title in SideOfRoad.choices}


def color_of(layer: LayerChoice, value: Any) -> str:
    """The colour of a value on the map and in the strip chart."""
    if value is None or value == []:
        return NO_COLOR
    first = value[0] if isinstance(value, list) else value
    is_number = isinstance(first, (int, float))
    mark = Mark(0, 0, 0, number=first if is_number else None, text="" if is_number else first)
    return layer.track.color_of(mark) or PLAIN_COLOR


def values_of(question: Question, row: Segment) -> list[Any]:
    return [
        plain(row.figures[number].by(layer.rule)) for number, layer in enumerate(question.layers)
    ]


@require_safe
def segments_page(request: HttpRequest) -> HttpResponse:
    """The form, and what it asks for as table, strip chart and map."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor, query = actor_of(request), request.GET
    base = base_of(request)
    context: dict[str, Any] = {
        "shell": shell_of(request),
        "is_public": base == PUBLIC,
        "base": base,
        "page_title": _("Phân đoạn động"),
        "layers": layer_fields(query),
        "classes": Road.Manager.choices,
        "steps": [
            *((str(step), f"{step} m") for step in STEPS_M),
            ("change", _("tại mỗi thay đổi")),
        ],
        "acrosses": [
            (Across.ROAD.value, _("cả mặt cắt ngang")),
            (Across.SIDE.value, _("từng bên")),
            (Across.LANE.value, _("từng bên và làn")),
        ],
        "given": {
            "road": ", ".join(query.getlist("road")),
            "class": query.get("class", ""),
            "step": query.get("step", "100"),
            "across": query.get("across", Across.ROAD.value),
            "on": query.get("on", "") or timezone.localdate().isoformat(),
            "from": query.get("from", ""),
            "to": query.get("to", ""),
        },
        "is_asked": bool(query.getlist("layer")) or "road" in query,
    }
    status = 200
    if context["is_asked"]:
        try:
            asked = read_question(actor, query)
            found = list(segment_roads(actor, roads=asked.roads, question=asked.question))
            context |= _results(request, asked, found)
        except InvalidInputError as error:
            context["error"], status = error, error.status
    return render(request, "network/segments.html", context, status=status)


def _results(request: HttpRequest, asked: Asked, found: list[RoadRows]) -> dict[str, Any]:
    lines = found_lines(found)
    question, query = asked.question, request.GET
    pages = max((len(lines) + PAGE_ROWS - 1) // PAGE_ROWS, 1)
    text = query.get("page", "1")
    page = min(max(int(text) if text.isdecimal() and len(text) < 7 else 1, 1), pages)
    shown = lines[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    strips = [one.road for one in found][:40]
    picked = query.get("strip", "")
    strip = next((road for road in strips if str(road.pk) == picked), strips[0] if strips else None)
    return {
        "found": True,
        "headers": titles(question.layers),
        "rows": [_cells(question, line) for line in shown],
        "has_sides": question.across is not Across.ROAD,
        "has_lanes": question.across is Across.LANE,
        "count": len(lines),
        "summary": _summary(question, lines),
        "strip": strip,
        "strips": [{"road": road, "url": with_query(query, strip=str(road.pk))} for road in strips],
        "strip_query": with_query(query, strip=str(strip.pk) if strip else None),
        "query": query.urlencode(),
        "too_many_for_map": len(lines) > MAP_ROWS,
        "legend": _legend(question, query.get("color", "")),
        "previous": with_query(query, page=str(page - 1)) if page > 1 else "",
        "next": with_query(query, page=str(page + 1)) if page < pages else "",
        "pager": _("Trang %(page)s trên %(pages)s") % {"page": page, "pages": pages},
    }


def _cells(question: Question, line: Line) -> dict[str, Any]:
    cells = []
    heads = titles(question.layers)
    for number, layer in enumerate(question.layers):
        value = plain(line.row.figures[number].by(layer.rule))
        part = line.row.coverage(number)
        cells.append(
            {
                "head": heads[number],
                "text": value_text(layer, value),
                "is_number": layer.track.is_number,
                "color": color_of(layer, value),
                "part": f"{round(float(part) * 100)} %" if 0 < part < 1 else "",
            }
        )
    return {
        "road": line.road,
        "from": label(line.from_m),
        "to": label(line.to_m),
        "length": number_text(round(line.row.length_mm / SCALE, 1)),
        "side": side_words()[line.row.side.value],
        "lane": line.row.lane or _("tất cả"),
        "cells": cells,
    }


def _summary(question: Question, lines: Sequence[Line]) -> list[dict[str, str]]:
    """Of each layer: how much of the length is known, the mean, or what there is most of."""
    whole = sum(line.row.length_mm * line.row.cells for line in lines)
    made = []
    for number, layer in enumerate(question.layers):
        figures = [line.row.figures[number] for line in lines]
        covered = sum(figure.covered for figure in figures)
        weight = sum(figure.weight for figure in figures)
        made.append(
            {
                "title": str(layer.track.title),
                "known": f"{round(covered * 100 / whole)} %" if whole else "–",
                "said": _said(layer, [f.area for f in figures], weight, figures),
            }
        )
    return made


def _said(layer: LayerChoice, areas: list[int], weight: int, figures: Sequence[Any]) -> str:
    if not weight:
        return _("chưa có dữ liệu")
    if layer.track.is_number:
        mean = plain(Fraction(sum(areas), weight))
        return _("trung bình %(mean)s %(unit)s") % {
            "mean": number_text(round(mean, 2)),
            "unit": layer.track.unit,
        }
    lengths: dict[Any, int] = {}
    for figure in figures:
        for value, length in figure.weights.items():
            lengths[value] = lengths.get(value, 0) + length
    ranked = sorted(lengths.items(), key=lambda item: -item[1])[:4]
    return ", ".join(f"{value_text(layer, v)} {round(n * 100 / weight)} %" for v, n in ranked)


def colored(question: Question, name: str) -> int:
    """The number of the layer by which the map is coloured: the named one, else the first."""
    names = [layer.track.name for layer in question.layers]
    return names.index(name) if name in names else 0


def _legend(question: Question, name: str) -> dict[str, Any]:
    track = question.layers[colored(question, name)].track
    items = legend_of(track) or [[PLAIN_COLOR, _("có dữ liệu")]]
    return {
        "title": str(track.title),
        "unit": track.unit,
        "colors": [*items, [NO_COLOR, _("chưa có dữ liệu")]],
    }


def _answer(request: HttpRequest) -> tuple[Asked, list[RoadRows]]:
    actor = actor_of(request)
    asked = read_question(actor, request.GET)
    return asked, list(segment_roads(actor, roads=asked.roads, question=asked.question))


@require_safe
def segments_map(request: HttpRequest) -> HttpResponse:
    """The segments as coloured lines for the map of the page."""
    if needs_sign_in(request):
        return HttpResponse(status=401)
    try:
        asked, found = _answer(request)
        lines = found_lines(found)
    except SenError as error:
        return HttpResponse(
            orjson.dumps(error.as_problem()),
            status=error.status,
            content_type="application/problem+json",
        )
    number = colored(asked.question, request.GET.get("color", ""))
    layer = asked.question.layers[number]
    shown = lines[:MAP_ROWS]

    def features() -> Iterator[tuple[int, str | None, list[Any]]]:
        for index, shape in _shapes(asked, shown).items():
            line = shown[index]
            value = plain(line.row.figures[number].by(layer.rule))
            title = f"{line.road.label} {label(line.from_m)}–{label(line.to_m)}"
            said = f"{layer.track.title}: {value_text(layer, value) or '–'} {layer.track.unit}"
            yield index, shape, [color_of(layer, value), title, said.strip()]

    body = sheets.geojson_file(["color", "title", "text"], features())
    return _file(body, "geojson", "")


def _shapes(asked: Asked, lines: Sequence[Line], output: str = "geojson") -> dict[int, Any]:
    places = ((line.road.pk, line.from_m, line.to_m) for line in lines)
    return segment_shapes(places, on=asked.question.on, output=output)


@require_safe
def segments_file(request: HttpRequest, fmt: str) -> HttpResponse:
    """The same rows as CSV, XLSX, GeoJSON or GeoPackage."""
    if needs_sign_in(request):
        return to_sign_in(request)
    asked, found = _answer(request)
    lines = found_lines(found)
    question = asked.question
    record(
        act="network.event.export",
        resource="network.event",
        detail={"format": fmt, "segments": request.GET.urlencode()},
    )
    return _file(_WRITERS[fmt](asked, lines), fmt, f"{FILE_NAME}-{question.on:%Y%m%d}.{fmt}")


def _human(question: Question, line: Line) -> list[Any]:
    words = side_words()
    cells: list[Any] = [
        line.road.label,
        line.road.code,
        label(line.from_m),
        label(line.to_m),
        line.row.length_mm / SCALE,
        words[line.row.side.value],
        line.row.lane or _("tất cả"),
    ]
    for number, layer in enumerate(question.layers):
        value = plain(line.row.figures[number].by(layer.rule))
        is_number = isinstance(value, (int, float))
        cells += [
            value if is_number else value_text(layer, value),
            round(float(line.row.coverage(number)) * 100, 1),
        ]
    return cells


def _headers(question: Question) -> list[str]:
    found = [
        _("Tuyến"),
        _("Mã tuyến"),
        _("Từ lý trình"),
        _("Đến lý trình"),
        _("Chiều dài (m)"),
        _("Bên đường"),
        _("Làn xe"),
    ]
    for title in titles(question.layers):
        found += [title, _("%(title)s: phần có dữ liệu (%%)") % {"title": title}]
    return found


def _csv(asked: Asked, lines: Sequence[Line]) -> bytes:
    rows = (_human(asked.question, line) for line in lines)
    return sheets.csv_file(_headers(asked.question), rows)


def _xlsx(asked: Asked, lines: Sequence[Line]) -> bytes:
    rows = (_human(asked.question, line) for line in lines)
    return sheets.xlsx_file(_("Phân đoạn"), _headers(asked.question), rows)


def _geojson(asked: Asked, lines: Sequence[Line]) -> bytes:
    shapes = _shapes(asked, lines)
    question = asked.question
    rows = ((i, shapes.get(i), file_cells(question, line)) for i, line in enumerate(lines))
    return sheets.geojson_file(column_names(question), rows)


def _gpkg(asked: Asked, lines: Sequence[Line]) -> bytes:
    shapes = _shapes(asked, lines, "wkb")
    question = asked.question
    rows = ((shapes.get(i), file_cells(question, line)) for i, line in enumerate(lines))
    return sheets.gpkg_file("segments", column_names(question), rows)


_WRITERS: Final = {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson, "gpkg": _gpkg}


def _file(content: bytes, fmt: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=sheets.CONTENT_TYPES[fmt])
    if name:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
