"""Query parameters of the OGC API: understood, or a 400 that says what is wrong with which."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sen.kernel.errors import SenError
from sen.kernel.geo.layers import RESERVED, Layer
from sen.kernel.geo.ogc.crs import BY_URI, CRS84, Crs
from sen.kernel.geo.sql import last_field

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 10_000
OPEN: Final = ("", "..")
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}")


class ParameterError(SenError):
    """A parameter is unknown, doubled, or has a value that means nothing."""

    code = "invalid-parameter"
    status = 400

    @classmethod
    def default_message(cls) -> str:
        return _("Tham số của yêu cầu không hợp lệ.")


def wrong(name: str, text: str) -> ParameterError:
    """The error of one parameter."""
    return ParameterError(f"{name}: {text}", fields={name: [text]})


@dataclass(frozen=True, slots=True)
class Box:
    """A box as it was asked for, in the order east, north.

    Units:
        Of ``crs``.
    """

    west: float
    south: float
    east: float
    north: float
    crs: Crs

    @property
    def parts(self) -> tuple[tuple[float, float, float, float], ...]:
        """The box, or two of them when it crosses the meridian of 180°."""
        if self.west <= self.east:
            return ((self.west, self.south, self.east, self.north),)
        return (
            (self.west, self.south, 180.0, self.north),
            (-180.0, self.south, self.east, self.north),
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter in a language of its own, and the system that its coordinates are in."""

    text: str
    language: str
    crs: Crs


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """What a request for items asks."""

    limit: int = LIMIT_DEFAULT
    after: int | None = None
    box: Box | None = None
    start: datetime | None = None
    end: datetime | None = None
    crs: Crs = CRS84
    filters: Mapping[str, Any] = field(default_factory=dict)
    filter: Filter | None = None


def only(query: QueryDict, known: Collection[str]) -> None:
    """Refuse what the operation does not know.

    Raises:
        ParameterError: an unknown parameter, or one given twice.
    """
    for name in query:
        if name not in known:
            listed = ", ".join(sorted(known)) or "–"
            raise wrong(
                name, _("không có tham số này; các tham số có: %(known)s") % {"known": listed}
            )
        if len(query.getlist(name)) > 1:
            raise wrong(name, _("chỉ được ghi một lần"))


def items_query(layer: Layer, query: QueryDict) -> ItemsQuery:
    """Read the parameters of ``/items``.

    Raises:
        ParameterError: a parameter is unknown or has a wrong value.
    """
    only(query, {*RESERVED, *layer.fields})
    said = {name: str(query[name]) for name in query}
    start, end = _interval(said.get("datetime"))
    box_crs = _crs("bbox-crs", said.get("bbox-crs"))
    return ItemsQuery(
        limit=_limit(said.get("limit")),
        after=_whole("after", said["after"]) if "after" in said else None,
        box=_box(said["bbox"], box_crs) if "bbox" in said else None,
        start=start,
        end=end,
        crs=_crs("crs", said.get("crs")),
        filters={
            name: _typed(name, text, last_field(layer.model, layer.fields[name]))
            for name, text in said.items()
            if name in layer.fields
        },
        filter=_filter(said),
    )


def _filter(said: Mapping[str, str]) -> Filter | None:
    text = said.get("filter")
    if text is None:
        for name in ("filter-lang", "filter-crs"):
            if name in said:
                raise wrong(name, _("chỉ dùng cùng với filter"))
        return None
    crs = _crs("filter-crs", said.get("filter-crs"))
    return Filter(text, said.get("filter-lang", "cql2-text"), crs)


def item_crs(query: QueryDict) -> Crs:
    """Read the parameters of one item."""
    only(query, {"f", "crs"})
    return _crs("crs", query.get("crs"))


def _crs(name: str, uri: str | None) -> Crs:
    if uri is None:
        return CRS84
    found = BY_URI.get(uri)
    if found is None:
        raise wrong(
            name,
            _("không có hệ tọa độ “%(uri)s”; các hệ có: %(known)s")
            % {"uri": uri, "known": ", ".join(BY_URI)},
        )
    return found


