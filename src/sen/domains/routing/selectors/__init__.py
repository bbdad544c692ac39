"""Ways through the network, and the turns that they must not take."""

from __future__ import annotations

from sen.domains.routing.selectors.routes import (
    GraphFigures,
    NoRouteError,
    RoutingMissingError,
    figures,
    find_route,
    has_pgrouting,
)
from sen.domains.routing.selectors.turns import turn_rules

__all__ = [
    "GraphFigures",
    "NoRouteError",
    "RoutingMissingError",
    "figures",
    "find_route",
    "has_pgrouting",
    "turn_rules",
]
