"""Use cases on red lines and fairways."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString
from django.db import connection
from django.utils.translation import gettext as _

from sen.domains.corridors.data import METRIC_SRID
from sen.domains.corridors.events import FairwayChanged, RedLineChanged
from sen.domains.corridors.models import Fairway, RedLine
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

#: A red line farther from its road than this belongs to another one.
MOST_AWAY_M: Final = 300
#: Shapes go through forms with 7 decimals.
SAME_DEG: Final = 2e-7


@use_case("corridors.redline.add")
def create_red_line(
    *,
    actor: Actor,
    road: Any,
    distance_m: Decimal | float | None = None,
    decision: str,
    valid_from: date,
    valid_to: date | None = None,
    geom: GEOSGeometry | None = None,
    is_demo: bool = False,
) -> RedLine:
    """Enter the red line of an urban road; its corridor is drawn soon after.

    Either the distance from the middle is given, or the line is drawn (``geom``): the one follows
    from the other.

    Raises:
        InvalidInputError: the road is not urban, the distance or the decision lacks, or the line
            lies elsewhere.
    """
    check = InputCheck()
    check.need(
        road.technical_class == "URBAN",
        "road",
        _("Chỉ giới đường đỏ chỉ dùng cho đường đô thị; tuyến này thuộc cấp khác."),
    )
    if distance_m is None and geom is not None:
        distance_m = drawn_distance_m(road, geom, check)
    _check(check, distance_m, decision, valid_from, valid_to)
    row = RedLine(
        road=road,
        distance_m=Decimal(str(distance_m)),
        decision=nfc(decision).strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        owner_org=road.owner_org,
        area=road.area,
        data_class=road.data_class,
        geom=geom if geom is not None else lines_beside(road, distance_m),
        is_demo=is_demo,
    )
    row.save()
    publish(RedLineChanged(road_id=road.pk), key=road.pk, on=row)
    return row


@use_case("corridors.redline.change")
def update_red_line(
    *,
    actor: Actor,
    row: RedLine,
    version: int | None,
    reason: str = "",
    distance_m: Decimal | float | None = None,
    decision: str,
    valid_from: date,
    valid_to: date | None = None,
    geom: GEOSGeometry | None = None,
    **_kept: Any,
) -> RedLine:
    """Correct a red line: by its distance, or by drawing it elsewhere.

    A line that was drawn anew sets the distance; another distance moves the line.

    Raises:
        InvalidInputError: the distance or the decision lacks, or the line lies elsewhere.
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    check = InputCheck()
    is_drawn = geom is not None and (row.geom is None or not geom.equals_exact(row.geom, SAME_DEG))
    is_moved = distance_m is not None and float(distance_m) != float(row.distance_m)
    if is_drawn and geom is not None and not is_moved:
        distance_m = drawn_distance_m(row.road, geom, check)
    elif distance_m is None:
        distance_m = row.distance_m
    _check(check, distance_m, decision, valid_from, valid_to)
    if is_drawn:
        row.geom = geom
    elif is_moved:
        row.geom = lines_beside(row.road, distance_m)
    row.distance_m, row.decision = Decimal(str(distance_m)), nfc(decision).strip()
    row.valid_from, row.valid_to = valid_from, valid_to
    row.save()
    publish(RedLineChanged(road_id=row.road_id), key=row.road_id, on=row)
    return row


@use_case("corridors.fairway.add")
def create_fairway(
    *,
    actor: Actor,
    code: str,
    name: str,
    grade: str,
    width_m: float,
    geom: LineString,
    owner_org: Organisation,
    area: Area,
    is_demo: bool = False,
) -> Fairway:
    """Enter a fairway by its middle line.

    Raises:
        InvalidInputError: the name or the width lacks.
    """
    check = InputCheck()
    check.need(code.strip(), "code", _("Hãy ghi mã luồng."))
    _check_fairway(check, name, width_m, geom)
    if is_known(code):
        check.add("code", _("Mã này đã có luồng khác dùng; hãy chọn mã khác."))
    check.done()
    row = Fairway(
        code=code.strip(),
        name=nfc(name).strip(),
        grade=grade,
        width_m=Decimal(str(width_m)),
        geom=geom,
        owner_org=owner_org,
        area=area,
        is_demo=is_demo,
    )
    row.save()
    publish(FairwayChanged(fairway_id=row.pk), key=row.pk, on=row)
    return row


