"""All that other domains may ask of telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sen.domains.telemetry.curves import curve_part
from sen.domains.telemetry.events import TOPIC
from sen.domains.telemetry.following import PlaceTakenError, move_place, place_of
from sen.domains.telemetry.models import Datastream, Device, Thing
from sen.domains.telemetry.rules import Freshness, freshness
from sen.domains.telemetry.said import unit_text
from sen.domains.telemetry.selectors import (
    extremes,
    minutes,
    siblings,
    stream_infos,
    streams_of_asset,
    streams_with_schema,
    things_of_asset,
    things_on_road,
)
from sen.domains.telemetry.services import (
    bring_stations,
    create_calibration,
    create_datastream,
    create_observed_property,
    create_sensor,
    create_service_entry,
    create_thing,
    forget_observations,
    provision_device,
)
from sen.domains.telemetry.store.reading import buckets, latest, latest_at, observations, series

if TYPE_CHECKING:
    from sen.domains.telemetry.flow.tail import (
        Entry,
        StreamLostError,
        Tail,
        ensure_observation_stream,
    )
    from sen.domains.telemetry.store.direct import put
    from sen.domains.telemetry.store.upkeep import Rollups
    from sen.domains.telemetry.wire import STREAM, Batch, BatchError, decode

#: What reads the stream of observations; only processes that do so load it.
_READERS: Final = {
    "Entry": "flow.tail",
    "StreamLostError": "flow.tail",
    "Tail": "flow.tail",
    "ensure_observation_stream": "flow.tail",
    "STREAM": "wire",
    "Batch": "wire",
    "BatchError": "wire",
    "decode": "wire",
    "put": "store.direct",
    "Rollups": "store.upkeep",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _READERS:
        raise AttributeError(name)
    return getattr(import_module(f"sen.domains.telemetry.{_READERS[name]}"), name)


__all__ = [
    "STREAM",
    "TOPIC",
    "Batch",
    "BatchError",
    "Datastream",
    "Device",
    "Entry",
    "Freshness",
    "PlaceTakenError",
    "Rollups",
    "StreamLostError",
    "Tail",
    "Thing",
    "bring_stations",
    "buckets",
    "create_calibration",
    "create_datastream",
    "create_observed_property",
    "create_sensor",
    "create_service_entry",
    "create_thing",
    "curve_part",
    "decode",
    "ensure_observation_stream",
    "extremes",
    "forget_observations",
    "freshness",
    "latest",
    "latest_at",
    "minutes",
    "move_place",
    "observations",
    "place_of",
    "provision_device",
    "put",
    "series",
    "siblings",
    "stream_infos",
    "streams_of_asset",
    "streams_with_schema",
    "things_of_asset",
    "things_on_road",
    "unit_text",
]
