"""Closed lists of `imagery`."""

from __future__ import annotations

from enum import StrEnum


class RasterKind(StrEnum):
    ORTHO = "ORTHO"
    SCAN = "SCAN"
    SATELLITE = "SATELLITE"
    OTHER = "OTHER"


class RasterState(StrEnum):
    """``PLACE``: its system must be confirmed. ``POINTS``: it lies nowhere yet."""

    PLACE = "PLACE"
    POINTS = "POINTS"
    QUEUED = "QUEUED"
    READY = "READY"
    FAILED = "FAILED"


class Protocol(StrEnum):
    WMS = "WMS"
    WMTS = "WMTS"
    XYZ = "XYZ"


class Method(StrEnum):
    """How a scan is bent onto the ground, by how many points it takes at least."""

    AFFINE = "AFFINE"
    POLY2 = "POLY2"
    POLY3 = "POLY3"
    TPS = "TPS"
