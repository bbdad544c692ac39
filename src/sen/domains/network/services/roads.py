"""Use cases on roads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import RoadPart, RoadStatus
from sen.domains.network.events import RoadChanged, RoadDeleted
from sen.domains.network.models import Road
from sen.domains.network.rules import canonical_number, order_key, search_terms
from sen.domains.network.services.calibration import calibrate, count_lengths
from sen.domains.network.services.checks import road_faults
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

FIELDS: Final = (
    "code",
    "number",
    "name",
    "manager_class",
    "technical_class",
    "carriageway",
    "owner_org",
    "area",
    "data_class",
    "lanes",
    "width_m",
    "surface",
    "opened_year",
    "status",
    "declared_start_m",
    "declared_end_m",
    "part",
    "main",
)
"""What a person may write of a road; its line and its posts come by import or from the map."""

# What lies on a road belongs to whom the road belongs to; a record may be more secret than it.
_SPREAD: Final = """
UPDATE {table} t SET owner_org_id = r.owner_org_id, area_id = r.area_id, data_class = {level}
FROM network_road r WHERE r.id = t.road_id AND r.id = ANY(%s)
  AND (t.owner_org_id, t.area_id, t.data_class)
    IS DISTINCT FROM (r.owner_org_id, r.area_id, {level})
