"""Operations on which roads there are: splitting one, joining two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from sen.domains.network.choices import EVENT_KINDS, OperationKind, RoadPart
from sen.domains.network.models import Road, RoadOperation, RouteEvent
from sen.domains.network.ports import Piece, RoadChange
from sen.domains.network.selectors.lrs import chainages_of, label
from sen.domains.network.services.lines import SNAP_M, apart_m, coordinates
from sen.domains.network.services.operations.alignment import ends_of, inside
from sen.domains.network.services.operations.carriageways import (
    COPIED,
    carriageways,
    join_carriageways,
    met_pairs,
    split_carriageways,
)
from sen.domains.network.services.operations.running import Work, check_day, run
from sen.domains.network.services.operations.welding import cut_line, weld
from sen.domains.network.services.roads import fill_road
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.usecase import check_version, use_case


@use_case("network.road.reshape", act="network.split_road")
def split_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    at_m: float,
    code: str,
    valid_from: date,
    number: str = "",
    name: str = "",
    restart: bool = False,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Make the part of a road behind a place a road of its own, its carriageways with it.

    Labels stay; with ``restart`` those of the new road begin at Km0.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the place is no place within the road, or the code is taken.
    """
    check_version(road, version)
    with as_system("the lines of the road that is split"):
        _refuse_part(road)
        check_day(valid_from, [road, *carriageways(road)])
        start, end = ends_of(road)
        cut = inside(float(at_m), start, end)
        if cut in (start, end):
            raise InvalidInputError({"at_m": _("Điểm tách phải nằm trong tuyến, cách hai đầu.")})
        other = Road(is_demo=road.is_demo)
        values = {field: getattr(road, field) for field in COPIED}
        fill_road(other, values | {"code": code, "number": number, "name": name or road.name})
        other.save()
        return _split(actor, road, other, cut, valid_from, restart=restart, basis=basis)


def _split(
    actor: Actor,
    road: Road,
    other: Road,
    cut: float,
    valid_from: date,
    *,
    restart: bool,
    basis: str,
) -> RoadOperation:
    first = 0.0 if restart else cut
    pieces, step = cut_line(road, other, cut, first)
    ramps = _ramps_behind(road, cut)
    share = split_carriageways(road, other, cut, first, valid_from)

    def reshape() -> list[Road]:
        roads = [*step(), *share.reshape()]
        Road.objects.filter(pk__in=[ramp.pk for ramp in ramps]).update(main=other)
        return roads

    return run(
        Work(
            actor=actor,
            kind=OperationKind.SPLIT,
            road=road,
            title=_("Tách %(road)s tại %(place)s, lập %(other)s")
            % {"road": road.label, "place": label(cut), "other": other.label},
            valid_from=valid_from,
            basis=basis,
            touched=[road, *share.touched],
            reshape=reshape,
            changes=[_change(OperationKind.SPLIT, road, pieces, valid_from), *share.changes],
            questions=share.questions,
        )
    )


def _change(
    kind: OperationKind, road: Road, pieces: Sequence[Piece], valid_from: date
) -> RoadChange:
    return RoadChange(
        operation_id=0,
        kind=kind,
        road_id=road.pk,
        road=road.label,
        valid_from=valid_from,
        pieces=tuple(pieces),
    )


def _refuse_part(road: Road) -> None:
    """A carriageway is no road of its own: it is cut and joined with its road."""
    if road.part in (RoadPart.LEFT, RoadPart.RIGHT):
        raise InvalidInputError(
            {"road": _("Phần đường trái, phải đi theo tuyến chính; hãy thao tác trên tuyến chính.")}
        )


def _ramps_behind(road: Road, cut: float) -> list[Road]:
    """Ramps that leave the road behind a place."""
    ramps = [
        ramp for ramp in Road.objects.filter(main=road, part=RoadPart.RAMP) if ramp.geom is not None
    ]
    ends = [point for ramp in ramps for point in (coordinates(ramp)[0], coordinates(ramp)[-1])]
    feet = chainages_of(points=ends, road_ids=[road.pk] * len(ends))
    behind: list[Road] = []
    for i, ramp in enumerate(ramps):
        near = [foot for foot in feet[2 * i : 2 * i + 2] if foot is not None]
        if near and min(near, key=lambda foot: foot.offset_m).chainage_m > cut:
            behind.append(ramp)
    return behind


