"""Datastreams, calibrations of their instruments, and what was done to these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.telemetry import choices
from sen.domains.telemetry.models import (
    Calibration,
    Datastream,
    ObservedProperty,
    ServiceEntry,
)
from sen.domains.telemetry.results import result_schemas
from sen.domains.telemetry.services.writing import (
    DESCRIBED,
    KEEPING,
    belong,
    check_code,
    check_name,
    check_object,
    put_values,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.errors import InputCheck
from sen.kernel.usecase import check_version, use_case

_STREAM: Final = (
    "code",
    *DESCRIBED,
    "thing",
    "sensor",
    "observed_property",
    "result_kind",
    "unit",
    "unit_name",
    "unit_definition",
    "components",
    "result_schema",
    "interval_s",
    "valid_min",
    "valid_max",
    "clock_tolerance_s",
    "retention",
    "observation_type",
    "is_active",
    *KEEPING,
)
_CALIBRATION: Final = (
    "code",
    "datastream",
    "calibrated_at",
    "valid_from",
    "valid_to",
    "laboratory",
    "certificate",
    "scale",
    "offset",
    "note",
    *KEEPING,
)
_ENTRY: Final = ("thing", "datastream", "kind", "done_at", "done_by", "note", *KEEPING)


@use_case("telemetry.datastream.add", act="telemetry.create_datastream")
def create_datastream(
    *, actor: Actor, observed_properties: Sequence[ObservedProperty] | None = None, **values: Any
) -> Datastream:
    """Add a stream; owner, place and unit are those of its station and quantity unless given.

    Raises:
        InvalidInputError: by field.
    """
    return _put_stream(Datastream(), actor, values, observed_properties)


@use_case("telemetry.datastream.change", act="telemetry.update_datastream")
def update_datastream(
    *,
    actor: Actor,
    row: Datastream,
    version: int | None,
    reason: str = "",
    observed_properties: Sequence[ObservedProperty] | None = None,
    **values: Any,
) -> Datastream:
    """Change a stream; what it observed stays as it was.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_stream(row, actor, values, observed_properties)


@use_case("telemetry.datastream.delete", act="telemetry.delete_datastream")
def delete_datastream(*, actor: Actor, row: Datastream, version: int | None, reason: str) -> None:
    """Take out a stream with everything that it observed.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    remove_streams([row])


#: What is kept of the observations of a stream.
_FORGET: Final = (
    "DELETE FROM telemetry_observation WHERE datastream_id = ANY(%s)",
    "DELETE FROM telemetry_latest WHERE datastream_id = ANY(%s)",
    "DELETE FROM telemetry_rollup WHERE datastream_id = ANY(%s)",
    "DELETE FROM telemetry_changed WHERE datastream_id = ANY(%s)",
    "DELETE FROM telemetry_dirty WHERE datastream_id = ANY(%s)",
)


def remove_streams(streams: Sequence[Datastream]) -> None:
    """Delete streams and what they observed, in the caller's transaction."""
    forget_observations([row.pk for row in streams])
    with as_system("a stream goes with its observations"):
        for row in streams:
            row.delete()


def forget_observations(stream_ids: Sequence[int]) -> None:
    """Delete what is kept of some streams, in the caller's transaction."""
    if not stream_ids:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _FORGET:
            cursor.execute(statement, [list(stream_ids)])


def _put_stream(
    row: Datastream,
    actor: Actor,
    values: dict[str, Any],
    properties: Sequence[ObservedProperty] | None,
) -> Datastream:
    check = InputCheck()
    put_values(row, _STREAM, values)
    check_name(row, check)
    check_code(row, "KD", check)
    check_object(row, "properties", check)
    check.need(row.thing_id, "thing", _("Hãy chọn trạm."))
    check.need(row.sensor_id, "sensor", _("Hãy chọn thiết bị đo."))
    _take_schema(row, check)
    _check_meaning(row, check)
    _check_limits(row, check)
    belong(row=row, actor=actor, check=check, parent=row.thing if row.thing_id else None)
    check.done()
    if not row.unit and row.observed_property is not None and not row.components:
        row.unit = row.observed_property.unit
    row.save()
    if properties is not None:
        with as_system("what a stream observes is part of it"):
            row.observed_properties.set(properties)
    return row


def _take_schema(row: Datastream, check: InputCheck) -> None:
    """A stream with a schema has objects as results; personal ones are not for everybody."""
    if not row.result_schema:
        return
    schema = result_schemas().get(row.result_schema)
    check.need(schema, "result_schema", _("Chọn một lược đồ trong danh sách."))
    check.need(
        not row.components,
        "result_schema",
        _("Kênh đo có lược đồ thì không khai thành phần."),
    )
    row.result_kind = choices.ResultKind.COMPLEX.value
    if schema is not None and schema.personal:
        row.data_class = max(int(row.data_class), int(DataClass.RESTRICTED))