"""
_FOLLOWERS: Final = {
    "network_routeversion": "r.data_class",
    "network_kmpost": "r.data_class",
    "network_routeevent": "greatest(t.data_class, r.data_class)",
}


# The part behind the road's own name is kept: ``QL.30 Km12``, ``QL.30 Km1+000–Km2+500``.
_RENAME: Final = """
UPDATE {table} t SET title = r.called || ' ' || {rest}
FROM (SELECT id, map_label AS called FROM network_road) r
WHERE r.id = t.road_id AND r.id = ANY(%s) AND t.title <> r.called || ' ' || {rest}
"""
_REST: Final = {
    "network_kmpost": "t.label",
    "network_routeevent": r"substring(t.title from 'Km\d+\+[0-9.]+–Km\d+\+[0-9.]+$')",
}


@use_case("network.road.add", act="network.create_road")
def create_road(*, actor: Actor, **values: Any) -> Road:
    """Enter a road; its line and its km-posts follow.

    Raises:
        InvalidInputError: a value is wrong or the code is taken.
    """
    road = Road()
    fill_road(road, values)
    road.save()
    publish(RoadChanged(road_id=road.pk, code=road.code, created=True), key=road.pk, on=road)
    return road


@use_case("network.road.change", act="network.update_road")
def update_road(
    *, actor: Actor, row: Road, version: int | None, reason: str = "", **values: Any
) -> Road:
    """Change the description of a road.

    New declared ends move every chainage of a road without posts: it is calibrated anew.

    Raises:
        ConflictError: somebody changed the road after the form was opened.
        InvalidInputError: a value is wrong or the code is taken.
    """
    check_version(row, version)
    ends = (row.declared_start_m, row.declared_end_m)
    fill_road(row, values)
    row.save()
    with as_system("what lies on a road follows it"):
        spread_road([row.pk])
    count_lengths([row.pk])
    moved = row.geom is not None and ends != (row.declared_start_m, row.declared_end_m)
    if moved and (wrong := calibrate([row.pk], timezone.localdate())):
        raise InvalidInputError({"declared_end_m": wrong[row.pk]})
    row.refresh_from_db(fields=["start_m", "end_m", "length_m", "counted_m"])
    publish(RoadChanged(road_id=row.pk, code=row.code, created=False), key=row.pk, on=row)
    return row


@use_case("network.road.delete", act="network.delete_road")
def delete_road(*, actor: Actor, row: Road, version: int | None, reason: str) -> None:
    """Take a road out of the register with its posts and records; history keeps them.

    Raises:
        ConflictError: somebody changed the road meanwhile, or something is bound to it.
    """
    check_version(row, version)
    with as_system("parts of a road hold it whoever may see them"):
        parts = [str(part) for part in Road.objects.filter(main=row).defer("geom")[:5]]
    if parts:
        raise ConflictError(
            _("Chưa xóa được: còn phần đường, nhánh nối của tuyến: %(parts)s.")
            % {"parts": "; ".join(parts)},
            hint=_("Hãy xóa hoặc chuyển các phần đó sang tuyến khác trước."),
        )
    publish(RoadDeleted(road_id=row.pk, code=row.code), key=row.pk, on=row)
    try:
        with as_system("what lies on a road goes with it"):
            row.delete()
    except ProtectedError as error:
        names = {str(found._meta.verbose_name) for found in error.protected_objects}
        raise ConflictError(
            _("Chưa xóa được: còn %(what)s gắn với tuyến này.")
            % {"what": ", ".join(sorted(names))},
            hint=_("Hãy chuyển các đối tượng đó sang tuyến khác rồi xóa."),
        ) from error


def spread_road(road_ids: list[int]) -> None:
    """Carry owner, data class and name of roads over to what lies on them."""
    with connection.cursor() as cursor:
        for table, level in _FOLLOWERS.items():
            cursor.execute(_SPREAD.format(table=table, level=level), [road_ids])
        for table, rest in _REST.items():
            cursor.execute(_RENAME.format(table=table, rest=rest), [road_ids])


def fill_road(road: Road, values: Mapping[str, Any]) -> None:
    """Give a road its values, checked; the caller saves it.

    Raises:
        InvalidInputError: a value is wrong or the code is taken.
    """
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"road: unknown values {sorted(unknown)}")
    for name, value in values.items():
        setattr(road, name, nfc(value).strip() if isinstance(value, str) else value)
    road.declared_start_m = road.declared_start_m or 0
    faults = road_faults({name: getattr(road, name, None) for name in FIELDS})
    if not faults.get("code") and _code_taken(road):
        faults["code"] = [_("Mã tuyến này đã được dùng.")]
    for name, text in _part_faults(road):
        faults.setdefault(name, []).append(text)
    if faults:
        raise InvalidInputError(faults)
    road.number = canonical_number(road.number)
    road.order_key = order_key(road.number, road.manager_class, road.code)
    road.search_terms = search_terms(road.number)


def _part_faults(road: Road) -> list[tuple[str, str]]:
    """A carriageway or a ramp hangs on a main road, which has one of each side at any place."""
    road.part = road.part or RoadPart.MAIN.value
    if road.part == RoadPart.MAIN:
        return [("main", _("Tuyến chính không thuộc tuyến nào khác."))] if road.main else []
    main = road.main
    if main is None:
        return [("main", _("Hãy chọn tuyến chính của phần đường hoặc nhánh này."))]
    if main.part != RoadPart.MAIN or main.pk == road.pk:
        return [("main", _("Hãy chọn một tuyến chính, không phải phần đường hay nhánh nối."))]
    if road.part == RoadPart.RAMP:
        return []
    with as_system("a carriageway is there whoever may see it"):
        others = Road.objects.filter(main=main, part=road.part).exclude(pk=road.pk)
        for other in others.exclude(status=RoadStatus.ABOLISHED).defer("geom"):
            if _overlap(_reach(road), _reach(other)):
                return [
                    ("part", _("Tuyến chính đã có phần đường này: %(other)s.") % {"other": other})
                ]
    return []


def _reach(road: Road) -> tuple[float, float]:
    """From where to where a carriageway runs by its labels; everywhere as long as nobody says."""
    start = road.declared_start_m if road.start_m is None else road.start_m
    end = road.declared_end_m if road.end_m is None else road.end_m
    return float(start or 0), math.inf if end is None else float(end)


def _overlap(one: tuple[float, float], two: tuple[float, float]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _code_taken(road: Road) -> bool:
    with as_system("a code is taken whoever may see its road"):
        return Road.objects.filter(code=road.code).exclude(pk=road.pk).exists()