@use_case("network.road.reshape", act="network.join_roads")
def join_roads(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    other: Road,
    valid_from: date,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Let a road go on over another that begins where it ends; the other one is abolished.

    Carriageways that meet become one line as well; others hang on the road from now on.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the other road does not begin where this one ends.
    """
    check_version(road, version)
    if road.pk == other.pk:
        raise InvalidInputError({"other": _("Hãy chọn một tuyến khác để nhập vào tuyến này.")})
    with as_system("the lines of the roads that are joined"):
        _refuse_part(road)
        _refuse_part(other)
        check_day(valid_from, [road, other, *carriageways(road), *carriageways(other)])
        for pair in ((road, other), *met_pairs(road, other)):
            _refuse_uneven_cover(*pair)
        return _join(actor, road, other, valid_from, basis)


def _refuse_uneven_cover(road: Road, other: Road) -> None:
    """What must cover a road covers both or neither."""
    for kind in EVENT_KINDS.values():
        held = RouteEvent.objects.filter(kind=kind.code, valid_to=None)
        having = [one for one in (road, other) if held.filter(road=one).exists()]
        if kind.must_cover and len(having) == 1:
            raise InvalidInputError(
                {
                    "other": _("“%(kind)s” phải phủ kín tuyến nhưng chỉ %(road)s có.")
                    % {"kind": _(kind.title), "road": having[0].label}
                },
                hint=_("Hãy ghi nội dung đó cho tuyến còn lại trước khi nhập."),
            )


def _join(actor: Actor, road: Road, other: Road, valid_from: date, basis: str) -> RoadOperation:
    start, end = ends_of(road)
    other_start, other_end = ends_of(other)
    one, two = coordinates(road), coordinates(other)
    gap = apart_m(one[-1], two[0])
    if gap > SNAP_M:
        turned = apart_m(one[-1], two[-1]) <= SNAP_M
        raise InvalidInputError(
            {
                "other": _("%(other)s bắt đầu cách điểm cuối của %(road)s %(gap)s m.")
                % {"other": other.label, "road": road.label, "gap": round(gap)}
            },
            hint=_("Hãy đảo chiều lý trình của tuyến đó trước.") if turned else "",
        )
    delta = end + gap - other_start
    if abs(delta) < 1.0 + gap:
        delta = 0.0 if other_start >= end else delta
    kept = Piece(from_m=start, to_m=end, road_id=road.pk, new_from=start, new_to=end)
    moved = Piece(
        from_m=other_start,
        to_m=other_end,
        road_id=road.pk,
        new_from=other_start + delta,
        new_to=other_end + delta,
    )
    step = weld(road, other, [moved], valid_from)
    share = join_carriageways(road, other, delta, valid_from)

    def reshape() -> list[Road]:
        roads = [*step(), *share.reshape()]
        road.former_numbers = _numbers(road.former_numbers, other.number or other.code)
        road.save()
        Road.objects.filter(main=other).update(main=road)
        return roads

    return run(
        Work(
            actor=actor,
            kind=OperationKind.JOIN,
            road=road,
            title=_("Nhập %(other)s vào %(road)s tại %(place)s")
            % {"road": road.label, "place": label(end), "other": other.label},
            valid_from=valid_from,
            basis=basis,
            touched=[road, other, *share.touched],
            reshape=reshape,
            changes=[
                _change(OperationKind.JOIN, road, [kept], valid_from),
                _change(OperationKind.JOIN, other, [moved], valid_from),
                *share.changes,
            ],
        )
    )


def _numbers(known: str, number: str) -> str:
    words = dict.fromkeys([*known.split(), *number.split()])
    return " ".join(words)[:200]
