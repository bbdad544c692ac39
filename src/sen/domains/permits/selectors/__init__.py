"""Questions about permits."""

from sen.domains.permits.selectors.permits import (
    acts_of,
    expiring,
    in_force,
    legs_of,
    permits,
    permits_at_asset,
    permits_on_road,
)
from sen.domains.permits.selectors.routes import check_route, legs_from, vehicle_of

__all__ = [
    "acts_of",
    "check_route",
    "expiring",
    "in_force",
    "legs_from",
    "legs_of",
    "permits",
    "permits_at_asset",
    "permits_on_road",
    "vehicle_of",
]
