"""Use cases on red lines and fairways."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import LineString
from django.utils.translation import gettext as _

from sen.domains.corridors.events import FairwayChanged, RedLineChanged
from sen.domains.corridors.models import Fairway, RedLine
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InputCheck
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc


@use_case("corridors.redline.add")
def create_red_line(
    *,
    actor: Actor,
    road: Any,
    distance_m: Decimal | float,
    decision: str,
    valid_from: date,
    valid_to: date | None = None,
    is_demo: bool = False,
) -> RedLine:
    """Enter the red line of an urban road; its corridor is drawn soon after.

    Raises:
        InvalidInputError: the road is not urban, the distance or the decision lacks.
    """
    check = InputCheck()
    check.need(
        road.technical_class == "URBAN",
        "road",
        _("Chỉ giới đường đỏ chỉ dùng cho đường đô thị; tuyến này thuộc cấp khác."),
    )
    _check(check, distance_m, decision, valid_from, valid_to)
    row = RedLine(
        road=road,
        distance_m=distance_m,
        decision=nfc(decision).strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        owner_org=road.owner_org,
        area=road.area,
        data_class=road.data_class,
        geom=road.geom,
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
    distance_m: Decimal | float,
    decision: str,
    valid_from: date,
    valid_to: date | None = None,
    **_kept: Any,
) -> RedLine:
    """Correct a red line.

    Raises:
        InvalidInputError: the distance or the decision lacks.
        ConflictError: somebody changed it meanwhile.
    """
    check_version(row, version)
    _check(InputCheck(), distance_m, decision, valid_from, valid_to)
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
    check.need(nfc(name).strip(), "name", _("Hãy ghi tên luồng."))
    check.need(width_m and width_m > 0, "width_m", _("Bề rộng luồng phải lớn hơn 0."))
    check.done()
    row = Fairway(
        code=code,
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


def _check(
    check: InputCheck,
    distance_m: Decimal | float,
    decision: str,
    valid_from: date,
    valid_to: date | None,
) -> None:
    check.need(
        distance_m and distance_m > 0, "distance_m", _("Khoảng cách đến chỉ giới phải lớn hơn 0.")
    )
    check.need(nfc(decision).strip(), "decision", _("Hãy ghi quyết định phê duyệt chỉ giới."))
    check.need(
        valid_to is None or valid_to > valid_from,
        "valid_to",
        _("Ngày hết hiệu lực phải sau ngày có hiệu lực."),
    )
    check.done()
