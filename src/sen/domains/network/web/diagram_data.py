"""What a straight-line diagram or a strip chart is drawn from, as one document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any, Final

from django.db import connection

from sen.domains.network.models import KmPost, Road
from sen.domains.network.segmentation import SCALE
from sen.domains.network.selectors.lrs import label
from sen.domains.network.selectors.segments import Question, RoadRows, plain
from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text
from sen.kernel.web.tracks import Inquiry, Mark, Track, ordered_tracks

#: Vertices nearer to the line than this are left out of what links diagram and map.
LINE_TOLERANCE_M: Final = 2.0

_LINE: Final = """
SELECT round(ST_X(p.geom)::numeric, 6)::float8, round(ST_Y(p.geom)::numeric, 6)::float8,
  round(ST_M(p.geom)::numeric, 1)::float8
FROM network_routeversion v
CROSS JOIN LATERAL ST_DumpPoints(ST_Transform(ST_Simplify(v.line_m, %(tolerance)s), 4326)) p
WHERE v.id = (
  SELECT id FROM network_routeversion WHERE road_id = %(road)s AND (valid_to IS NULL
      OR (valid_from <= %(on)s::date AND valid_to > %(on)s::date))
  ORDER BY (valid_from <= %(on)s::date AND coalesce(valid_to > %(on)s::date, true)) DESC LIMIT 1)
ORDER BY p.path
"""

Drawn = tuple[Track, list[Mark]]


def drawn_tracks(actor: Actor, road: Road, on: date) -> list[Drawn]:
    """All tracks that have something to say of a road, in their order."""
    inquiry = Inquiry(actor, [road.pk], on)
    found = ((track.as_on(on), list(track.read(inquiry))) for track in ordered_tracks())
    return [(track, marks) for track, marks in found if marks]


def segment_tracks(question: Question, rows: RoadRows) -> list[Drawn]:
    """The layers of a segmentation as tracks whose things are the segments."""
    made: list[Drawn] = []
    for number, layer in enumerate(question.layers):
        marks = []
        for row in rows.rows:
            value = plain(row.figures[number].by(layer.rule))
            if value is None:
                continue
            first = value[0] if isinstance(value, list) else value
            is_number = isinstance(first, (int, float))
            words = [str(layer.track.choices.get(item, item)) for item in _listed(value)]
            marks.append(
                Mark(
                    rows.road.pk,
                    row.from_mm / SCALE,
                    row.to_mm / SCALE,
                    number=first if is_number else None,
                    text="" if is_number else first,
                    side=row.side.value,
                    lane=row.lane,
                    label=", ".join(words) if isinstance(value, list) else "",
                )
            )
        shape = "line" if layer.track.is_number else "band"
        made.append((replace(layer.track, shape=shape, is_quiet=False), marks))
    return made


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def document(
    actor: Actor, road: Road, drawn: Sequence[Drawn], *, on: date, ends: tuple[float, float]
) -> dict[str, Any]:
    """The whole document; places are metres of the label."""
    return {
        "road": {
            "id": road.pk,
            "label": road.label,
            "name": road.name,
            "start": ends[0],
            "end": ends[1],
            "lanes": road.lanes or (4 if road.carriageway == Road.Lay.DUAL else 2),
            "oneWay": road.carriageway == Road.Lay.ONE_WAY,
            "dual": road.carriageway == Road.Lay.DUAL,
            "width": None if road.width_m is None else float(road.width_m),
        },
        "posts": _posts(actor, road),
        "line": line_of(road, on),
        "tracks": [_track(track, marks) for track, marks in drawn],
    }


def _posts(actor: Actor, road: Road) -> list[dict[str, Any]]:
    rows = KmPost.objects.visible_to(actor).filter(road=road).order_by("measure_m")
    return [
        {
            "m": float(measure),
            "label": text,
            "old": None if old is None else label(float(old)),
            "url": f"network/km-posts/{pk}/",
        }
        for pk, measure, text, old in rows.values_list("id", "measure_m", "label", "old_measure_m")
    ]


def line_of(road: Road, on: date) -> list[list[float]]:
    """The road as (longitude, latitude, label), simplified; what the actor may not see is empty."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, {"road": road.pk, "on": on, "tolerance": LINE_TOLERANCE_M})
        return [list(row) for row in cursor.fetchall()]


def _track(track: Track, marks: Iterable[Mark]) -> dict[str, Any]:
    return {
        "name": track.name,
        "title": str(track.title),
        "shape": track.shape,
        "unit": str(track.unit),
        "icon": track.icon,
        "quiet": track.is_quiet,
        "legend": legend_of(track),
        "marks": [_mark(track, mark) for mark in marks],
    }


def legend_of(track: Track) -> list[list[str]]:
    """Colours with their meaning."""
    if track.limits:
        shown = [number_text(limit) for limit in track.limits]
        between = [f"{a}–{b}" for a, b in pairwise(shown)]
        texts = [f"< {shown[0]}", *between, f"≥ {shown[-1]}"]
        return [[track.colors.get(str(i), ""), text] for i, text in enumerate(texts)]
    return [[color, str(track.choices.get(code, code))] for code, color in track.colors.items()]


def _mark(track: Track, mark: Mark) -> dict[str, Any]:
    made: dict[str, Any] = {
        "a": mark.from_m,
        "b": mark.to_m,
        "text": mark_text(track, mark),
    }
    color = track.color_of(mark)
    extra = {
        "n": mark.number,
        "label": mark.label,
        "url": mark.url,
        "symbol": mark.symbol,
        "color": color,
        "side": "" if mark.side == "BOTH" else mark.side,
        "lane": mark.lane,
    }
    return made | {name: value for name, value in extra.items() if value not in (None, "", 0)}


def mark_text(track: Track, mark: Mark) -> str:
    """The value of a thing for people."""
    if mark.number is not None:
        return f"{number_text(round(mark.number, 2))} {track.unit}".strip()
    return mark.label or str(track.choices.get(mark.text, mark.text))
