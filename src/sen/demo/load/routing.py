"""The routing graph over the demonstration roads."""

from __future__ import annotations

from sen.domains.routing import api as routing
from sen.kernel.access.scope import Actor


def load_graph(actor: Actor) -> int:
    """Edges and connectivity faults, so that ways are found before the first job ran."""
    return routing.rebuild(actor=actor)["edges"]
