"""Roads with what lies along them, and what was done to roads as a whole."""

from __future__ import annotations

from sen.domains.network.models.along import (
    KmPost,
    MeasuredLineField,
    Road,
    RouteEvent,
    RouteVersion,
    event_kind_choices,
    surface_choices,
)
from sen.domains.network.models.bases import AlongRoad, SideOfRoad
from sen.domains.network.models.changes import Concurrency, Decision, RoadOperation

__all__ = [
    "AlongRoad",
    "Concurrency",
    "Decision",
    "KmPost",
    "MeasuredLineField",
    "Road",
    "RoadOperation",
    "RouteEvent",
    "RouteVersion",
    "SideOfRoad",
    "event_kind_choices",
    "surface_choices",
]
