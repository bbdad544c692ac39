"""Assets follow their road: a new calibration, a new number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.assets.choices import LocatedBy
from sen.domains.assets.events import AssetMoved
from sen.domains.assets.models import Asset
from sen.domains.assets.selectors import RoadRef, roads_by_id
from sen.domains.assets.services.assets import refresh_keys, take_place
from sen.domains.assets.services.placing import Placed, Wanted, distance_m, middle_of, place_all
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

#: Less than this is rounding, not a move.
MOVED_M: Final = 0.2
_BATCH: Final = 1000


@use_case("assets.asset.change", act="assets.follow_calibration", audit=False)
def follow_calibration(*, actor: Actor, road_id: int) -> int:
    """Place the assets of a road anew after it was calibrated; returns how many moved.

    What was placed by chainage keeps it and gets the point that it means now; what was surveyed
    keeps its point and gets its new chainage. What the road no longer reaches stays as it is and
    is named in the log.
    """
    road = roads_by_id(actor, [road_id]).get(road_id)
    rows = list(Asset.objects.visible_to(actor, "change").filter(road_id=road_id))
    if road is None or not rows:
        return 0
    wanted = [_wanted_again(row, road) for row in rows]
    placed = place_all(actor=actor, wanted=wanted)
    moved: list[Asset] = []
    lost: list[str] = []
    for row, found in zip(rows, placed, strict=True):
        if found.faults or found.chainage_m is None:
            lost.append(row.code)
        elif _differs(row, found):
            found.side = row.side
            take_place(row, found)
            moved.append(row)
    _write(moved)
    for row in moved:
        _tell(row)
    record(
        act="assets.follow_calibration",
        resource="assets.asset",
        label=road.label,
        detail={"road_id": road_id, "moved": len(moved), "not_on_road": lost[:1000]},
        reason=_("Tuyến %(road)s được hiệu chỉnh lý trình.") % {"road": road.label},
    )
    return len(moved)


def _wanted_again(row: Asset, road: RoadRef) -> Wanted:
    surveyed = row.located_by == LocatedBy.SURVEY.value
    length = None
    if row.to_chainage_m is not None and row.chainage_m is not None:
        length = float(row.to_chainage_m)
    return Wanted(
        kind=row.kind,
        road=road,
        chainage_m=None if surveyed else float(row.chainage_m or 0),
        to_chainage_m=None if surveyed else length,
        side=row.side,
        shape=row.geom if surveyed else None,
        area_id=row.area_id if surveyed else None,
    )


def _differs(row: Asset, found: Placed) -> bool:
    if row.chainage_m != found.chainage_m:
        return True
    gap = distance_m(middle_of(row.geom), found.at or middle_of(found.shape))
    return gap > MOVED_M


def _write(rows: Sequence[Asset]) -> None:
    Asset.objects.unscoped("the rows were read with the right to change them").bulk_update(
        rows,
        [
            "chainage_m",
            "to_chainage_m",
            "side",
            "located_by",
            "geom",
            "area",
            "location_key",
            "keywords",
        ],
        batch_size=_BATCH,
    )


def _tell(row: Asset) -> None:
    event = AssetMoved(
        asset_id=row.pk,
        asset_type=row.type,
        code=row.code,
        road_id=row.road_id,
        chainage_m=None if row.chainage_m is None else float(row.chainage_m),
    )
    publish(event, key=row.pk, on=row)


@use_case("assets.asset.change", act="assets.follow_road", audit=False)
def follow_road(*, actor: Actor, road_id: int) -> int:
    """Renew the words and the order of the assets of a road whose number or name changed."""
    road = roads_by_id(actor, [road_id]).get(road_id)
    if road is None:
        return 0
    stale: list[Asset] = []
    for row in Asset.objects.visible_to(actor, "change").filter(road_id=road_id):
        was = (row.location_key, row.keywords)
        refresh_keys(row, road)
        if was != (row.location_key, row.keywords):
            stale.append(row)
    Asset.objects.unscoped("the rows were read with the right to change them").bulk_update(
        stale, ["location_key", "keywords"], batch_size=_BATCH
    )
    return len(stale)
