"""Kinds and states of publications, and what they speak of."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    YEARLY = "YEARLY"
    CHANGE = "CHANGE"


class Status(StrEnum):
    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"


class Subject(StrEnum):
    ROAD = "ROAD"
    BRIDGE = "BRIDGE"
    TUNNEL = "TUNNEL"
    FERRY = "FERRY"
    PONTOON = "PONTOON"


class Change(StrEnum):
    """How an item differs from what was published before."""

    SAME = "SAME"
    NEW = "NEW"
    CHANGED = "CHANGED"
    GONE = "GONE"


#: Types of assets that are published, and what they are here.
SUBJECTS: Final = {
    "bridge": Subject.BRIDGE,
    "tunnel": Subject.TUNNEL,
    "ferry": Subject.FERRY,
    "pontoon": Subject.PONTOON,
}
#: What is published of an item, in the order of the columns.
LIMITS: Final = (
    "load_limit_t",
    "load_limit_rigid_t",
    "load_limit_semi_t",
    "load_limit_trailer_t",
    "axle_limit_t",
    "clearance_m",
    "width_m",
)
#: What is posted along roads → the same of an item.
ALONG: Final = {
    "load_limit": "load_limit_t",
    "axle_limit": "axle_limit_t",
    "clearance": "clearance_m",
    "width_limit": "width_m",
}
#: Attributes of assets → the same of an item.
OF_ASSET: Final = {
    "load_limit_t": "load_limit_t",
    "load_limit_rigid_t": "load_limit_rigid_t",
    "load_limit_semi_t": "load_limit_semi_t",
    "load_limit_trailer_t": "load_limit_trailer_t",
    "axle_limit_t": "axle_limit_t",
    "road_clearance_m": "clearance_m",
    "carriageway_m": "width_m",
}