@use_case("corridors.fairway.change")
def update_fairway(
    *,
    actor: Actor,
    row: Fairway,
    version: int | None,
    reason: str = "",
    name: str,
    grade: str,
    width_m: float,
    geom: LineString,
    **_kept: Any,
) -> Fairway:
    """Correct a fairway or draw its middle line elsewhere; its corridor follows.

    Raises:
        InvalidInputError: the name, the width or the line lacks.
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    check = InputCheck()
    _check_fairway(check, name, width_m, geom)
    check.done()
    row.name, row.grade, row.geom = nfc(name).strip(), grade, geom
    row.width_m = Decimal(str(width_m))
    row.save()
    publish(FairwayChanged(fairway_id=row.pk), key=row.pk, on=row)
    return row


def is_known(code: str) -> bool:
    """Whether a fairway has this code, whoever may see it."""
    rows = Fairway.objects.unscoped("codes of fairways are unique over all of them")
    return rows.filter(code=code.strip()).exists()


def _check_fairway(
    check: InputCheck, name: str, width_m: float | None, geom: LineString | None
) -> None:
    check.need(nfc(name).strip(), "name", _("Hãy ghi tên luồng."))
    check.need(width_m and width_m > 0, "width_m", _("Bề rộng luồng phải lớn hơn 0."))
    check.need(geom is not None, "geom", _("Hãy vẽ tim luồng trên bản đồ."))


_BESIDE: Final = """
SELECT ST_AsEWKB(ST_Transform(ST_Multi(ST_Collect(
  ST_OffsetCurve(axis, %s), ST_OffsetCurve(axis, -(%s)::float8))), 4326))
FROM (SELECT ST_SimplifyPreserveTopology(
  ST_Transform(ST_GeomFromEWKB(%s), {srid}), 0.2) AS axis) road
"""
_AWAY: Final = """
SELECT max(ST_Distance(axis, point.geom)) FROM (
  SELECT ST_Transform(ST_GeomFromEWKB(%s), {srid}) AS axis,
    ST_Transform(ST_GeomFromEWKB(%s), {srid}) AS line) both_,
  LATERAL ST_DumpPoints(ST_Segmentize(line, 5)) point
"""


def lines_beside(road: Any, distance_m: Decimal | float | None) -> GEOSGeometry | None:
    """The red lines on both sides of a road at a distance from its middle."""
    if road.geom is None or distance_m is None:
        return None
    with connection.cursor() as cursor:
        far = float(distance_m)
        cursor.execute(_BESIDE.format(srid=METRIC_SRID), [far, far, bytes(road.geom.ewkb)])
        found = cursor.fetchone()[0]
    return None if found is None else GEOSGeometry(memoryview(found))


def drawn_distance_m(road: Any, geom: GEOSGeometry, check: InputCheck) -> Decimal | None:
    """How far a drawn red line lies from the middle of its road, where it is farthest."""
    if road.geom is None:
        check.add("geom", _("Tuyến đường này chưa có hình; hãy ghi khoảng cách đến chỉ giới."))
        return None
    with connection.cursor() as cursor:
        shapes = [bytes(road.geom.ewkb), bytes(geom.ewkb)]
        cursor.execute(_AWAY.format(srid=METRIC_SRID), shapes)
        away = float(cursor.fetchone()[0] or 0)
    if not 0 < away <= MOST_AWAY_M:
        check.add(
            "geom",
            _("Đường đã vẽ cách tim tuyến tới %(m)s m; chỉ giới phải nằm trong %(most)s m.")
            % {"m": round(away), "most": MOST_AWAY_M},
        )
        return None
    return Decimal(str(round(away, 2)))


def _check(
    check: InputCheck,
    distance_m: Decimal | float | None,
    decision: str,
    valid_from: date,
    valid_to: date | None,
) -> None:
    check.need(
        "geom" in check.fields or (distance_m is not None and distance_m > 0),
        "distance_m",
        _("Hãy vẽ chỉ giới, hoặc ghi khoảng cách từ tim đường lớn hơn 0."),
    )
    check.need(nfc(decision).strip(), "decision", _("Hãy ghi quyết định phê duyệt chỉ giới."))
    check.need(
        valid_to is None or valid_to > valid_from,
        "valid_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
    check.done()
