"""What `telemetry` tells the others; live values come by the topic ``telemetry``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

#: Newest values of streams; the key is the id of the stream.
TOPIC = "telemetry"
declare_topic(TOPIC, resource="telemetry.datastream", hz=1)


@dataclass(frozen=True, kw_only=True)
class DeviceStateChanged(Event):
    """A device was quarantined, released or retired."""

    type = "vn.dongthap.sen.telemetry.device.state_changed.v1"
    device_id: int
    code: str
    before: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeviceFellSilent(Event):
    """A device in use has sent nothing for longer than it may."""

    type = "vn.dongthap.sen.telemetry.device.fell_silent.v1"
    device_id: int
    code: str
    last_seen_at: datetime
