"""What telemetry tells other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from sen.domains.telemetry.choices import Quality, Step


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One datastream in short.

    ``position`` says where on its work the instrument sits (``Nhịp 3``, ``Trụ T4``).
    """

    id: int
    code: str
    name: str
    thing_id: int
    thing_name: str
    asset_id: int | None
    position: str
    property_code: str
    property_name: str
    unit: str
    interval_s: int | None
    valid_min: float | None
    valid_max: float | None


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One observation; ``result`` is None where the result is no number (see ``extra``)."""

    stream_id: int
    at: datetime
    result: float | None
    quality: Quality
    received_at: datetime
    extra: dict[str, Any] | None = None


class Bucket(msgspec.Struct, frozen=True, gc=False):
    """The observations of one stream in one bucket of a rollup; ``at`` is its beginning."""

    at: datetime
    count: int
    min: float | None
    max: float | None
    mean: float | None
    p05: float | None
    p95: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """A stream over a span; ``step`` is None where the points are single observations."""

    stream_id: int
    step: Step | None
    points: list[Bucket]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInput:
    """One stream of a station that is brought with many others.

    ``sensor`` and ``observed_property`` are codes of the catalogues.
    """

    code: str
    name: str
    sensor: str
    observed_property: str
    unit: str = ""
    interval_s: int | None = None
    valid_min: float | None = None
    valid_max: float | None = None
    retention: str = "STANDARD"
    data_class: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StationInput:
    """One station with its streams and the device that sends for it, brought with many others.

    Owner and place are ids, because they come from the work or the road on which it stands.
    """

    code: str
    name: str
    lon: float
    lat: float
    owner_org_id: int
    area_id: int
    asset_id: int | None = None
    road_id: int | None = None
    chainage_m: float | None = None
    position: str = ""
    installed_at: date | None = None
    streams: tuple[StreamInput, ...] = ()
    device: str = ""
