"""Closed lists of telemetry, as other domains and processes without Django read them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from sen.lib.errors import gettext_noop


class Quality(IntEnum):
    """What is known against an observation; the highest that holds is kept."""

    GOOD = 0
    SUSPECT = 1
    BAD = 2
    CLOCK_CORRECTED = 3
    OUT_OF_RANGE = 4


class Step(IntEnum):
    """The widths of rollup buckets."""

    MINUTE = 1
    HOUR = 2
    DAY = 3


STEP_S: Final = {Step.MINUTE: 60, Step.HOUR: 3_600, Step.DAY: 86_400}


class ResultKind(StrEnum):
    """What an observation of a stream carries.

    Source:
        OGC 18-088 (SensorThings 1.1), table 12: observation types; the OM_* names follow from it.
    """

    MEASUREMENT = "MEASUREMENT"
    COUNT = "COUNT"
    TRUTH = "TRUTH"
    CATEGORY = "CATEGORY"
    ANY = "ANY"
    COMPLEX = "COMPLEX"


_OM: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/"
OBSERVATION_TYPES: Final = {
    ResultKind.MEASUREMENT: f"{_OM}OM_Measurement",
    ResultKind.COUNT: f"{_OM}OM_CountObservation",
    ResultKind.TRUTH: f"{_OM}OM_TruthObservation",
    ResultKind.CATEGORY: f"{_OM}OM_CategoryObservation",
    ResultKind.ANY: f"{_OM}OM_Observation",
    ResultKind.COMPLEX: f"{_OM}OM_ComplexObservation",
}


class DeviceState(StrEnum):
    """Where a device stands; only an active one may write."""

    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    QUARANTINED = "QUARANTINED"
    RETIRED = "RETIRED"


class Protocol(StrEnum):
    """The door by which a device comes."""

    MQTT = "MQTT"
    HTTP = "HTTP"
    MODBUS = "MODBUS"
    OPCUA = "OPCUA"
    FILE = "FILE"


class ThingStatus(StrEnum):
    PLANNED = "PLANNED"
    IN_USE = "IN_USE"
    PAUSED = "PAUSED"
    REMOVED = "REMOVED"


class ServiceKind(StrEnum):
    """What was done to an instrument."""

    INSTALLED = "INSTALLED"
    MAINTAINED = "MAINTAINED"
    REPAIRED = "REPAIRED"
    REPLACED = "REPLACED"
    MOVED = "MOVED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the observations of a class of streams stay in the hot store.

    Units:
        Days. Rollups of an hour and of a day stay for ever.
    """

    code: str
    title: str
    raw_days: int
    minute_days: int


RETENTIONS: Final = {
    item.code: item
    for item in (
        Retention("EVIDENCE", gettext_noop("Chứng cứ, hồ sơ công trình"), 400, 3_660),
        Retention("STANDARD", gettext_noop("Quan trắc thông thường"), 90, 400),
        Retention("DENSE", gettext_noop("Tần suất cao (rung, tải trọng động)"), 14, 400),
        Retention("SHORT", gettext_noop("Vị trí, lượt xe"), 30, 90),
    )
}
