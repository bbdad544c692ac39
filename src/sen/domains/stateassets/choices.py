"""Kinds of state assets, what happens to them, and the states of their cards and books."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CardKind(StrEnum):
    """Kinds by which the law says how long an asset serves."""

    ROAD = "ROAD"
    BRIDGE = "BRIDGE"
    TUNNEL = "TUNNEL"
    FERRY = "FERRY"
    WEIGH_STATION = "WEIGH_STATION"
    TOLL_STATION = "TOLL_STATION"
    STORE = "STORE"
    STATION = "STATION"
    PARKING = "PARKING"
    REST_STOP = "REST_STOP"
    BUILDING_I = "BUILDING_I"
    BUILDING_II = "BUILDING_II"
    BUILDING_III = "BUILDING_III"
    BUILDING_IV = "BUILDING_IV"


#: What a type of the register of assets is on the books; a type that is not named belongs to its
#: road or needs a person to say which grade of building it is.
KIND_OF_TYPE: Final = {
    "bridge": CardKind.BRIDGE,
    "tunnel": CardKind.TUNNEL,
    "ferry": CardKind.FERRY,
    "weigh_station": CardKind.WEIGH_STATION,
    "toll_station": CardKind.TOLL_STATION,
    "material_store": CardKind.STORE,
    "bus_station": CardKind.STATION,
    "parking": CardKind.PARKING,
    "rest_stop": CardKind.REST_STOP,
}


class CardStatus(StrEnum):
    """Where a card stands: proposed, on the books, off the books."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


class MovementKind(StrEnum):
    """What changes the original cost of an asset or what it has lost."""

    OPENING = "OPENING"
    UPGRADE = "UPGRADE"
    REVALUATION = "REVALUATION"
    REMOVAL = "REMOVAL"
    HANDOVER = "HANDOVER"
    DISPOSAL = "DISPOSAL"
    CORRECTION = "CORRECTION"


#: Movements that take the whole asset off the books.
LEAVING: Final = (MovementKind.HANDOVER, MovementKind.DISPOSAL)


class Origin(StrEnum):
    """How an asset came onto the books."""

    INVESTMENT = "INVESTMENT"
    TRANSFER = "TRANSFER"
    SURVEY = "SURVEY"
    OTHER = "OTHER"


class BookStatus(StrEnum):
    """Whether the year of an organisation may still be written in."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class FirstYear(StrEnum):
    """Whether the year in which an asset came onto the books counts whole or not at all."""

    FULL = "FULL"
    NEXT = "NEXT"
