"""Reading files of loggers: a column for each stream, or a row for each value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sen.domains.telemetry.models import Datastream
from sen.domains.telemetry.services.logger import Value, take_values
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import (
    OTHERS,
    FieldKind,
    Importer,
    ImportField,
    ImportOption,
    ImportRow,
    Outcome,
    register,
)
from sen.kernel.imports.values import CellError, convert

HOUSE: Final = "Asia/Ho_Chi_Minh"
#: ``QT-001-MN (m)`` or ``QT-001-MN [m]``: a stream with the unit of its column.
_HEADER: Final = re.compile(r"\s*(?P<code>[^\s(\[]+)\s*(?:[(\[](?P<unit>[^)\]]*)[)\]])?\s*")
_CELL: Final = ImportField("value", _("Giá trị"), FieldKind.NUMBER)


@register
class LoggerImporter(Importer):
    """Reads observations; a value that is known already is left as it is."""

    kind = "telemetry-observations"
    title = _("Số liệu của máy ghi")
    permission = "telemetry.datastream.import"
    takes_others = True
    fields = (
        ImportField(
            "time",
            _("Thời gian"),
            FieldKind.MOMENT,
            required=True,
            aliases=("time", "timestamp", "datetime", "thoi_diem", "ngay_gio", "date time"),
        ),
        ImportField(
            "stream",
            _("Mã kênh đo"),
            aliases=("kenh", "kenh_do", "channel", "stream"),
            longest=80,
            help=_("Chỉ khi mỗi dòng là một giá trị; nếu không, mỗi cột mang mã một kênh."),
        ),
        ImportField(
            "value", _("Giá trị"), FieldKind.NUMBER, aliases=("gia_tri", "result", "ket_qua")
        ),
        ImportField("unit", _("Đơn vị"), aliases=("don_vi",), longest=40),
    )
    options: ClassVar[tuple[ImportOption, ...]] = (
        ImportOption(
            "zone",
            _("Múi giờ của tệp"),
            choices={HOUSE: _("Việt Nam (UTC+7)"), "UTC": "UTC"},
            help=_("Cho thời gian không ghi múi giờ."),
        ),
    )
    help = _(
        "Mỗi cột một kênh (tiêu đề là mã kênh, có thể kèm đơn vị: QT-001-MN (m)), hoặc mỗi dòng "
        "một giá trị. Giá trị đã có được giữ nguyên; có lỗi ở bất kỳ ô nào thì không ghi gì."
    )

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        outcome = Outcome()
        zone = ZoneInfo(options.get("zone") or HOUSE)
        is_long = any(row.values.get("stream") for row in rows)
        values = list(_long(rows, zone, outcome) if is_long else _wide(actor, rows, zone, outcome))
        if not values and not outcome.faults:
            outcome.fault(0, "", _now("Tệp không có cột nào mang mã kênh đo."))
        if outcome.faults:
            return outcome
        done = take_values(actor=actor, values=values)
        outcome.created, outcome.unchanged = done.stored, done.known
        for number, column, text in done.faults:
            outcome.fault(number, column, text)
        return outcome


def _at(row: ImportRow, zone: ZoneInfo) -> datetime | None:
    at = row.values.get("time")
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _long(rows: Sequence[ImportRow], zone: ZoneInfo, outcome: Outcome) -> Iterator[Value]:
    label = str(_CELL.label)
    for row in rows:
        at, number = _at(row, zone), row.values.get("value")
        code = row.values.get("stream")
        if not code or number is None or at is None:
            outcome.fault(row, label, _now("Dòng cần có thời gian, mã kênh đo và giá trị."))
            continue
        yield Value(row.number, label, code, at, float(number), row.values.get("unit") or "")


def _wide(
    actor: Actor, rows: Sequence[ImportRow], zone: ZoneInfo, outcome: Outcome
) -> Iterator[Value]:
    columns = _columns(actor, rows[0].values.get(OTHERS, {}) if rows else {}, outcome)
    for row in rows:
        at = _at(row, zone)
        if at is None:
            continue
        cells: Mapping[str, Any] = row.values.get(OTHERS, {})
        for header, (code, unit) in columns.items():
            try:
                number = convert(_CELL, cells.get(header))
            except CellError as error:
                outcome.fault(row, header, str(error), cells.get(header))
            else:
                if number is not None:
                    yield Value(row.number, header, code, at, float(number), unit)


def _columns(
    actor: Actor, headers: Mapping[str, Any], outcome: Outcome
) -> dict[str, tuple[str, str]]:
    """Header → stream and unit; columns that name no stream are said to be left out."""
    found: dict[str, tuple[str, str]] = {}
    parts = {header: _HEADER.fullmatch(header) for header in headers}
    codes = {part["code"].casefold() for part in parts.values() if part}
    seen = Datastream.objects.visible_to(actor, "import")
    known = {
        code.casefold(): code
        for code in seen.filter(code__iregex=_any(codes)).values_list("code", flat=True)
    } if codes else {}  # fmt: skip
    left_out = []
    for header, part in parts.items():
        code = known.get(part["code"].casefold()) if part else None
        if part is None or code is None:
            left_out.append(header)
        else:
            found[header] = (code, part["unit"] or "")
    if left_out and found:
        outcome.notes.append(
            _now("Cột không phải kênh đo được bỏ qua: %(names)s.") % {"names": ", ".join(left_out)}
        )
    return found


def _any(codes: set[str]) -> str:
    return f"^({'|'.join(re.escape(code) for code in sorted(codes))})$"
