"""What other domains may ask of `routing`."""

from __future__ import annotations

from sen.domains.routing.selectors import (
    NoRouteError,
    RoutingMissingError,
    figures,
    find_route,
    has_pgrouting,
)
from sen.domains.routing.services import create_turn, rebuild

__all__ = [
    "NoRouteError",
    "RoutingMissingError",
    "create_turn",
    "figures",
    "find_route",
    "has_pgrouting",
    "rebuild",
]
