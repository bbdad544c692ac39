"""Kinds of places and of the names by which people still know them."""

from __future__ import annotations

from enum import StrEnum


class UnitKind(StrEnum):
    WARD = "WARD"
    COMMUNE = "COMMUNE"


class AliasKind(StrEnum):
    """What a former name was the name of."""

    DISTRICT = "DISTRICT"
    COMMUNE = "COMMUNE"
    PROVINCE = "PROVINCE"


class BoundarySource(StrEnum):
    """How far a boundary may be trusted."""

    APPROXIMATE = "APPROXIMATE"
    REFERENCE = "REFERENCE"
    OFFICIAL = "OFFICIAL"


class GroundKind(StrEnum):
    """What the base map draws under everything else."""

    LAND = "LAND"
    PROVINCE = "PROVINCE"
    SEA = "SEA"
    WATER = "WATER"
    RIVER = "RIVER"
    TOWN = "TOWN"
    NEIGHBOUR = "NEIGHBOUR"
