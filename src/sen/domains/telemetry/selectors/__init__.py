"""What may be asked of telemetry."""

from __future__ import annotations

from sen.domains.telemetry.selectors.arrays import extremes, minutes
from sen.domains.telemetry.selectors.dead import (
    dead_letters,
    reasons_of,
    sees_unknown,
    unknown_sources,
)
from sen.domains.telemetry.selectors.streams import (
    devices_of_thing,
    info_of,
    siblings,
    stream_infos,
    streams_of_asset,
    streams_of_thing,
    streams_with_schema,
    things_of_asset,
    things_on_road,
)

__all__ = [
    "dead_letters",
    "devices_of_thing",
    "extremes",
    "info_of",
    "minutes",
    "reasons_of",
    "sees_unknown",
    "siblings",
    "stream_infos",
    "streams_of_asset",
    "streams_of_thing",
    "streams_with_schema",
    "things_of_asset",
    "things_on_road",
    "unknown_sources",
]
