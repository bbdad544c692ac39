"""Quantities, instruments and features: what observations refer to."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.telemetry.models import Datastream, FeatureOfInterest, ObservedProperty, Sensor
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
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.usecase import check_version, use_case

_PROPERTY: Final = ("code", *DESCRIBED, "definition", "unit", *KEEPING)
_SENSOR: Final = (
    "code",
    *DESCRIBED,
    "encoding_type",
    "metadata",
    "maker",
    "model",
    "serial",
    "accuracy",
    *KEEPING,
)
_FEATURE: Final = (*DESCRIBED, "encoding_type", "feature", "geom", *KEEPING)


@use_case("telemetry.observed_property.add", act="telemetry.create_observed_property")
def create_observed_property(*, actor: Actor, **values: Any) -> ObservedProperty:
    """Add a quantity; without a code it gets a running one.

    Raises:
        InvalidInputError: by field.
    """
    return _put_property(ObservedProperty(), actor, values)


@use_case("telemetry.observed_property.change", act="telemetry.update_observed_property")
def update_observed_property(
    *, actor: Actor, row: ObservedProperty, version: int | None, reason: str = "", **values: Any
) -> ObservedProperty:
    """Change a quantity.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_property(row, actor, values)


def _put_property(row: ObservedProperty, actor: Actor, values: dict[str, Any]) -> ObservedProperty:
    check = InputCheck()
    put_values(row, _PROPERTY, values)
    check_name(row, check)
    check_code(row, "DL", check)
    check_object(row, "properties", check)
    belong(row=row, actor=actor, check=check)
    check.done()
    row.save()
    return row


@use_case("telemetry.observed_property.delete", act="telemetry.delete_observed_property")
def delete_observed_property(
    *, actor: Actor, row: ObservedProperty, version: int | None, reason: str
) -> None:
    """Take out a quantity that no stream observes.

    Raises:
        ConflictError: streams observe it.
    """
    check_version(row, version)
    with as_system("a quantity is in use whoever may see its streams"):
        used = (
            Datastream.objects.filter(observed_property=row).exists()
            or Datastream.objects.filter(observed_properties=row).exists()
        )
    if used:
        raise ConflictError(
            _("Đại lượng này đang có kênh đo dùng nên không xóa được."),
            hint=_("Hãy đổi đại lượng của các kênh đo trước."),
        )
    row.delete()


@use_case("telemetry.sensor.add", act="telemetry.create_sensor")
def create_sensor(*, actor: Actor, **values: Any) -> Sensor:
    """Add an instrument; without a code it gets a running one.

    Raises:
        InvalidInputError: by field.
    """
    return _put_sensor(Sensor(), actor, values)


@use_case("telemetry.sensor.change", act="telemetry.update_sensor")
def update_sensor(
    *, actor: Actor, row: Sensor, version: int | None, reason: str = "", **values: Any
) -> Sensor:
    """Change an instrument.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_sensor(row, actor, values)


def _put_sensor(row: Sensor, actor: Actor, values: dict[str, Any]) -> Sensor:
    check = InputCheck()
    put_values(row, _SENSOR, values)
    check_name(row, check)
    check_code(row, "CB", check)
    check_object(row, "properties", check)
    belong(row=row, actor=actor, check=check)
    check.done()
    row.save()
    return row


@use_case("telemetry.sensor.delete", act="telemetry.delete_sensor")
def delete_sensor(*, actor: Actor, row: Sensor, version: int | None, reason: str) -> None:
    """Take out an instrument that measures for no stream.

    Raises:
        ConflictError: streams come from it.
    """
    check_version(row, version)
    with as_system("an instrument is in use whoever may see its streams"):
        used = Datastream.objects.filter(sensor=row).exists()
    if used:
        raise ConflictError(
            _("Thiết bị đo này đang có kênh đo dùng nên không xóa được."),
            hint=_("Hãy đổi thiết bị của các kênh đo trước."),
        )
    row.delete()


@use_case("telemetry.feature_of_interest.add", act="telemetry.create_feature")
def create_feature(*, actor: Actor, **values: Any) -> FeatureOfInterest:
    """Add what observations are about, where that is not the place of the thing.

    Raises:
        InvalidInputError: by field.
    """
    return _put_feature(FeatureOfInterest(), actor, values)


@use_case("telemetry.feature_of_interest.change", act="telemetry.update_feature")
def update_feature(
    *, actor: Actor, row: FeatureOfInterest, version: int | None, reason: str = "", **values: Any
) -> FeatureOfInterest:
    """Change a feature of interest.

    Raises:
        ConflictError: somebody changed it meanwhile.
        InvalidInputError: by field.
    """
    check_version(row, version)
    return _put_feature(row, actor, values)


def _put_feature(row: FeatureOfInterest, actor: Actor, values: dict[str, Any]) -> FeatureOfInterest:
    check = InputCheck()
    put_values(row, _FEATURE, values)
    check_name(row, check)
    check_object(row, "properties", check)
    belong(row=row, actor=actor, check=check)
    check.done()
    row.save()
    return row


@use_case("telemetry.feature_of_interest.delete", act="telemetry.delete_feature")
def delete_feature(
    *, actor: Actor, row: FeatureOfInterest, version: int | None, reason: str
) -> None:
    """Take out a feature of interest.

    Raises:
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    row.delete()
