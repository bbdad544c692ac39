"""Use cases on one asset, and the same change to several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from sen.domains.assets.catalogue import AssetType, asset_types
from sen.domains.assets.data import LonLat
from sen.domains.assets.events import AssetCreated, AssetDeleted
from sen.domains.assets.models import Asset
from sen.domains.assets.rules import check_attributes
from sen.domains.assets.selectors import RoadRef, roads_by_id
from sen.domains.assets.services.checks import Snapshot, events_of, shared_faults
from sen.domains.assets.services.placing import (
    Placed,
    Wanted,
    distance_m,
    keywords,
    location_key,
    middle_of,
    place_all,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.attributes.labels import fault_text
from sen.kernel.errors import ConflictError, InputCheck, InvalidInputError
from sen.kernel.events import publish
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

SHARED: Final = (
    "code",
    "name",
    "owner_org",
    "data_class",
    "status",
    "condition",
    "condition_at",
    "opened_year",
    "note",
)
PLACE: Final = ("road", "chainage_m", "to_chainage_m", "side", "geom")
#: A point typed with six decimals may differ by this from the stored one and mean the same.
SAME_POINT_M: Final = 0.3
SAME_CHAINAGE_M: Final = 0.06
#: Seven decimals of a degree are a centimetre.
ROUNDED_M: Final = 0.05
#: What a bulk edit may set; everything else differs from asset to asset.
BULK_FIELDS: Final = ("status", "condition", "condition_at", "data_class", "owner_org", "note")


@use_case("assets.asset.add", act="assets.create_asset")
def create_asset(*, actor: Actor, type: str, **values: Any) -> Asset:  # noqa: A002
    """Enter an asset: the shared values, its place, and ``attributes`` as its type declares.

    Raises:
        InvalidInputError: by field: values, bounds, a taken code, a place that contradicts itself.
    """
    kind = asset_types.get(type)
    if kind is None:
        raise InvalidInputError({"type": _("Không có loại tài sản “%(type)s”.") % {"type": type}})
    row = Asset(type=kind.code, attributes={})
    _fill(row, kind, actor, values, {"code": "", "name": "", "owner_org": None} | values)
    row.save()
    publish(AssetCreated(asset_id=row.pk, asset_type=row.type, code=row.code), key=row.pk, on=row)
    return row


@use_case("assets.asset.change", act="assets.update_asset")
def update_asset(
    *, actor: Actor, row: Asset, version: int | None, reason: str = "", **values: Any
) -> Asset:
    """Change what is given. ``attributes`` replaces those that it names; None takes one out.

    A new chainage moves the point, a new point gets its own chainage; both at once must agree.

    Raises:
        ConflictError: somebody changed the asset after the form was opened.
        InvalidInputError: by field.
    """
    check_version(row, version)
    before = Snapshot.of(row)
    _fill(row, row.kind, actor, values, values)
    row.save()
    for event in events_of(row, before):
        publish(event, key=row.pk, on=row)
    return row


@use_case("assets.asset.change", act="assets.move_asset")
def move_asset(
    *,
    actor: Actor,
    row: Asset,
    version: int | None,
    reason: str,
    road: Any = None,
    chainage_m: float | None = None,
    to_chainage_m: float | None = None,
    side: str | None = None,
    geom: GEOSGeometry | None = None,
) -> Asset:
    """Give an asset another place: a road (or its id) with a chainage, or a point.

    Raises:
        ConflictError: somebody changed the asset meanwhile.
        InvalidInputError: the place does not exist or contradicts itself.
    """
    values = {"road": road, "chainage_m": chainage_m, "to_chainage_m": to_chainage_m, "geom": geom}
    values["side"] = row.side if side is None else side
    check_version(row, version)
    before = Snapshot.of(row)
    check = InputCheck()
    _put_place(row, row.kind, actor, values, check)
    check.done()
    row.save()
    for event in events_of(row, before):
        publish(event, key=row.pk, on=row)
    return row


@use_case("assets.asset.delete", act="assets.delete_asset")
def delete_asset(*, actor: Actor, row: Asset, version: int | None, reason: str) -> None:
    """Take out an asset that was entered by mistake; what was dismantled gets that status instead.

    Raises:
        ConflictError: somebody changed it meanwhile, or inspections and the like hang on it.
    """
    check_version(row, version)
    event = AssetDeleted(asset_id=row.pk, asset_type=row.type, code=row.code)
    publish(event, key=row.pk, on=row)
    try:
        with as_system("what hangs on an asset holds it, whoever may see it"):
            row.delete()
    except ProtectedError as error:
        names = {str(found._meta.verbose_name) for found in error.protected_objects}
        raise ConflictError(
            _("Chưa xóa được: còn %(what)s gắn với tài sản này.")
            % {"what": ", ".join(sorted(names))},
            hint=_("Nếu công trình không còn, hãy đổi trạng thái thành “Đã dỡ bỏ”."),
        ) from error


@use_case("assets.asset.change", act="assets.bulk_edit")
def bulk_edit_assets(
    *, actor: Actor, rows: Sequence[Asset], reason: str, **values: Any
) -> list[Asset]:
    """Give several assets the same values of the fields that all types share.

    Raises:
        InvalidInputError: a field that cannot be set for many, or a wrong value.
    """
    check = InputCheck()
    for name in values.keys() - set(BULK_FIELDS):
        check.add(name, _("Không sửa hàng loạt được trường này."))
    for name, text in shared_faults(values).items():
        check.add(name, text)
    check.done()
    for row in rows:
        check_version(row, None)
        before = Snapshot.of(row)
        for name, value in values.items():
            setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
        row.save()
        for event in events_of(row, before):
            publish(event, key=row.pk, on=row)
    return list(rows)


def _fill(
    row: Asset,
    kind: AssetType,
    actor: Actor,
    values: Mapping[str, Any],
    checked: Mapping[str, Any],
) -> None:
    """Write values into a row after checking them all, so that a form shows every fault."""
    if unknown := values.keys() - {*SHARED, *PLACE, "attributes"}:
        raise TypeError(f"asset: unknown values {sorted(unknown)}")
    check = InputCheck()
    for name, text in shared_faults(checked).items():
        check.add(name, text)
    for name in SHARED:
        if name in values and name not in check.fields:
            value = values[name]
            setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    _put_attributes(row, kind, values.get("attributes") or {}, check)
    if values.keys() & set(PLACE) or row._loaded is None:
        _put_place(row, kind, actor, values, check)
    if row.code and "code" not in check.fields and _code_taken(row):
        check.add("code", _("Mã này đã có tài sản khác dùng; hãy chọn mã khác."))
    check.done()
    refresh_keys(row, _road_of(actor, row))


def _put_attributes(
    row: Asset, kind: AssetType, values: Mapping[str, Any], check: InputCheck
) -> None:
    clean, faults = check_attributes(kind, {**row.attributes, **values})
    for name, fault in faults.items():
        check.add(f"attributes__{name}", fault_text(fault))
    row.attributes = clean


def _put_place(
    row: Asset, kind: AssetType, actor: Actor, values: Mapping[str, Any], check: InputCheck
) -> None:
    wanted = _wanted(row, kind, actor, values)
    if wanted is None:
        row.side = values.get("side", row.side) or ""
        return
    placed = place_all(actor=actor, wanted=[wanted])[0]
    for name, text in placed.faults.items():
        check.add(name, text)
    if not placed.faults:
        take_place(row, placed)


def take_place(row: Asset, placed: Placed) -> None:
    """Write a found place into a row."""
    row.road_id = placed.road.id if placed.road else None
    row.chainage_m = placed.chainage_m
    row.to_chainage_m = placed.to_chainage_m
    row.side = placed.side
    row.located_by = placed.located_by.value
    if placed.shape is not None and not _is_same_place(row, placed):
        row.geom = placed.shape
    if placed.area_id is not None:
        row.area_id = placed.area_id
    refresh_keys(row, placed.road)


def _is_same_place(row: Asset, placed: Placed) -> bool:
    is_point = isinstance(placed.shape, str | Point)
    return is_point and stands_at(row, placed.at or middle_of(placed.shape))


def stands_at(row: Asset, at: LonLat) -> bool:
    """Whether an asset that is a point differs from one by no more than files round coordinates."""
    old = row.geom
    return isinstance(old, Point) and distance_m((old.x, old.y), at) < ROUNDED_M


def refresh_keys(row: Asset, road: RoadRef | None) -> None:
    """What follows from name, attributes and place."""
    row.location_key = location_key(road, row.chainage_m, row.name)
    row.keywords = keywords(row.kind, row.attributes, road, row.chainage_m)


def _wanted(row: Asset, kind: AssetType, actor: Actor, values: Mapping[str, Any]) -> Wanted | None:
    """The place that the values ask for; None when they name the one that the asset has.

    What differs from the stored place wins over what the form merely sent back.
    """
    road_id = _road_id(values.get("road", row.road_id))
    at = _float(values.get("chainage_m", row.chainage_m))
    to = _float(values.get("to_chainage_m", row.to_chainage_m))
    shape = values.get("geom")
    if road_id is None:
        at = to = None
    if row._loaded is not None and row.geom is not None:
        same_point = shape is None or _same_point(shape, row.geom)
        same_road = road_id == row.road_id and _same(at, row.chainage_m)
        if same_point and same_road and _same(to, row.to_chainage_m):
            return None
        if same_point:
            shape = None if at is not None else row.geom
        elif same_road:
            at = to = None
            # Moved on the map: the nearest road, not the one that the form sent back.
            road_id = None if kind.along_road else road_id
    road = roads_by_id(actor, [road_id]).get(road_id) if road_id else None
    return Wanted(
        kind=kind,
        road=road,
        chainage_m=at if road else None,
        to_chainage_m=to if road else None,
        side=str(values.get("side", row.side) or ""),
        shape=shape,
    )


def _road_id(value: Any) -> int | None:
    return value if value is None or isinstance(value, int) else int(value.pk)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _same(a: float | None, b: Any) -> bool:
    if a is None or b is None:
        return a is None and b is None
    return abs(a - float(b)) < SAME_CHAINAGE_M


def _same_point(a: GEOSGeometry, b: GEOSGeometry) -> bool:
    if bytes(a.wkb) == bytes(b.wkb):
        return True
    # A form shows a line by its middle; sent back unchanged it means the line.
    shown = b if isinstance(b, Point) else b.centroid
    return isinstance(a, Point) and distance_m((a.x, a.y), (shown.x, shown.y)) < SAME_POINT_M


def _code_taken(row: Asset) -> bool:
    with as_system("a code is taken whoever may see its asset"):
        return Asset.objects.filter(code=row.code).exclude(pk=row.pk).exists()


def _road_of(actor: Actor, row: Asset) -> RoadRef | None:
    return roads_by_id(actor, [row.road_id]).get(row.road_id) if row.road_id else None
