"""Operations that leave the line where it is: renumbering, reversing, closing a road."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.domains.network.choices import OperationKind, RoadPart, RoadStatus
from sen.domains.network.models import Road, RoadOperation
from sen.domains.network.ports import Piece, RoadChange
from sen.domains.network.services.lines import coordinates, put_line
from sen.domains.network.services.operations.alignment import ends_of
from sen.domains.network.services.operations.posts import posts_of, relabel
from sen.domains.network.services.operations.running import Work, check_day, run
from sen.domains.network.services.roads import fill_road
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.usecase import check_version, use_case

_NAMES: Final = ("code", "number", "name", "manager_class", "technical_class", "owner_org", "area")
_TURNED: Final = {
    RoadPart.LEFT.value: RoadPart.RIGHT.value,
    RoadPart.RIGHT.value: RoadPart.LEFT.value,
}


@use_case("network.road.reshape", act="network.renumber_road", check_result=False)
def renumber_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    valid_from: date,
    with_assets: bool = True,
    basis: str = "",
    reason: str = "",
    **values: Any,
) -> RoadOperation:
    """Give a road another number or name, or hand it over to another class and authority.

    ``values`` are any of code, number, name, manager_class, technical_class, owner_org and area.
    Line, chainage and records stay as they are; the former number still finds the road. With
    ``with_assets`` things on the road that belong to the old authority go with it.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the number does not fit the class, the code is taken, or nothing
            changes.
    """
    check_version(road, version)
    check_day(valid_from, [road])
    if unknown := values.keys() - set(_NAMES):
        raise TypeError(f"renumber_road: unknown values {sorted(unknown)}")
    if all(getattr(road, name) == value for name, value in values.items()):
        raise InvalidInputError({"number": _("Chưa có gì thay đổi so với hiện tại.")})
    with as_system("a road is handed over"):
        return _renumber(actor, road, values, valid_from, with_assets=with_assets, basis=basis)


def _renumber(
    actor: Actor,
    road: Road,
    values: Mapping[str, Any],
    valid_from: date,
    *,
    with_assets: bool,
    basis: str,
) -> RoadOperation:
    old_name, old_owner = road.label, road.owner_org_id
    old_words = [road.number or road.code]
    owner: Organisation = values.get("owner_org") or road.owner_org
    handed = with_assets and owner.pk != old_owner
    changes = []
    if road.geom is not None:
        start, end = ends_of(road)
        changes = [
            RoadChange(
                operation_id=0,
                kind=OperationKind.RENUMBER,
                road_id=road.pk,
                road=old_name,
                valid_from=valid_from,
                pieces=(_same(road.pk, start, end),),
                owner_from=old_owner if handed else None,
                owner_to=owner.pk if handed else None,
            )
        ]
    parts = list(Road.objects.filter(main=road))

    def reshape() -> list[Road]:
        fill_road(road, values)
        if old_name != road.label:
            words = dict.fromkeys([*road.former_numbers.split(), *old_words])
            road.former_numbers = " ".join(words)[:200]
        road.save()
        for part in parts:
            number = part.number if part.part == RoadPart.RAMP else road.number
            fill_road(
                part,
                {
                    "number": number,
                    "manager_class": road.manager_class,
                    "owner_org": road.owner_org,
                },
            )
            part.save()
        return []

    work = Work(
        actor=actor,
        kind=OperationKind.RENUMBER,
        road=road,
        title=_title(road, values),
        valid_from=valid_from,
        basis=basis,
        touched=[road, *parts],
        reshape=reshape,
        changes=changes,
    )
    return run(work)


def _title(road: Road, values: Mapping[str, Any]) -> str:
    number = values.get("number", road.number) or values.get("name", road.name)
    if number != road.label:
        return _("Đổi %(old)s thành %(new)s") % {"old": road.label, "new": number}
    owner = values.get("owner_org")
    if owner is not None and owner != road.owner_org:
        return _("Chuyển %(road)s cho %(owner)s quản lý") % {
            "road": road.label,
            "owner": owner.name,
        }
    return _("Đổi thông tin quản lý của %(road)s") % {"road": road.label}


def _same(road_id: int, start: float, end: float) -> Piece:
    return Piece(from_m=start, to_m=end, road_id=road_id, new_from=start, new_to=end)


@use_case("network.road.reshape", act="network.reverse_road")
def reverse_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    valid_from: date,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Let the chainage of a road run the other way; left and right change places.

    Posts get the labels that their places have now; what stands on them stays beside it as the
    old label until they are set anew.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the road has no line.
    """
    check_version(road, version)
    with as_system("the line of the road that is turned"):
        parts = list(
            Road.objects.filter(main=road, part__in=[RoadPart.LEFT, RoadPart.RIGHT]).exclude(
                geom=None
            )
        )
        roads = [road, *parts]
        check_day(valid_from, roads)
        ends = {one.pk: ends_of(one) for one in roads}
        # One mirror for the road and its carriageways: their labels belong together.
        total = sum(ends[road.pk])

        def reshape() -> list[Road]:
            for one in roads:
                _turn(one, total)
            _swap(parts)
            return roads

        return run(
            Work(
                actor=actor,
                kind=OperationKind.REVERSE,
                road=road,
                title=_("Đảo chiều lý trình %(road)s") % {"road": road.label},
                valid_from=valid_from,
                basis=basis,
                touched=roads,
                reshape=reshape,
                changes=[
                    RoadChange(
                        operation_id=0,
                        kind=OperationKind.REVERSE,
                        road_id=one.pk,
                        road=one.label,
                        valid_from=valid_from,
                        pieces=(
                            Piece(
                                from_m=ends[one.pk][0],
                                to_m=ends[one.pk][1],
                                road_id=one.pk,
                                new_from=total - ends[one.pk][0],
                                new_to=total - ends[one.pk][1],
                            ),
                        ),
                    )
                    for one in roads
                ],
                remarks=[
                    _("Cọc Km trên thực địa còn ghi lý trình cũ; cần đặt lại cọc theo chiều mới.")
                ],
            )
        )