def _whole(name: str, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise wrong(name, _("phải là số nguyên, không phải “%(value)s”") % {"value": text})
    return int(text)


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT_DEFAULT
    found = _whole("limit", text)
    if found < 1:
        raise wrong("limit", _("phải từ 1 đến %(most)s") % {"most": LIMIT_MAX})
    return min(found, LIMIT_MAX)


def _box(text: str, crs: Crs) -> Box:
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(math.isfinite(number) for number in numbers):
        raise wrong("bbox", _("phải gồm 4 hoặc 6 số cách nhau bằng dấu phẩy"))
    half = len(numbers) // 2
    west, south = crs.xy(numbers[0], numbers[1])
    east, north = crs.xy(numbers[half], numbers[half + 1])
    if south > north:
        raise wrong("bbox", _("cạnh nam phải nhỏ hơn hoặc bằng cạnh bắc"))
    degrees = crs.srid in (4326, 4756)
    if degrees and not (_is_degrees(west, south) and _is_degrees(east, north)):
        raise wrong("bbox", _("kinh độ từ -180 đến 180, vĩ độ từ -90 đến 90"))
    if west > east and not degrees:
        raise wrong("bbox", _("cạnh tây phải nhỏ hơn hoặc bằng cạnh đông"))
    return Box(west, south, east, north, crs)


def _is_degrees(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    halves = text.split("/")
    if len(halves) == 1:
        return _instant(halves[0], at_end=False), _instant(halves[0], at_end=True)
    if len(halves) == 2 and not all(half in OPEN for half in halves):
        start = None if halves[0] in OPEN else _instant(halves[0], at_end=False)
        end = None if halves[1] in OPEN else _instant(halves[1], at_end=True)
        if start is None or end is None or start <= end:
            return start, end
        raise wrong("datetime", _("thời điểm đầu phải trước thời điểm cuối"))
    raise wrong("datetime", _("phải là một thời điểm hoặc khoảng “đầu/cuối”, đầu hở ghi “..”"))


def _instant(text: str, *, at_end: bool, name: str = "datetime") -> datetime:
    """An instant of RFC 3339; a bare date means its whole day in UTC."""
    try:
        if len(text) == 10:
            day = datetime.combine(date.fromisoformat(text), time(), UTC)
            return day + timedelta(days=1, microseconds=-1) if at_end else day
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or "T" not in text.upper():
        raise wrong(
            name,
            _("“%(value)s” không phải thời điểm theo RFC 3339, ví dụ 2026-11-24T08:00:00Z")
            % {"value": text},
        )
    return found


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _number(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite():
        raise InvalidOperation
    return found


#: Reader and the sentence that says what was expected.
_READERS: Final[tuple[tuple[type[models.Field[Any, Any]], Callable[[str], Any], str], ...]] = (
    (models.BooleanField, _truth, gettext_noop("phải là true hoặc false")),
    (models.DecimalField, _number, gettext_noop("phải là số")),
    (models.FloatField, _number, gettext_noop("phải là số")),
    (models.DateField, date.fromisoformat, gettext_noop("phải là ngày, ví dụ 2026-11-24")),
)


#: Columns whose values are compared in their own type; all others as text.
READ_TYPES: Final = (
    *(kind for kind, _reader, _sentence in _READERS),
    models.IntegerField,
    models.ForeignKey,
    models.CharField,
    models.TextField,
)


def _typed(name: str, text: str, item: models.Field[Any, Any] | None) -> Any:
    """A property's value in the type of its column."""
    if "\x00" in text:
        raise wrong(name, _("có ký tự không dùng được"))
    if isinstance(item, models.DateTimeField):
        return _instant(text, at_end=False, name=name)
    if isinstance(item, models.IntegerField | models.ForeignKey):
        return _whole(name, text)
    for kind, read, sentence in _READERS:
        if isinstance(item, kind):
            try:
                return read(text)
            except (KeyError, ValueError, InvalidOperation) as error:
                raise wrong(name, _(sentence)) from error
    return text
