"""What other domains may ask of `places`."""

from __future__ import annotations

from sen.domains.places.data import GroundInput
from sen.domains.places.selectors import unit_at, units, units_at, units_named
from sen.domains.places.services import apply_boundaries, put_unit, replace_ground

__all__ = [
    "GroundInput",
    "apply_boundaries",
    "put_unit",
    "replace_ground",
    "unit_at",
    "units",
    "units_at",
    "units_named",
]
