"""Works and their items: what is built, where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, Point
from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.domains.projects.choices import Shape, WorkAction, WorkStatus
from sen.domains.projects.models import Project, Work
from sen.domains.projects.rules import WORK_MOVES
from sen.domains.projects.services.filling import (
    is_taken,
    join,
    need_amount,
    need_choice,
    need_move,
    need_open,
    need_same_project,
    need_scope,
    need_text,
    take_out,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.filling import fill
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.errors import ConflictError, InputCheck
from sen.kernel.usecase import check_version, use_case
from sen.lib.text import nfc

WORK: Final = (
    "parent",
    "code",
    "name",
    "action",
    "work_class",
    "asset_type",
    "road",
    "chainage_m",
    "to_chainage_m",
    "side",
    "geom",
    "status",
    "value_vnd",
    "note",
)
PLACE: Final = frozenset({"road", "chainage_m", "to_chainage_m", "geom"})
#: States that people set; the others follow from acceptance and handing over.
SET_BY_HAND: Final = frozenset(
    {WorkStatus.PLANNED.value, WorkStatus.BUILDING.value, WorkStatus.STOPPED.value}
)
SAME_M: Final = 0.05
SAME_DEG: Final = 3e-6


@use_case("projects.work.add", act="projects.create_work")
def create_work(
    *,
    actor: Actor,
    project: Project,
    attributes: Mapping[str, Any] | None = None,
    asset_code: str | None = None,
    **values: Any,
) -> Work:
    """Enter a work or an item of one. Its place is a road with chainages, a shape, or none yet.

    Raises:
        InvalidInputError: by field.
    """
    row = Work(attributes={})
    join(row, project)
    _put(row, values, attributes or {}, _asset(actor, row, asset_code))
    return row


@use_case("projects.work.change", act="projects.update_work")
def update_work(
    *,
    actor: Actor,
    row: Work,
    version: int | None,
    reason: str = "",
    attributes: Mapping[str, Any] | None = None,
    asset_code: str | None = None,
    **values: Any,
) -> Work:
    """Change a work; ``attributes`` replaces those that it names, None takes one out.

    Raises:
        ConflictError: somebody changed it meanwhile, or it was handed over.
        InvalidInputError: by field.
    """
    check_version(row, version)
    if row.status == WorkStatus.HANDED_OVER:
        raise ConflictError(
            _("Công trình đã bàn giao; từ nay hãy sửa ở tài sản."),
            hint=_("Mở tài sản từ trang công trình."),
        )
    _put(row, values, attributes or {}, _asset(actor, row, asset_code))
    return row


@use_case("projects.work.delete", act="projects.delete_work")
def delete_work(*, actor: Actor, row: Work, version: int | None, reason: str) -> None:
    """Take out a work that was entered by mistake.

    Raises:
        ConflictError: somebody changed it meanwhile, or something hangs on it.
    """
    check_version(row, version)
    take_out(row)


def _asset(actor: Actor, row: Work, code: str | None) -> dict[str, str]:
    """Point a work at the asset that it repairs (None: as it was, empty: at none)."""
    if code is None:
        return {}
    code = nfc(code).strip()
    row.asset = assets.assets(actor).filter(code=code).first() if code else None
    if code and row.asset is None:
        return {
            "asset_code": _("Không có tài sản mã “%(code)s” trong phạm vi bạn được xem.")
            % {"code": code}
        }
    return {}


def _put(
    row: Work,
    values: dict[str, Any],
    attributes: Mapping[str, Any],
    faults: Mapping[str, str],
) -> None:
    is_new = row.pk is None
    old_status = WorkStatus.PLANNED.value if is_new else row.status
    before = (row.road_id, row.chainage_m, row.to_chainage_m, row.geom)
    fill(row, values, WORK)
    check = InputCheck()
    for name, text in faults.items():
        check.add(name, text)
    need_open(check, row.project)
    need_text(check, row, "code", "name")
    need_choice(check, row, "action", "work_class", "side", "status")
    need_same_project(check, row, "parent")
    need_amount(check, row, "value_vnd")
    check.need(
        row.parent is None or row.parent.pk != row.pk,
        "parent",
        _("Công trình không thể là hạng mục của chính nó."),
    )
    if not is_new or row.status in SET_BY_HAND:
        need_move(check, row, "status", WORK_MOVES, old_status)
    check.need(
        row.status == old_status or row.status in SET_BY_HAND,
        "status",
        _("Trạng thái này có được nhờ biên bản nghiệm thu hoàn thành và việc bàn giao."),
    )
    if is_taken(row, code=row.code):
        check.add("code", _("Mã này đã có công trình khác dùng; hãy chọn mã khác."))
    _put_asset(row, attributes, check)
    if is_new or PLACE & values.keys():
        _put_place(row, before, check)
    check.done()
    need_scope(row, "add" if is_new else "change")
    row.save()


def _put_asset(row: Work, attributes: Mapping[str, Any], check: InputCheck) -> None:
    """What the work becomes: a known type, and for repairs the asset that is there."""
    if row.asset is not None and not row.asset_type:
        row.asset_type = row.asset.type
    kind = assets.asset_types.get(row.asset_type)
    check.need(
        not row.asset_type or kind is not None,
        "asset_type",
        _("Không có loại tài sản “%(type)s”.") % {"type": row.asset_type},
    )
    check.need(
        row.action != WorkAction.REPAIR or row.asset is not None or not row.asset_type,
        "asset_code",
        _("Hãy chọn tài sản được sửa chữa, nâng cấp."),
    )
    check.need(
        row.action != WorkAction.NEW or row.asset is None,
        "asset_code",
        _("Công trình xây mới chưa có tài sản; tài sản hình thành khi bàn giao."),
    )
    check.need(
        row.asset is None or row.asset.type == row.asset_type,
        "asset_code",
        _("Tài sản này không thuộc loại đã chọn."),
    )
    known = kind.by_name if kind is not None else {}
    kept = {name: value for name, value in row.attributes.items() if name in known}
    for name, value in attributes.items():
        if name not in known:
            check.add(
                f"attributes__{name}",
                _("Loại tài sản này không có thông số “%(name)s”.") % {"name": name},
            )
        elif value in (None, "", []):
            kept.pop(name, None)
        else:
            kept[name] = _plain(value)
    row.attributes = kept


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _put_place(row: Work, before: tuple[Any, ...], check: InputCheck) -> None:
    """The shape of the work and the commune in which it lies."""
    road_id, start, end, shape = before
    moved_along = road_id != row.road_id or not (
        _same(start, row.chainage_m) and _same(end, row.to_chainage_m)
    )
    if shape is not None and _same_shape(row.geom, shape):
        # A form sends the middle of a line back: it means the line.
        row.geom = None if moved_along and not row.is_surveyed else shape
    elif row.geom is not None:
        row.is_surveyed = True
    if row.road_id is None and row.chainage_m is not None:
        check.add("road", _("Hãy chọn tuyến đường của lý trình này."))
    elif row.chainage_m is None and row.to_chainage_m is not None:
        check.add("chainage_m", _("Hãy ghi cả lý trình đầu."))
    elif _reversed(row):
        check.add("to_chainage_m", _("Lý trình cuối phải lớn hơn lý trình đầu."))
    elif row.road_id is not None and row.chainage_m is not None and not row.is_surveyed:
        _place_on_road(row, check)
    take_shape(row)


def _reversed(row: Work) -> bool:
    if row.chainage_m is None or row.to_chainage_m is None:
        return False
    return float(row.to_chainage_m) <= float(row.chainage_m)


def _place_on_road(row: Work, check: InputCheck) -> None:
    try:
        row.geom = shape_on_road(row)
    except network.NotOnRouteError as error:
        check.add("chainage_m", str(error))


def shape_on_road(row: Work) -> GEOSGeometry | None:
    """The point or the stretch that the chainages of a work mean.

    Raises:
        NotOnRouteError: the road does not reach so far.
    """
    if row.road_id is None or row.chainage_m is None:
        return None
    if row.to_chainage_m is None:
        return network.point_at(road=row.road_id, chainage_m=float(row.chainage_m))
    return network.line_between(
        road=row.road_id, from_m=float(row.chainage_m), to_m=float(row.to_chainage_m)
    )


def take_shape(row: Work) -> None:
    """What follows from the geometry: the layer that draws it and the commune of its middle."""
    if row.geom is None:
        row.shape = Shape.NONE.value
        row.area_id = row.project.area_id
        return
    kinds = {0: Shape.POINT, 1: Shape.LINE, 2: Shape.AREA}
    row.shape = kinds[row.geom.dims].value
    middle = row.geom if isinstance(row.geom, Point) else row.geom.point_on_surface
    found = places.unit_at(lon=middle.x, lat=middle.y)
    if found is not None:
        row.area_id = found.area_id


def _same(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    return abs(float(a) - float(b)) < SAME_M


def _same_shape(new: GEOSGeometry | None, old: GEOSGeometry) -> bool:
    """Whether a form sent back the shape, or the point by which it shows a line."""
    if new is None:
        return False
    if bytes(new.wkb) == bytes(old.wkb):
        return True
    middle = old if isinstance(old, Point) else old.centroid
    if not isinstance(new, Point) or not isinstance(middle, Point):
        return False
    return abs(new.x - middle.x) < SAME_DEG and abs(new.y - middle.y) < SAME_DEG


@use_case("projects.work.change", act="projects.follow_calibration", check_result=False)
def follow_calibration(*, actor: Actor, road_id: int) -> int:
    """Move the works that lie by chainage on a road that was calibrated anew."""
    moved = 0
    with as_system("works follow their road, whoever may see them"):
        rows = Work.objects.filter(road_id=road_id, is_surveyed=False).exclude(chainage_m=None)
        for row in rows.exclude(status=WorkStatus.HANDED_OVER.value).select_related("project"):
            try:
                shape = shape_on_road(row)
            except network.NotOnRouteError:
                continue
            if shape is None or (row.geom and bytes(shape.wkb) == bytes(row.geom.wkb)):
                continue
            row.geom = shape
            take_shape(row)
            row.save()
            moved += 1
    return moved


def chainages_after_cut(row: ScopedModel, shape: GEOSGeometry) -> dict[str, Any]:
    """The stretch of its road along which a piece of a work lies; nothing for other shapes."""
    if not isinstance(row, Work) or row.road_id is None or row.chainage_m is None:
        return {}
    lines: list[Any] = list(shape) if isinstance(shape, GeometryCollection) else [shape]
    if shape.dims != 1 or not lines:
        return {}
    ends = [
        network.chainage_of(lon=lon, lat=lat, road=row.road_id)
        for lon, lat in (lines[0].coords[0], lines[-1].coords[-1])
    ]
    found = sorted(round(end.chainage_m, 2) for end in ends if end is not None)
    if len(found) < 2 or found[1] - found[0] < SAME_M:
        return {"chainage_m": None, "to_chainage_m": None}
    return {"chainage_m": found[0], "to_chainage_m": found[1]}
