"""Checks of the values that all types share, and the telling of what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.assets.choices import Condition, Status
from sen.domains.assets.events import (
    AssetChanged,
    AssetClosed,
    AssetMoved,
    ConditionChanged,
    LoadLimitChanged,
)
from sen.domains.assets.models import Asset
from sen.domains.assets.rules import FIRST_YEAR, changed_attributes, posted_changes
from sen.domains.network.choices import Side
from sen.kernel.access.scope import DataClass
from sen.kernel.events import Event

#: Opening years may lie ahead: assets under construction have one too.
YEARS_AHEAD: Final = 15
OUT_OF_USE: Final = (Status.CLOSED.value, Status.REMOVED.value)
_PLACE: Final = ("road_id", "chainage_m", "to_chainage_m", "side", "located_by")
_SHARED: Final = (
    "code",
    "name",
    "owner_org_id",
    "area_id",
    "data_class",
    "status",
    "condition",
    "condition_at",
    "opened_year",
    "note",
)


def shared_faults(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the values that all types share, by field; only given ones are looked at.

    ``owner_org`` may be the organisation or anything that stands for it.
    """
    today = timezone.localdate()
    year, at = values.get("opened_year"), values.get("condition_at")
    last = today.year + YEARS_AHEAD
    wrong = {
        "code": "code" in values
        and not (0 < len(str(values["code"] or "").strip()) <= 60)
        and _("Hãy ghi mã tài sản, tối đa 60 ký tự."),
        "name": "name" in values
        and not (0 < len(str(values["name"] or "").strip()) <= 250)
        and _("Hãy ghi tên tài sản, tối đa 250 ký tự."),
        "owner_org": "owner_org" in values
        and not values["owner_org"]
        and _("Hãy chọn đơn vị quản lý."),
        "status": _unknown(values, "status", Status),
        "condition": values.get("condition") and _unknown(values, "condition", Condition),
        "side": values.get("side") and _unknown(values, "side", Side),
        "opened_year": year is not None
        and not FIRST_YEAR <= int(year) <= last
        and _("Năm phải từ %(first)s đến %(last)s.") % {"first": FIRST_YEAR, "last": last},
        "condition_at": isinstance(at, date)
        and at > today
        and _("Ngày đánh giá không được ở tương lai."),
        "data_class": values.get("data_class") is not None
        and int(values["data_class"]) not in list(DataClass)
        and _("Mức dữ liệu phải là 0, 1, 2 hoặc 3."),
    }
    return {name: str(text) for name, text in wrong.items() if text}


def _unknown(values: Mapping[str, Any], name: str, known: type[Any]) -> str | bool:
    if name not in values or str(values[name]) in [str(member.value) for member in known]:
        return False
    return _("Không có giá trị “%(value)s”; hãy chọn một trong: %(choices)s.") % {
        "value": values[name],
        "choices": ", ".join(str(member.value) for member in known),
    }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An asset before an act, to tell afterwards what it changed."""

    shared: Mapping[str, Any]
    place: Mapping[str, Any]
    #: The geometry itself: it is replaced, never changed.
    shape: GEOSGeometry | None
    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, row: Asset) -> Snapshot:
        return cls(
            {name: getattr(row, name) for name in _SHARED},
            {name: getattr(row, name) for name in _PLACE},
            row.geom,
            dict(row.attributes),
        )

    def has_other_shape(self, other: Snapshot) -> bool:
        if self.shape is None or other.shape is None:
            return self.shape is not other.shape
        return self.shape is not other.shape and self.shape.wkb != other.shape.wkb


def changed_fields(before: Snapshot, now: Snapshot) -> tuple[str, ...]:
    """Names of everything that differs; attributes as ``attributes.<name>``."""
    names = [n.removesuffix("_id") for n in _SHARED if before.shared[n] != now.shared[n]]
    names += [n.removesuffix("_id") for n in _PLACE if before.place[n] != now.place[n]]
    names += ["geom"] if before.has_other_shape(now) else []
    attributes = changed_attributes(before.attributes, now.attributes)
    return (*names, *(f"attributes.{name}" for name in attributes))


def has_moved(before: Snapshot, now: Snapshot) -> bool:
    return before.has_other_shape(now) or before.place != now.place


def particular_events(row: Asset, before: Snapshot, now: Snapshot) -> list[Event]:
    """Events beyond "it changed": load limits, condition, closing."""
    about: dict[str, Any] = {"asset_id": row.pk, "asset_type": row.type, "code": row.code}
    found: list[Event] = []
    was, is_now = posted_changes(before.attributes, now.attributes)
    if was or is_now:
        found.append(LoadLimitChanged(**about, before=was, now=is_now))
    if before.shared["condition"] != row.condition:
        found.append(
            ConditionChanged(
                **about,
                before=before.shared["condition"],
                now=row.condition,
                found_at=_day(row.condition_at),
            )
        )
    if row.status in OUT_OF_USE and before.shared["status"] not in OUT_OF_USE:
        found.append(AssetClosed(**about, status=row.status))
    return found


def _day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


def events_of(row: Asset, before: Snapshot) -> list[Event]:
    """Everything to tell about a changed asset; nothing when nothing changed."""
    now = Snapshot.of(row)
    fields = changed_fields(before, now)
    if not fields:
        return []
    about: dict[str, Any] = {"asset_id": row.pk, "asset_type": row.type, "code": row.code}
    found: list[Event] = [AssetChanged(**about, fields=fields)]
    if has_moved(before, now):
        chainage = None if row.chainage_m is None else float(row.chainage_m)
        found.append(AssetMoved(**about, road_id=row.road_id, chainage_m=chainage))
    return found + particular_events(row, before, now)
