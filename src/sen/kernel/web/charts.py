"""What ``<sen-chart src>`` reads: series of numbers over time, no finer than can be drawn.

A view parses the asked window, reads what it needs, and answers::

    def chart(request: HttpRequest) -> HttpResponse:
        window = Window.asked(request.GET, usual=timedelta(days=30))
        return chart_response(Chart(title, window.step(), [Series(…)]), window, request.GET)

``?tu=&den=`` (ISO 8601) is the stretch of time, ``?diem=`` how many points fit, ``?dang=csv`` or
``?dang=xlsx`` the same as a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, Self

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.web.register.resource import Label
from sen.kernel.web.register.sheets import CONTENT_TYPES, csv_file, xlsx_file
from sen.lib.text import slugify

MOST_POINTS: Final = 4000
USUAL_POINTS: Final = 900
LONGEST: Final = timedelta(days=366 * 60)


class Step(StrEnum):
    """How finely a series is told; all but RAW are rollups with least and greatest value."""

    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        return {"raw": 0, "minute": 60, "hour": 3600, "day": 86_400}[self.value]


class Tone(StrEnum):
    """How serious a band or a mark is; always said in words beside the colour."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that a chart asks for, and how many points it can draw."""

    begin: datetime
    end: datetime
    points: int = USUAL_POINTS

    @classmethod
    def asked(cls, given: Mapping[str, str], *, usual: timedelta) -> Self:
        """The window of a request; by default the last ``usual`` until now.

        Raises:
            InvalidInputError: a time or the number of points is malformed, or the end lies before
                the beginning.
        """
        end = _moment(given, "den") or timezone.now()
        begin = _moment(given, "tu") or end - usual
        if not begin < end or end - begin > LONGEST:
            raise InvalidInputError({"den": _("Lúc kết thúc phải sau lúc bắt đầu.")})
        text = given.get("diem", str(USUAL_POINTS))
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= MOST_POINTS:
            raise InvalidInputError(
                {"diem": _("Số điểm phải từ 1 đến %(most)d.") % {"most": MOST_POINTS}}
            )
        return cls(begin, end, int(text))

    @property
    def seconds(self) -> float:
        return (self.end - self.begin).total_seconds()

    def step(self, raw_every_s: float = 1.0) -> Step:
        """The finest step of which no more points lie in the window than can be drawn."""
        for step in (Step.RAW, Step.MINUTE, Step.HOUR):
            if self.seconds <= self.points * max(step.seconds or raw_every_s, 0.001):
                return step
        return Step.DAY


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInputError(
            {name: _("“%(text)s” không phải thời điểm, ví dụ 2026-11-20T14:05.") % {"text": text}}
        )
    return timezone.make_aware(found) if timezone.is_naive(found) else found


@dataclass(frozen=True, slots=True)
class Series:
    """One line. ``at`` are moments in milliseconds since 1970, gaps are ``None`` in ``value``.

    ``low`` and ``high`` are the envelope of rollups. ``live_key`` is the key of the messages of
    ``Chart.topic`` whose ``value`` continues the line. ``stepped``: a value holds until the next.
    """

    id: str
    title: Label
    unit: str
    at: Sequence[int]
    value: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    live_key: str = ""
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of values that means something; an open end is ``None``."""

    label: Label
    low: float | None
    high: float | None
    tone: Tone
    series: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: a moment or a stretch of time with a text."""

    at: datetime
    text: str
    until: datetime | None = None
    tone: Tone = Tone.INFO
    url: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn. ``first`` and ``last``: how far the data reach."""

    title: Label
    step: Step
    series: Sequence[Series]
    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()
    first: datetime | None = None
    last: datetime | None = None
    topic: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def with_gaps(
    points: Iterable[tuple[datetime, float | None, float | None, float | None]], longest_s: float
) -> tuple[list[int], list[float | None], list[float | None], list[float | None]]:
    """Columns (moment, value, low, high), with an empty point where data are missing.

    Units:
        ``longest_s``: seconds between two points that still belong together.
    """
    at: list[int] = []
    columns: tuple[list[float | None], ...] = ([], [], [])
    for moment, *values in points:
        ms = to_ms(moment)
        if at and ms - at[-1] > longest_s * 1000:
            at.append(at[-1] + 1)
            for column in columns:
                column.append(None)
        at.append(ms)
        for column, value in zip(columns, values, strict=True):
            column.append(None if value is None or math.isnan(value) else value)
    return at, columns[0], columns[1], columns[2]


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def chart_response(chart: Chart, window: Window, given: Mapping[str, str]) -> HttpResponse:
    """The chart as JSON, or as a file when ``dang=csv`` or ``dang=xlsx`` is asked for."""
    if (kind := given.get("dang", "")) in ("csv", "xlsx"):
        return file_response(chart, kind)
    body = msgspec.json.encode(_plain(chart, window))
    return HttpResponse(
        body, content_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


def _plain(chart: Chart, window: Window) -> dict[str, Any]:
    return {
        "title": str(chart.title),
        "step": chart.step.value,
        "from": to_ms(window.begin),
        "to": to_ms(window.end),
        "first": to_ms(chart.first) if chart.first else None,
        "last": to_ms(chart.last) if chart.last else None,
        "topic": chart.topic,
        "notes": list(chart.notes),
        "series": [
            {
                "id": one.id,
                "title": str(one.title),
                "unit": one.unit,
                "at": one.at,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "live": one.live_key,
                "stepped": one.stepped,
            }
            for one in chart.series
        ],
        "bands": [
            {
                "label": str(band.label),
                "low": band.low,
                "high": band.high,
                "tone": band.tone.value,
                "series": band.series,
            }
            for band in chart.bands
        ],
        "marks": [
            {
                "at": to_ms(mark.at),
                "until": to_ms(mark.until) if mark.until else None,
                "text": mark.text,
                "tone": mark.tone.value,
                "url": mark.url,
            }
            for mark in chart.marks
        ],
    }


def file_response(chart: Chart, kind: str) -> HttpResponse:
    """One row a point: series, unit, local time, value, least, greatest; CSV or XLSX."""
    headers = [_("chuỗi"), _("đơn vị"), _("thời điểm"), _("giá trị"), _("nhỏ nhất"), _("lớn nhất")]
    name = slugify(str(chart.title)) or "bieu-do"
    make = partial(xlsx_file, name) if kind == "xlsx" else csv_file
    return HttpResponse(
        make(headers, _rows(chart)),
        content_type=CONTENT_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def _rows(chart: Chart) -> Iterator[tuple[object, ...]]:
    zone = timezone.get_current_timezone()
    for one in chart.series:
        for place, (ms, value) in enumerate(zip(one.at, one.value, strict=True)):
            if value is None:
                continue
            moment = datetime.fromtimestamp(ms / 1000, zone)
            low = one.low[place] if place < len(one.low) else None
            high = one.high[place] if place < len(one.high) else None
            yield str(one.title), str(one.unit), moment.isoformat(), value, low, high
