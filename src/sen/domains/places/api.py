"""What other domains may ask of `places`."""

from __future__ import annotations

from sen.domains.places.selectors import unit_at, units, units_at, units_named
from sen.domains.places.services import apply_boundaries, put_unit

__all__ = ["apply_boundaries", "put_unit", "unit_at", "units", "units_at", "units_named"]
