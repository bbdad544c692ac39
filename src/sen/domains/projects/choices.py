"""Closed lists of projects: what kinds there are, and in which state a thing may be."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ProjectKind(StrEnum):
    NEW = "NEW"
    UPGRADE = "UPGRADE"
    REPAIR = "REPAIR"
    MAINTENANCE = "MAINTENANCE"
    EMERGENCY = "EMERGENCY"


class Group(StrEnum):
    """Groups of public investment projects, by importance and total investment."""

    NATIONAL = "NATIONAL"
    A = "A"
    B = "B"
    C = "C"


class Field(StrEnum):
    ROAD = "ROAD"
    BRIDGE = "BRIDGE"
    WATERWAY = "WATERWAY"
    STATION = "STATION"
    LIGHTING = "LIGHTING"
    DRAINAGE = "DRAINAGE"
    ITS = "ITS"
    OTHER = "OTHER"


class Status(StrEnum):
    """Whether a project moves at all; where it stands on its course is its step."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"


class Pace(StrEnum):
    """How a project goes against its own schedule."""

    NOT_STARTED = "NOT_STARTED"
    ON_TIME = "ON_TIME"
    SLOW = "SLOW"
    LATE = "LATE"
    DONE = "DONE"


class WorkAction(StrEnum):
    """What the work does to the infrastructure: builds an asset, or changes one that is there."""

    NEW = "NEW"
    REPAIR = "REPAIR"


class WorkStatus(StrEnum):
    PLANNED = "PLANNED"
    BUILDING = "BUILDING"
    ACCEPTED = "ACCEPTED"
    HANDED_OVER = "HANDED_OVER"
    STOPPED = "STOPPED"


class WorkClass(StrEnum):
    """Classes of construction works."""

    SPECIAL = "SPECIAL"
    I = "I"  # noqa: E741  the numerals of the law
    II = "II"
    III = "III"
    IV = "IV"


class Shape(StrEnum):
    """Which map layer draws a work; NONE while it has no place."""

    NONE = "NONE"
    POINT = "POINT"
    LINE = "LINE"
    AREA = "AREA"


class RiskKind(StrEnum):
    LAND = "LAND"
    FUNDING = "FUNDING"
    MATERIAL = "MATERIAL"
    CONTRACTOR = "CONTRACTOR"
    DESIGN = "DESIGN"
    UTILITIES = "UTILITIES"
    WEATHER = "WEATHER"
    PROCEDURE = "PROCEDURE"
    OTHER = "OTHER"


class Level(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class ContractKind(StrEnum):
    CONSTRUCTION = "CONSTRUCTION"
    EQUIPMENT = "EQUIPMENT"
    SURVEY = "SURVEY"
    DESIGN = "DESIGN"
    SUPERVISION = "SUPERVISION"
    CONSULTING = "CONSULTING"
    INSURANCE = "INSURANCE"
    OTHER = "OTHER"


class PriceKind(StrEnum):
    LUMP_SUM = "LUMP_SUM"
    FIXED_UNIT = "FIXED_UNIT"
    ADJUSTED_UNIT = "ADJUSTED_UNIT"
    TIME = "TIME"
    PERCENTAGE = "PERCENTAGE"


class ContractStatus(StrEnum):
    SIGNED = "SIGNED"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"
    LIQUIDATED = "LIQUIDATED"
    TERMINATED = "TERMINATED"


class MemberRole(StrEnum):
    LEAD = "LEAD"
    PARTNER = "PARTNER"
    SUBCONTRACTOR = "SUBCONTRACTOR"


class PaymentKind(StrEnum):
    """For what money was paid out; an advance is recovered by the payments after it."""

    ADVANCE = "ADVANCE"
    VOLUME = "VOLUME"
    FINAL = "FINAL"
    COMPENSATION = "COMPENSATION"
    MANAGEMENT = "MANAGEMENT"
    OTHER = "OTHER"


class FundingLevel(StrEnum):
    CENTRAL = "CENTRAL"
    PROVINCE = "PROVINCE"
    COMMUNE = "COMMUNE"
    AID = "AID"
    LOAN = "LOAN"
    ENTERPRISE = "ENTERPRISE"
    RECURRENT = "RECURRENT"
    OTHER = "OTHER"


class WarrantyStatus(StrEnum):
    RUNNING = "RUNNING"
    RELEASED = "RELEASED"
    CALLED = "CALLED"


class TaskKind(StrEnum):
    TASK = "TASK"
    MILESTONE = "MILESTONE"


class AcceptanceKind(StrEnum):
    TASK = "TASK"
    STAGE = "STAGE"
    COMPLETION = "COMPLETION"
    HANDOVER = "HANDOVER"


class AcceptanceResult(StrEnum):
    ACCEPTED = "ACCEPTED"
    CONDITIONAL = "CONDITIONAL"
    REJECTED = "REJECTED"


class Weather(StrEnum):
    SUN = "SUN"
    CLOUD = "CLOUD"
    RAIN = "RAIN"
    STORM = "STORM"
    FLOOD = "FLOOD"


#: Rules of `norms` that projects ask: the group of a sum, and the months of a warranty.
GROUP_NORM: Final = "projects.group"
MONTHS_NORM: Final = "projects.warranty-months"
