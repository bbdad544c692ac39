"""CQL2 filters (OGC 21-065r2): text or JSON to a condition on the rows of a layer."""

from __future__ import annotations

from sen.kernel.geo.ogc.cql2.conditions import compiled
from sen.kernel.geo.ogc.cql2.reading import LANGUAGES, read

__all__ = ["LANGUAGES", "compiled", "read"]
