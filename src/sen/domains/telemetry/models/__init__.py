"""What is measured, by what, where, and the devices that send it."""

from sen.domains.telemetry.models.catalogue import FeatureOfInterest, ObservedProperty, Sensor
from sen.domains.telemetry.models.devices import (
    DeadLetter,
    Device,
    PayloadMapping,
    PullState,
)
from sen.domains.telemetry.models.lake import LakeErasure, LakeFile
from sen.domains.telemetry.models.streams import Calibration, Datastream, ServiceEntry
from sen.domains.telemetry.models.things import HistoricalLocation, Location, Thing

__all__ = [
    "Calibration",
    "Datastream",
    "DeadLetter",
    "Device",
    "FeatureOfInterest",
    "HistoricalLocation",
    "LakeErasure",
    "LakeFile",
    "Location",
    "ObservedProperty",
    "PayloadMapping",
    "PullState",
    "Sensor",
    "ServiceEntry",
    "Thing",
]
