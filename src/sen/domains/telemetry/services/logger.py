"""Files of loggers: many observations of many streams, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.telemetry.choices import Quality
from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.units import UnitError, factors
from sen.kernel.access.scope import Actor
from sen.kernel.usecase import use_case

if TYPE_CHECKING:
    from sen.domains.telemetry.wire import Batch

#: A clock may be this far ahead before a file is refused.
AHEAD: Final = timedelta(minutes=10)
EARLIEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a file: row and column for the report, stream by code."""

    row: int
    column: str
    stream: str
    at: datetime
    number: float
    unit: str = ""


@dataclass(slots=True)
class Taken:
    """What became of a file; faults are (row, column, text)."""

    stored: int = 0
    known: int = 0
    faults: list[tuple[int, str, str]] = field(default_factory=list)


@use_case("telemetry.datastream.import", act="telemetry.take_logger_file")
def take_values(*, actor: Actor, values: Sequence[Value]) -> Taken:
    """Store the values of a file; what is there already is left as it is.

    Nothing is stored when there is any fault.
    """
    done = Taken()
    codes = {value.stream for value in values}
    rows = Datastream.objects.visible_to(actor, "import").filter(code__in=codes)
    streams = {row.code: row for row in rows}
    checked = [_checked(value, streams.get(value.stream), done) for value in values]
    if done.faults or not checked:
        return done
    from sen.domains.telemetry.store.direct import put

    done.stored = put(_batch([item for item in checked if item is not None]))
    done.known = len(values) - done.stored
    return done


def _checked(
    value: Value, stream: Datastream | None, done: Taken
) -> tuple[int, datetime, float, Quality] | None:
    """Stream, time, value in its unit, quality; what is wrong goes to ``done``."""
    fault = ""
    number = value.number
    if stream is None:
        fault = _("Không có kênh đo “%(code)s” mà bạn được nhập số liệu.") % {"code": value.stream}
    elif not math.isfinite(number):
        fault = _("Giá trị phải là một số hữu hạn.")
    elif value.at > timezone.now() + AHEAD:
        fault = _("Thời gian ở tương lai; hãy kiểm tra múi giờ và đồng hồ của máy ghi.")
    elif value.at.year < EARLIEST:
        fault = _("Thời gian trước năm 2000: đồng hồ của máy ghi chưa được đặt.")
    else:
        try:
            scale, offset = factors(value.unit, stream.unit)
        except UnitError as error:
            fault = _(error.template) % error.params
        else:
            number = number * scale + offset
    if stream is None or fault:
        done.faults.append((value.row, value.column, fault))
        return None
    return stream.pk, value.at, number, _quality(stream, number)


def _quality(stream: Datastream, number: float) -> Quality:
    low = -math.inf if stream.valid_min is None else stream.valid_min
    high = math.inf if stream.valid_max is None else stream.valid_max
    return Quality.GOOD if low <= number <= high else Quality.OUT_OF_RANGE


def _batch(rows: Sequence[tuple[int, datetime, float, Quality]]) -> Batch:
    from sen.domains.telemetry.wire import Batch

    return Batch.of(
        device=0,
        received_us=_us(timezone.now()),
        streams=[row[0] for row in rows],
        times_us=[_us(row[1]) for row in rows],
        values=[row[2] for row in rows],
        quality=[int(row[3]) for row in rows],
    )


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
