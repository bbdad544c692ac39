"""Kinds of rules, how sure the house is of them, and the stages of their changes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sen.lib.errors import gettext_noop


class Topic(StrEnum):
    LOADS = "LOADS"
    SPEED = "SPEED"
    CORRIDORS = "CORRIDORS"
    ROADS = "ROADS"
    ASSETS = "ASSETS"
    CALENDAR = "CALENDAR"
    DEADLINES = "DEADLINES"
    FINES = "FINES"
    FORMATS = "FORMATS"
    PLANNING = "PLANNING"


class Verification(StrEnum):
    """``UNVERIFIED`` rules work, but every page that uses one says «cần xác minh»."""

    VERIFIED = "VERIFIED"
    SECONDARY = "SECONDARY"
    UNVERIFIED = "UNVERIFIED"


class DraftAct(StrEnum):
    """What a draft does to the rules of a document."""

    AMEND = "AMEND"
    REPLACE = "REPLACE"
    CORRECT = "CORRECT"


class DraftStatus(StrEnum):
    EDITING = "EDITING"
    REVIEW = "REVIEW"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


#: What the criteria of the shipped rules are called on screens.
CRITERIA: Final = {
    "asset": gettext_noop("Tài sản"),
    "axle_group": gettext_noop("Cụm trục"),
    "axles": gettext_noop("Số trục"),
    "bound": gettext_noop("Cận"),
    "container": gettext_noop("Chở container"),
    "divided": gettext_noop("Có dải phân cách"),
    "group": gettext_noop("Nhóm"),
    "iri": gettext_noop("IRI"),
    "kind": gettext_noop("Loại"),
    "kingpin_m": gettext_noop("Chốt kéo đến trục đầu"),
    "length_m": gettext_noop("Chiều dài"),
    "object": gettext_noop("Đối tượng"),
    "one_container": gettext_noop("Chở một container"),
    "outer_axles_m": gettext_noop("Trục đầu đến trục cuối"),
    "payload_t": gettext_noop("Tải trọng chở"),
    "permit": gettext_noop("Loại giấy phép"),
    "spacing_m": gettext_noop("Khoảng cách trục"),
    "speed_kmh": gettext_noop("Tốc độ"),
    "technical_class": gettext_noop("Cấp kỹ thuật"),
    "total_vnd": gettext_noop("Tổng mức đầu tư"),
    "vehicle": gettext_noop("Loại xe"),
    "waterway_class": gettext_noop("Cấp đường thủy"),
    "work": gettext_noop("Công trình"),
    "work_class": gettext_noop("Cấp công trình"),
}
