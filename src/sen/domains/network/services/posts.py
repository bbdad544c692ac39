"""Use cases on single km-posts and on the line of a road; each calibrates the road anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.network.choices import PostCondition
from sen.domains.network.data import LonLat
from sen.domains.network.events import RoadChanged
from sen.domains.network.models import KmPost, Road
from sen.domains.network.services.bulk_roads import line_wkb, post_label
from sen.domains.network.services.calibration import calibrate, calibrate_past
from sen.domains.network.services.checks import post_faults
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case

_FIELDS: Final = frozenset({"measure_m", "old_measure_m", "geom", "condition", "is_calibrating"})


@use_case("network.kmpost.add", act="network.create_kmpost")
def create_kmpost(
    *,
    actor: Actor,
    road: Road,
    measure_m: float,
    geom: Point | None = None,
    old_measure_m: float | None = None,
    condition: str = PostCondition.GOOD.value,
    is_calibrating: bool | None = True,
) -> KmPost:
    """Enter a km-post and calibrate its road on it.

    Raises:
        InvalidInputError: a value is wrong, or the posts no longer run in order.
    """
    post = KmPost(
        road=road, owner_org_id=road.owner_org_id, area_id=road.area_id, data_class=road.data_class
    )
    values = {
        "measure_m": measure_m,
        "geom": geom,
        "old_measure_m": old_measure_m,
        "condition": condition,
        "is_calibrating": is_calibrating,
    }
    _fill(post, values)
    post.save()
    _calibrate(road, "measure_m")
    # Calibration wrote the real distance beside the label.
    post.refresh_from_db(fields=["position_m", "version", "updated_at"])
    return post


@use_case("network.kmpost.change", act="network.update_kmpost")
def update_kmpost(
    *, actor: Actor, row: KmPost, version: int | None, reason: str = "", **values: Any
) -> KmPost:
    """Correct a km-post, and calibrate its road anew if it moved.

    ``values`` are any of ``measure_m``, ``old_measure_m``, ``geom``, ``condition`` and
    ``is_calibrating``.

    Raises:
        ConflictError: somebody changed the post after the form was opened.
        InvalidInputError: a value is wrong, or the posts no longer run in order.
    """
    check_version(row, version)
    before = (row.measure_m, row.geom.wkb, row.is_calibrating)
    _fill(row, values)
    row.save()
    if before != (row.measure_m, row.geom.wkb, row.is_calibrating):
        _calibrate(row.road, "measure_m")
    return row


@use_case("network.kmpost.delete", act="network.delete_kmpost")
def delete_kmpost(*, actor: Actor, row: KmPost, version: int | None, reason: str) -> None:
    """Take a km-post away and calibrate its road without it.

    Raises:
        ConflictError: somebody changed the post meanwhile.
    """
    check_version(row, version)
    road = row.road
    row.delete()
    _calibrate(road, "measure_m")


@use_case("network.road.change", act="network.set_line")
def set_line(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    line: LineString | Sequence[LonLat],
    valid_from: date | None = None,
    reason: str = "",
) -> Road:
    """Draw the middle of a road anew, in the direction of its km, and calibrate it.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the line or the posts on it are wrong; they are named.
    """
    check_version(road, version)
    given = bytes(line.wkb) if isinstance(line, GEOSGeometry) else line
    wkb, fault = line_wkb(given)
    if wkb is None:
        raise InvalidInputError({"line": fault or _("Hãy vẽ tim tuyến.")})
    drawn = GEOSGeometry(memoryview(wkb), srid=4326)
    if not isinstance(drawn, LineString):
        raise InvalidInputError({"line": _("Tuyến phải là một đường liền.")})
    road.geom = drawn
    road.save()
    _calibrate(road, "line", valid_from)
    road.refresh_from_db(fields=["start_m", "end_m", "length_m", "counted_m"])
    publish(RoadChanged(road_id=road.pk, code=road.code, created=False), key=road.pk, on=road)
    return road


@use_case("network.road.change", act="network.recalibrate")
def recalibrate(
    *, actor: Actor, roads: list[Road], valid_from: date | None = None, reason: str = ""
) -> list[Road]:
    """Calibrate roads on their posts as they stand, from a date on; all of them or none.

    Raises:
        InvalidInputError: under the code of each road, what is wrong with its posts.
    """
    codes = {road.pk: road.code for road in roads}
    wrong = calibrate(list(codes), valid_from or timezone.localdate())
    if wrong:
        raise InvalidInputError({codes[pk]: text for pk, text in wrong.items()})
    return roads


@use_case("network.road.reshape", act="network.keep_old_calibration")
def keep_old_calibration(
    *, actor: Actor, road: Road, valid_from: date, valid_to: date, note: str = "", reason: str = ""
) -> Road:
    """Keep the old labels of the posts of a road as its calibration of a past time.

    Old papers of that time then find their places by their own labels, and every place its label
    of then.

    Raises:
        InvalidInputError: no post bears an old label, the labels do not run along the road, or
            another calibration held at that time.
    """
    if not valid_from < valid_to:
        raise InvalidInputError({"valid_to": _("Ngày kết thúc phải sau ngày bắt đầu.")})
    if text := calibrate_past(road.pk, valid_from, valid_to, note[:200]):
        raise InvalidInputError({"valid_from": text})
    return road


def _fill(post: KmPost, values: Mapping[str, Any]) -> None:
    if unknown := values.keys() - _FIELDS:
        raise TypeError(f"km-post: unknown values {sorted(unknown)}")
    for name, value in values.items():
        setattr(post, name, value)
    measure_m = None if post.measure_m is None else float(post.measure_m)
    faults = post_faults(measure_m, post.condition)
    place: Point | None = values.get("geom", post.geom)
    if place is None:
        faults["geom"] = [_("Hãy chọn vị trí cọc trên bản đồ hoặc ghi tọa độ.")]
    elif measure_m is not None and not faults and _label_taken(post, measure_m):
        faults["measure_m"] = [_("Tuyến này đã có cọc mang lý trình đó.")]
    if faults or measure_m is None:
        raise InvalidInputError(faults)
    post.is_calibrating = post.is_calibrating is not False
    post.label = post_label(measure_m)
    post.title = f"{post.road.label} {post.label}"


def _label_taken(post: KmPost, measure_m: float) -> bool:
    with as_system("a label is taken whoever may see its post"):
        same = KmPost.objects.filter(
            road_id=post.road_id, measure_m=Decimal(str(round(measure_m, 3)))
        )
        return same.exclude(pk=post.pk).exists()


def _calibrate(road: Road, field: str, valid_from: date | None = None) -> None:
    if road.geom is None:
        return
    wrong = calibrate([road.pk], valid_from or timezone.localdate())
    if wrong:
        raise InvalidInputError({field: wrong[road.pk]})