def _turn(road: Road, total: float) -> None:
    posts = posts_of(road)
    relabel([(post, total - float(post.measure_m)) for post in posts], road)
    if not posts:
        start, end = ends_of(road)
        road.declared_start_m = Decimal(f"{total - end:.3f}")
        road.declared_end_m = Decimal(f"{total - start:.3f}")
    put_line(road, list(reversed(coordinates(road))))


def _swap(parts: list[Road]) -> None:
    """Left and right change places, past the rule that there is one of each."""
    for part in parts:
        Road.objects.filter(pk=part.pk).update(part=RoadPart.RAMP)
    for part in parts:
        Road.objects.filter(pk=part.pk).update(part=_TURNED[part.part])
        part.refresh_from_db()


@use_case("network.road.reshape", act="network.close_road")
def close_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    status: str,
    valid_from: date,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Close a road for a time, abolish it, or open it again.

    What holds along an abolished road ends that day, and what stands on it is listed for a
    decision; its line and chainage stay, so that old papers still find their places.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the status is none of these, or the road has it already.
    """
    check_version(road, version)
    check_day(valid_from, [road])
    known = {
        RoadStatus.CLOSED.value: _("Tạm dừng khai thác %(road)s"),
        RoadStatus.ABOLISHED.value: _("Bãi bỏ %(road)s"),
        RoadStatus.OPEN.value: _("Mở lại %(road)s"),
    }
    if status not in known:
        raise InvalidInputError({"status": _("Hãy chọn tạm dừng, bãi bỏ hoặc mở lại.")})
    if status == road.status:
        raise InvalidInputError({"status": _("Tuyến đang ở tình trạng này.")})
    with as_system("what lies on the road that is closed"):
        changes = []
        if road.geom is not None and status == RoadStatus.ABOLISHED:
            start, end = ends_of(road)
            changes = [
                RoadChange(
                    operation_id=0,
                    kind=OperationKind.CLOSE,
                    road_id=road.pk,
                    road=road.label,
                    valid_from=valid_from,
                    pieces=(_same(road.pk, start, end),),
                    is_abolished=True,
                )
            ]

        def reshape() -> list[Road]:
            road.status = status
            road.save()
            return []

        return run(
            Work(
                actor=actor,
                kind=OperationKind.CLOSE,
                road=road,
                title=known[status] % {"road": road.label},
                valid_from=valid_from,
                basis=basis,
                touched=[road],
                reshape=reshape,
                changes=changes,
            )
        )
