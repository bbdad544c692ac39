"""Operations on which roads there are: splitting one, joining two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from sen.domains.network.choices import EVENT_KINDS, OperationKind, RoadPart, RoadStatus
from sen.domains.network.models import KmPost, Road, RoadOperation, RouteEvent, RouteVersion
from sen.domains.network.ports import Piece, RoadChange
from sen.domains.network.selectors.lrs import chainages_of, label
from sen.domains.network.services.lines import SNAP_M, apart_m, chain, coordinates, cut_at, put_line
from sen.domains.network.services.operations.alignment import ends_of, inside, spot_of
from sen.domains.network.services.operations.posts import hand_over, pin, posts_of, relabel
from sen.domains.network.services.operations.running import Work, check_day, run
from sen.domains.network.services.roads import fill_road
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.usecase import check_version, use_case

_COPIED = (
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
)


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
    """Make the part of a road behind a place a road of its own.

    Labels stay; with ``restart`` those of the new road begin at Km0.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the place is no place within the road, or the code is taken.
    """
    check_version(road, version)
    check_day(valid_from, [road])
    with as_system("the line of the road that is split"):
        _refuse_parts(road)
        start, end = ends_of(road)
        cut = inside(float(at_m), start, end)
        if cut in (start, end):
            raise InvalidInputError({"at_m": _("Điểm tách phải nằm trong tuyến, cách hai đầu.")})
        other = Road(is_demo=road.is_demo)
        values = {field: getattr(road, field) for field in _COPIED}
        fill_road(other, values | {"code": code, "number": number, "name": name or road.name})
        other.save()
        return _split(
            actor, road, other, (start, cut, end), valid_from, restart=restart, basis=basis
        )


def _split(
    actor: Actor,
    road: Road,
    other: Road,
    labels: tuple[float, float, float],
    valid_from: date,
    *,
    restart: bool,
    basis: str,
) -> RoadOperation:
    start, cut, end = labels
    spot = spot_of(road, cut)
    line = coordinates(road)
    before, behind = cut_at(line, spot)
    first = 0.0 if restart else cut
    last = first + end - cut
    posts = [post for post in posts_of(road) if float(post.measure_m) > cut + 0.5]
    ramps = _ramps_behind(road, cut)

    def reshape() -> list[Road]:
        if restart:
            relabel([(post, float(post.measure_m) - cut) for post in posts], other)
        else:
            hand_over(posts, other)
        put_line(road, before)
        put_line(other, behind)
        pin(road, [(start, line[0]), (cut, spot)])
        pin(other, [(first, spot), (last, line[-1])])
        Road.objects.filter(pk__in=[ramp.pk for ramp in ramps]).update(main=other)
        return [road, other]

    return run(
        Work(
            actor=actor,
            kind=OperationKind.SPLIT,
            road=road,
            title=_("Tách %(road)s tại %(place)s, lập %(other)s")
            % {"road": road.label, "place": label(cut), "other": other.label},
            valid_from=valid_from,
            basis=basis,
            touched=[road],
            reshape=reshape,
            changes=[
                RoadChange(
                    operation_id=0,
                    kind=OperationKind.SPLIT,
                    road_id=road.pk,
                    road=road.label,
                    valid_from=valid_from,
                    pieces=(
                        Piece(from_m=start, to_m=cut, road_id=road.pk, new_from=start, new_to=cut),
                        Piece(from_m=cut, to_m=end, road_id=other.pk, new_from=first, new_to=last),
                    ),
                )
            ],
        )
    )


def _refuse_parts(road: Road) -> None:
    """A carriageway is no road of its own, and a road with such lines is split line by line."""
    if road.part in (RoadPart.LEFT, RoadPart.RIGHT):
        raise InvalidInputError(
            {"road": _("Phần đường trái, phải đi theo tuyến chính; hãy thao tác trên tuyến chính.")}
        )
    if Road.objects.filter(main=road, part__in=[RoadPart.LEFT, RoadPart.RIGHT]).exclude(
        status=RoadStatus.ABOLISHED
    ):
        raise InvalidInputError(
            {"road": _("Tuyến có phần đường trái, phải vẽ riêng nên chưa tách hoặc nhập được.")},
            hint=_("Hãy bãi bỏ các phần đường đó trước, rồi vẽ lại theo tuyến mới."),
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

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the other road does not begin where this one ends.
    """
    check_version(road, version)
    check_day(valid_from, [road, other])
    if road.pk == other.pk:
        raise InvalidInputError({"other": _("Hãy chọn một tuyến khác để nhập vào tuyến này.")})
    with as_system("the lines of the roads that are joined"):
        _refuse_parts(road)
        _refuse_parts(other)
        _refuse_uneven_cover(road, other)
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
    posts = posts_of(other)
    mine = {round(float(post.measure_m), 3) for post in posts_of(road)}

    def reshape() -> list[Road]:
        _hand_over_labels(posts, road, delta, mine)
        put_line(road, chain(one, two))
        pin(
            road,
            [
                (start, one[0]),
                (end, one[-1]),
                (other_start + delta, two[0]),
                (other_end + delta, two[-1]),
            ],
        )
        _retire(other, valid_from)
        road.former_numbers = _numbers(road.former_numbers, other.number or other.code)
        road.save()
        Road.objects.filter(main=other).update(main=road)
        return [road]

    return run(
        Work(
            actor=actor,
            kind=OperationKind.JOIN,
            road=road,
            title=_("Nhập %(other)s vào %(road)s tại %(place)s")
            % {"road": road.label, "place": label(end), "other": other.label},
            valid_from=valid_from,
            basis=basis,
            touched=[road, other],
            reshape=reshape,
            changes=[
                RoadChange(
                    operation_id=0,
                    kind=OperationKind.JOIN,
                    road_id=road.pk,
                    road=road.label,
                    valid_from=valid_from,
                    pieces=(
                        Piece(from_m=start, to_m=end, road_id=road.pk, new_from=start, new_to=end),
                    ),
                ),
                RoadChange(
                    operation_id=0,
                    kind=OperationKind.JOIN,
                    road_id=other.pk,
                    road=other.label,
                    valid_from=valid_from,
                    pieces=(
                        Piece(
                            from_m=other_start,
                            to_m=other_end,
                            road_id=road.pk,
                            new_from=other_start + delta,
                            new_to=other_end + delta,
                        ),
                    ),
                ),
            ],
        )
    )


def _hand_over_labels(posts: Sequence[KmPost], road: Road, delta: float, taken: set[float]) -> None:
    """Posts of the other road; where both roads had one with the same label ours stays."""
    double = [post for post in posts if round(float(post.measure_m) + delta, 3) in taken]
    KmPost.objects.filter(pk__in=[post.pk for post in double]).delete()
    kept = [post for post in posts if post not in double]
    if delta:
        relabel([(post, float(post.measure_m) + delta) for post in kept], road)
    else:
        hand_over(kept, road)


def _retire(other: Road, valid_from: date) -> None:
    """A road that went up in another: kept with its past, no line from now on."""
    current = RouteVersion.objects.filter(road=other, valid_to=None)
    current.filter(valid_from__gte=valid_from).delete()
    current.update(valid_to=valid_from)
    other.status = RoadStatus.ABOLISHED.value
    other.geom = None
    other.start_m = other.end_m = other.length_m = None
    other.save()


def _numbers(known: str, number: str) -> str:
    words = dict.fromkeys([*known.split(), *number.split()])
    return " ".join(words)[:200]
