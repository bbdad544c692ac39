"""Where roads meet, what is wrong there, and which turns are allowed; pure."""

from __future__ import annotations

from sen.domains.routing.rules.topology import (
    NEAR_M,
    XY,
    EdgeDraft,
    FaultDraft,
    Line,
    Network,
    build_edges,
    components,
    faults_of,
    isolated,
    joined,
)
from sen.domains.routing.rules.turning import (
    Edge,
    End,
    Expanded,
    Piece,
    Stops,
    expand,
    is_manoeuvre,
    turn_deg,
)

__all__ = [
    "NEAR_M",
    "XY",
    "Edge",
    "EdgeDraft",
    "End",
    "Expanded",
    "FaultDraft",
    "Line",
    "Network",
    "Piece",
    "Stops",
    "build_edges",
    "components",
    "expand",
    "faults_of",
    "is_manoeuvre",
    "isolated",
    "joined",
    "turn_deg",
]
