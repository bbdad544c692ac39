"""Numbers, dates and units as Vietnamese readers expect them, and reading them back.

Source:
    Decimal comma and dots between thousands: locale ``vi`` in CLDR. Dates in documents: Nghị định
    30/2020/NĐ-CP, Phụ lục I (a zero before days under 10 and months 1 and 2).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias

from sen.lib.errors import InputError, gettext_noop

DecimalMark: TypeAlias = Literal[",", "."]
Number: TypeAlias = int | float | Decimal

STANDARD_GRAVITY_MS2: Final = 9.80665
_KMH_PER_MS: Final = 3.6
_KMH_PER_KNOT: Final = 1.852
_M2_PER_HA: Final = 10_000
_M2_PER_KM2: Final = 1_000_000


class NumberFormatError(InputError):
    """A text is no number or no date."""


def kmh_to_ms(speed_kmh: float) -> float:
    """Convert km/h to m/s."""
    return speed_kmh / _KMH_PER_MS


def ms_to_kmh(speed_ms: float) -> float:
    """Convert m/s to km/h."""
    return speed_ms * _KMH_PER_MS


def knots_to_kmh(speed_knots: float) -> float:
    """Convert knots to km/h."""
    return speed_knots * _KMH_PER_KNOT


def tonnes_to_kn(mass_t: float) -> float:
    """Return the weight of a mass: tonnes to kilonewtons."""
    return mass_t * STANDARD_GRAVITY_MS2


def kn_to_tonnes(force_kn: float) -> float:
    """Return the mass of a weight: kilonewtons to tonnes."""
    return force_kn / STANDARD_GRAVITY_MS2


def format_number(value: Number, decimals: int | None = None) -> str:
    """Write a number the Vietnamese way: ``1.234,5``.

    Args:
        value: The number.
        decimals: Places behind the comma, halves rounded away from zero; None keeps all that the
            number has and no trailing zeros.

    Raises:
        ValueError: The number is not finite.
    """
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"no finite number: {value}")
    if decimals is not None:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = f"{exact:,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if not exact:
        text = text.lstrip("-")
    return text.replace(",", "_").replace(".", ",").replace("_", ".")


def format_length(length_m: float) -> str:
    """Write a length: ``0,45 m``, ``850 m``, ``12,35 km``.

    Units:
        Metres.
    """
    if abs(length_m) >= 1_000:
        return f"{format_number(round(length_m / 1_000, 2))} km"
    return f"{format_number(round(length_m, 2 if abs(length_m) < 100 else 0))} m"


def format_area(area_m2: float) -> str:
    """Write an area: ``850 m²``, ``12,35 ha``, ``5.938,64 km²``.

    Units:
        Square metres.
    """
    if abs(area_m2) >= 10 * _M2_PER_KM2:
        return f"{format_number(round(area_m2 / _M2_PER_KM2, 2))} km²"
    if abs(area_m2) >= _M2_PER_HA:
        return f"{format_number(round(area_m2 / _M2_PER_HA, 2))} ha"
    return f"{format_number(round(area_m2, 1))} m²"


def format_date(day: dt.date) -> str:
    """Write a date: ``23/11/2026``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def format_date_long(day: dt.date) -> str:
    """Write a date as documents do: ``ngày 05 tháng 02 năm 2026``."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def format_datetime(at: dt.datetime) -> str:
    """Write an instant in its own time zone: ``14:30 23/11/2026``."""
    return f"{at.hour:02d}:{at.minute:02d} {format_date(at)}"


_DATES: Final = (
    re.compile(r"(?P<d>\d{1,2})\s*[/.\-]\s*(?P<m>\d{1,2})\s*[/.\-]\s*(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})\s*[/.\-]\s*(?P<m>\d{1,2})\s*[/.\-]\s*(?P<d>\d{1,2})"),
    re.compile(r"(?:ngày\s+)?(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})\s+năm\s+(?P<y>\d{4})"),
)


def parse_date(text: str) -> dt.date:
    """Read a date: ``23/11/2026``, ``23-11-2026``, ``2026-11-23``, ``ngày 23 tháng 11 năm 2026``.

    The day comes before the month, unless the year stands first. Years have four digits.

    Raises:
        NumberFormatError: The text is no date, or the calendar has no such day.
    """
    cleaned = unicodedata.normalize("NFC", text).strip().lower()
    for pattern in _DATES:
        if match := pattern.fullmatch(cleaned):
            try:
                return dt.date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                raise NumberFormatError(
                    gettext_noop("Không có ngày “%(text)s” trong lịch."), text=text
                ) from None
    raise NumberFormatError(
        gettext_noop("“%(text)s” không phải là ngày. Hãy ghi như 23/11/2026."), text=text
    )


_NUMBER: Final = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)*")
_GROUPED: Final = re.compile(r"[-+]?[0-9]{1,3}(?:[.,][0-9]{3})+")
_SPACED: Final = re.compile(r"[-+]?[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?")


def number_readings(text: str) -> tuple[Decimal, ...]:
    """Return every way to read a number whose separators may mean either thing.

    ``1.234,5`` and ``1,234.5`` have one reading. ``1.234`` has two, and the Vietnamese one comes
    first: 1234, then 1.234; for ``1,234`` it is 1.234, then 1234. No reading: an empty tuple.
    """
    cleaned = " ".join(text.replace("\u2212", "-").split())
    if _SPACED.fullmatch(cleaned):
        cleaned = cleaned.replace(" ", "")
        return (Decimal(cleaned.replace(",", ".")),)
    if not _NUMBER.fullmatch(cleaned):
        return ()
    marks = [mark for mark in cleaned if mark in ".,"]
    whole = Decimal(re.sub("[.,]", "", cleaned))
    if not marks:
        return (whole,)
    head, _, tail = cleaned.rpartition(marks[-1])
    plain_head = re.sub("[.,]", "", head)
    decimal = Decimal(f"{plain_head}.{tail}")
    if len(marks) == 1:
        if not _GROUPED.fullmatch(cleaned) or plain_head.lstrip("+-") == "0":
            return (decimal,)
        return (whole, decimal) if marks == ["."] else (decimal, whole)
    if len(set(marks)) == 1:
        return (whole,) if _GROUPED.fullmatch(cleaned) else ()
    well_formed = marks.count(marks[-1]) == 1 and _GROUPED.fullmatch(head)
    return (decimal,) if well_formed else ()


def parse_number(text: str, decimal_mark: DecimalMark | None = None) -> Decimal:
    """Read a number; where the separators may mean either thing, the Vietnamese way.

    Args:
        text: ``1.234,5``, ``1,234.5``, ``1 234,5``, ``1234.5``.
        decimal_mark: The mark before the decimals where it is known, for instance from
            `decimal_mark_of` over a whole column.

    Raises:
        NumberFormatError: The text is no number, or contradicts the mark.
    """
    readings = number_readings(text)
    if decimal_mark is not None:
        thousands = "." if decimal_mark == "," else ","
        plain = "".join(text.split()).replace(thousands, "").replace(decimal_mark, ".")
        readings = tuple(reading for reading in readings if str(reading) == str(_decimal(plain)))
    if not readings:
        raise NumberFormatError(
            gettext_noop("“%(text)s” không phải là số. Hãy ghi như 1.234,5."), text=text
        )
    return readings[0]


def _decimal(text: str) -> Decimal | None:
    """Read a plain number, or nothing."""
    return Decimal(text) if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", text) else None


def decimal_mark_of(texts: Iterable[str]) -> DecimalMark | None:
    """Return the decimal mark that a column of numbers uses, None when nothing decides.

    Only numbers with one possible reading count; when some say comma and others point, None.
    """
    found: set[DecimalMark] = set()
    for text in texts:
        readings = number_readings(text)
        marks = [mark for mark in text if mark in ".,"]
        if len(readings) != 1 or not marks:
            continue
        grouped = _GROUPED.fullmatch("".join(text.split())) and len(set(marks)) == 1
        if grouped and readings[0] == readings[0].to_integral_value() and len(marks) > 1:
            found.add("," if marks[-1] == "." else ".")
        else:
            found.add("," if marks[-1] == "," else ".")
    return found.pop() if len(found) == 1 else None