def _check_meaning(row: Datastream, check: InputCheck) -> None:
    check.need(
        row.result_kind in choices.ResultKind.__members__,
        "result_kind",
        _("Chọn một kiểu kết quả trong danh sách."),
    )
    parts = row.components
    is_well_formed = isinstance(parts, list) and all(
        isinstance(part, dict) and part.get("name") for part in parts
    )
    check.need(
        is_well_formed,
        "components",
        _('Mỗi thành phần cần có tên: [{"name": "…", "unit": "…"}].'),
    )
    check.need(
        row.observed_property_id or parts,
        "observed_property",
        _("Hãy chọn đại lượng, hoặc khai các thành phần."),
    )


def _check_limits(row: Datastream, check: InputCheck) -> None:
    if row.valid_min is not None and row.valid_max is not None:
        check.need(
            row.valid_max > row.valid_min,
            "valid_max",
            _("Giới hạn đo trên phải lớn hơn giới hạn đo dưới."),
        )
    check.need(
        row.interval_s is None or row.interval_s > 0,
        "interval_s",
        _("Chu kỳ gửi phải lớn hơn 0 giây; để trống nếu gửi theo sự kiện."),
    )
    check.need(
        row.retention in choices.RETENTIONS,
        "retention",
        _("Chọn một chế độ lưu trong danh sách."),
    )


@use_case("telemetry.calibration.add", act="telemetry.create_calibration")
def create_calibration(*, actor: Actor, **values: Any) -> Calibration:
    """Record a calibration; it holds from its own day on unless said otherwise.

    Raises:
        InvalidInputError: by field.
    """
    return _put_calibration(Calibration(), actor, values)


@use_case("telemetry.calibration.change", act="telemetry.update_calibration")
def update_calibration(
    *, actor: Actor, row: Calibration, version: int | None, reason: str = "", **values: Any
) -> Calibration:
    """Correct a calibration.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_calibration(row, actor, values)


@use_case("telemetry.calibration.delete", act="telemetry.delete_calibration")
def delete_calibration(*, actor: Actor, row: Calibration, version: int | None, reason: str) -> None:
    """Take out a calibration that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()


def _put_calibration(row: Calibration, actor: Actor, values: dict[str, Any]) -> Calibration:
    check = InputCheck()
    put_values(row, _CALIBRATION, values)
    check_code(row, "HC", check)
    check.need(row.datastream_id, "datastream", _("Hãy chọn kênh đo."))
    check.need(row.calibrated_at, "calibrated_at", _("Hãy ghi ngày hiệu chuẩn."))
    check.need(row.scale, "scale", _("Hệ số phải khác 0."))
    if row.calibrated_at:
        check.need(
            row.calibrated_at <= timezone.localdate(),
            "calibrated_at",
            _("Ngày hiệu chuẩn không được ở tương lai."),
        )
        if not row.valid_from:
            midnight = datetime.combine(row.calibrated_at, time())
            row.valid_from = timezone.make_aware(midnight)
        check.need(
            row.valid_to is None or row.valid_to >= row.calibrated_at,
            "valid_to",
            _("Ngày hết hiệu lực phải từ ngày hiệu chuẩn trở đi."),
        )
    belong(row=row, actor=actor, check=check, parent=row.datastream if row.datastream_id else None)
    check.done()
    row.save()
    return row


@use_case("telemetry.service_entry.add", act="telemetry.create_service_entry")
def create_service_entry(*, actor: Actor, **values: Any) -> ServiceEntry:
    """Record what was done to the instruments of a station.

    Raises:
        InvalidInputError: by field.
    """
    return _put_entry(ServiceEntry(), actor, values)


@use_case("telemetry.service_entry.change", act="telemetry.update_service_entry")
def update_service_entry(
    *, actor: Actor, row: ServiceEntry, version: int | None, reason: str = "", **values: Any
) -> ServiceEntry:
    """Correct an entry.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_entry(row, actor, values)


@use_case("telemetry.service_entry.delete", act="telemetry.delete_service_entry")
def delete_service_entry(
    *, actor: Actor, row: ServiceEntry, version: int | None, reason: str
) -> None:
    """Take out an entry that was made by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()


def _put_entry(row: ServiceEntry, actor: Actor, values: dict[str, Any]) -> ServiceEntry:
    check = InputCheck()
    put_values(row, _ENTRY, values)
    check.need(row.thing_id, "thing", _("Hãy chọn trạm."))
    check.need(row.kind in ServiceEntry.Kind.values, "kind", _("Chọn một việc trong danh sách."))
    check.need(row.done_at, "done_at", _("Hãy ghi thời điểm."))
    if row.done_at:
        check.need(row.done_at <= timezone.now(), "done_at", _("Thời điểm không được ở tương lai."))
    if row.thing_id and row.datastream is not None:
        check.need(
            row.datastream.thing_id == row.thing_id,
            "datastream",
            _("Kênh đo này không thuộc trạm đã chọn."),
        )
    belong(row=row, actor=actor, check=check, parent=row.thing if row.thing_id else None)
    check.done()
    row.save()
    return row
