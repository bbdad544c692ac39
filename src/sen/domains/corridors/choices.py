"""What corridors run along."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Along(StrEnum):
    ROAD = "ROAD"
    BRIDGE = "BRIDGE"
    TUNNEL = "TUNNEL"
    FERRY = "FERRY"
    WATERWAY = "WATERWAY"


class FairwayClass(StrEnum):
    """Technical classes of inland waterways, as the rule of their corridor names them."""

    SPECIAL = "special"
    LAKE = "lake"
    ESTUARY = "estuary"
    I = "I"  # noqa: E741  the numerals of the standard
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"
    VI = "VI"


#: Types of assets that have a corridor of their own, and the object that the rule calls them.
ASSET_OBJECTS: Final = {"tunnel": "tunnel", "ferry": "ferry", "pontoon": "pontoon"}
