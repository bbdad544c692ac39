"""All that other domains may ask of telemetry."""

from __future__ import annotations

from sen.domains.telemetry.models import Datastream, Device, Thing

__all__ = ["Datastream", "Device", "Thing"]
