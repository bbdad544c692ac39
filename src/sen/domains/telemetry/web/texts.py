"""How values of streams are written for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.data import Reading, StreamInfo
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.rules import Freshness, freshness
from sen.domains.telemetry.said import unit_text
from sen.domains.telemetry.selectors import info_of
from sen.domains.telemetry.store.reading import newest_of
from sen.kernel.numbers import number_text

QUALITY: Final = {
    Quality.GOOD: gettext_lazy("tốt"),
    Quality.SUSPECT: gettext_lazy("nghi ngờ"),
    Quality.BAD: gettext_lazy("hỏng"),
    Quality.CLOCK_CORRECTED: gettext_lazy("đã chỉnh giờ"),
    Quality.OUT_OF_RANGE: gettext_lazy("ngoài giới hạn đo"),
}
QUALITY_TONES: Final = {
    Quality.GOOD: "ok",
    Quality.SUSPECT: "warn",
    Quality.BAD: "danger",
    Quality.CLOCK_CORRECTED: "info",
    Quality.OUT_OF_RANGE: "warn",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One stream with its newest value, ready for a template."""

    stream: StreamInfo
    text: str
    unit: str
    at: datetime | None
    quality: str
    tone: str
    freshness: Freshness

    @property
    def live_key(self) -> str:
        return f"stream-{self.stream.id}"


def shown(streams: Iterable[Datastream]) -> list[Shown]:
    """Streams that were read ``with_newest``, with their newest values, in the order given."""
    now = timezone.now()
    return [_one(info_of(row), newest_of(row), now) for row in streams]


def _one(item: StreamInfo, found: Reading | None, now: datetime) -> Shown:
    unit = unit_text(item.unit)
    if found is None:
        return Shown(item, "", unit, None, "", "", Freshness.NONE)
    return Shown(
        item,
        result_text(found, unit),
        unit,
        found.at,
        str(QUALITY[found.quality]),
        QUALITY_TONES[found.quality],
        freshness(found.at, item.interval_s, now),
    )


def result_text(found: Reading, unit: str) -> str:
    """``12,4 mm``; a result that is no number in short."""
    if found.result is not None:
        return f"{value_text(found.result)} {unit}".rstrip()
    result: Any = (found.extra or {}).get("result")
    if isinstance(result, bool):
        return _("Có") if result else _("Không")
    if isinstance(result, dict):
        parts = [f"{key}: {_plain(value)}" for key, value in list(result.items())[:4]]
        return ", ".join(parts)
    if isinstance(result, list):
        return ", ".join(_plain(value) for value in result[:6])
    return "" if result is None else str(result)[:120]


def value_text(value: float) -> str:
    """With four digits that count, and no more than that."""
    if value == 0 or abs(value) >= 1000:
        return number_text(round(value))
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 1
    return number_text(round(value, digits))


def _plain(value: Any) -> str:
    return value_text(value) if isinstance(value, int | float) else str(value)[:40]
