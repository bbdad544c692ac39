"""Operations that give a road another line: re-aligning a stretch, extending an end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext as _

from sen.domains.network.choices import OperationKind, PostNature
from sen.domains.network.data import LonLat
from sen.domains.network.models import KmPost, Road, RoadOperation, RouteVersion
from sen.domains.network.ports import OpenQuestion, Piece, RoadChange
from sen.domains.network.selectors.lrs import chainages_of, label, point_at
from sen.domains.network.services.lines import (
    SNAP_M,
    apart_m,
    between,
    chain,
    coordinates,
    cut_at,
    drawn,
    length_m,
    put_line,
)
from sen.domains.network.services.operations.posts import pin, posts_of, relabel
from sen.domains.network.services.operations.running import POST, Work, check_day, run
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError
from sen.kernel.usecase import check_version, use_case

#: A cut this near to an end of the road is the end.
AT_END_M: Final = 1.0
#: Ends of a drawn stretch are sought on the road so far away.
REACH_M: Final = 100.0
#: Labels that run so differently from metres are worth a remark.
ODD_SHARE: Final = 0.2


@use_case("network.road.reshape", act="network.realign_road")
def realign_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    line: GEOSGeometry | Sequence[LonLat],
    valid_from: date,
    from_m: float | None = None,
    to_m: float | None = None,
    shift: bool = False,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Lead a stretch of a road over a new line from a day on.

    Without labels the stretch runs between the places where the drawn line meets the road. The
    labels at both ends stay, so that posts behind the stretch keep theirs; with ``shift`` they
    move by as much as the road became longer or shorter.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the line does not meet the road, or posts contradict the new line.
    """
    check_version(road, version)
    check_day(valid_from, [road])
    with as_system("the line of the road that is changed"):
        return _realign(
            actor, road, drawn(line), (from_m, to_m), valid_from, shift=shift, basis=basis
        )


def _realign(
    actor: Actor,
    road: Road,
    new: list[LonLat],
    labels: tuple[float | None, float | None],
    valid_from: date,
    *,
    shift: bool,
    basis: str,
) -> RoadOperation:
    start, end = ends_of(road)
    old = coordinates(road)
    low, high = _feet(road, new, labels)
    if high < low and None in labels:
        new.reverse()
        low, high = high, low
    low, high = inside(low, start, end), inside(high, start, end)
    if high - low < AT_END_M:
        raise InvalidInputError(
            {"to_m": _("Lý trình cuối của đoạn nắn phải lớn hơn lý trình đầu.")}
        )
    first, last = spot_of(road, low), spot_of(road, high)
    _must_meet(new, first, last, low, high)
    stretch = between(first, new, last)
    before, rest = cut_at(old, first)
    behind = cut_at(rest, last)[1]
    delta = length_m(stretch) - (high - low) if shift else 0.0
    share = length_m(stretch) / (high - low + delta)
    posts = posts_of(road)
    work = Work(
        actor=actor,
        kind=OperationKind.REALIGN,
        road=road,
        title=_("Nắn %(road)s đoạn %(a)s–%(b)s")
        % {"road": road.label, "a": label(low), "b": label(high)},
        valid_from=valid_from,
        basis=basis,
        touched=[road],
        reshape=lambda: _write_realigned(
            road,
            chain(before, stretch, behind),
            posts,
            [(start, old[0]), (low, first), (high + delta, last), (end + delta, old[-1])],
            (low, high, delta),
        ),
        changes=[
            RoadChange(
                operation_id=0,
                kind=OperationKind.REALIGN,
                road_id=road.pk,
                road=road.label,
                valid_from=valid_from,
                pieces=_pieces(road.pk, start, end, low, high, delta),
            )
        ],
    )
    if abs(share - 1) > ODD_SHARE:
        work.remarks.append(
            _(
                "Trên đoạn mới một mét lý trình dài %(share)s m thực địa; hãy cân nhắc dời lý "
                "trình phía sau hoặc đặt lại cọc."
            )
            % {"share": f"{share:.2f}".replace(".", ",")}
        )
    work.questions += [
        (POST, _post_question(road, post))
        for post in posts
        if post.nature == PostNature.POST
        and low + AT_END_M / 2 < float(post.measure_m) < high - AT_END_M / 2
    ]
    return run(work)


def ends_of(road: Road) -> tuple[float, float]:
    """Exact labels of the ends of the present calibration."""
    found = RouteVersion.objects.filter(road_id=road.pk, valid_to=None).values_list(
        "start_m", "end_m"
    )
    ends = found.first()
    if ends is None:
        raise InvalidInputError(
            {"road": _("%(road)s chưa có tim đường nên chưa có lý trình.") % {"road": road.label}}
        )
    return ends


def _feet(
    road: Road, new: Sequence[LonLat], labels: tuple[float | None, float | None]
) -> tuple[float, float]:
    """The labels of both ends: those given, else those of the road below them."""
    found = chainages_of(points=[new[0], new[-1]], road_ids=[road.pk, road.pk], within_m=REACH_M)
    measures: list[float] = []
    for given, foot in zip(labels, found, strict=True):
        if given is not None:
            measures.append(float(given))
        elif foot is not None:
            measures.append(foot.chainage_m)
        else:
            raise InvalidInputError(
                {"line": _("Một đầu của hình vẽ cách tuyến hơn %(reach)g m.") % {"reach": REACH_M}},
                hint=_("Hãy vẽ đoạn mới bắt đầu và kết thúc trên tim tuyến hiện tại."),
            )
    return measures[0], measures[1]


def inside(measure: float, start: float, end: float) -> float:
    """A label on the road; near an end it is the end.

    Raises:
        InvalidInputError: it lies beyond.
    """
    if not start - AT_END_M <= measure <= end + AT_END_M:
        raise InvalidInputError(
            {
                "from_m": _("%(place)s nằm ngoài tuyến: tuyến chỉ có từ %(start)s đến %(end)s.")
                % {"place": label(measure), "start": label(start), "end": label(end)}
            }
        )
    if measure - start < AT_END_M:
        return start
    return end if end - measure < AT_END_M else measure


def spot_of(road: Road, measure: float) -> LonLat:
    found = point_at(road=road, chainage_m=measure)
    return float(found.x), float(found.y)


def _must_meet(new: Sequence[LonLat], first: LonLat, last: LonLat, low: float, high: float) -> None:
    for point, spot, measure in ((new[0], first, low), (new[-1], last, high)):
        gap = apart_m(point, spot)
        if gap > REACH_M:
            raise InvalidInputError(
                {
                    "line": _("Hình vẽ bắt đầu hoặc kết thúc cách %(place)s %(gap)s m.")
                    % {"place": label(measure), "gap": round(gap)}
                },
                hint=_("Hãy vẽ từ lý trình đầu đến lý trình cuối của đoạn."),
            )


def _pieces(
    road_id: int, start: float, end: float, low: float, high: float, delta: float
) -> tuple[Piece, ...]:
    pieces = [
        Piece(from_m=start, to_m=low, road_id=road_id, new_from=start, new_to=low),
        Piece(
            from_m=low,
            to_m=high,
            road_id=road_id,
            new_from=low,
            new_to=high + delta,
            settled=False,
        ),
        Piece(from_m=high, to_m=end, road_id=road_id, new_from=high + delta, new_to=end + delta),
    ]
    return tuple(piece for piece in pieces if piece.to_m > piece.from_m)


def _write_realigned(
    road: Road,
    line: Sequence[LonLat],
    posts: Sequence[KmPost],
    pins: Sequence[tuple[float, LonLat]],
    moved: tuple[float, float, float],
) -> list[Road]:
    low, high, delta = moved
    inside = [
        post for post in posts if low + AT_END_M / 2 < float(post.measure_m) < high - AT_END_M / 2
    ]
    KmPost.objects.filter(
        pk__in=[post.pk for post in inside if post.nature == PostNature.REFERENCE]
    ).delete()
    KmPost.objects.filter(pk__in=[post.pk for post in inside]).update(is_calibrating=False)
    if delta:
        relabel(
            [
                (post, float(post.measure_m) + delta)
                for post in posts
                if float(post.measure_m) >= high - AT_END_M / 2
            ],
            road,
        )
    put_line(road, line)
    pin(road, pins)
    return [road]


def _post_question(road: Road, post: KmPost) -> OpenQuestion:
    return OpenQuestion(
        subject_id=post.pk,
        title=str(post),
        reason=_("Cọc đứng cạnh đoạn đường cũ; từ nay không dùng để hiệu chỉnh lý trình."),
        choices={
            "MOVE": _("Đã hoặc sẽ dời cọc: ghi vị trí mới trong danh mục cọc"),
            "GONE": _("Cọc bị bỏ: ghi tình trạng “Mất”"),
        },
        road_id=road.pk,
        url=f"/ql/network/km-posts/{post.pk}/sua/",
    )


@use_case("network.road.reshape", act="network.extend_road")
def extend_road(
    *,
    actor: Actor,
    road: Road,
    version: int | None,
    line: GEOSGeometry | Sequence[LonLat],
    valid_from: date,
    basis: str = "",
    reason: str = "",
) -> RoadOperation:
    """Let a road go on beyond the end at which the drawn line begins or ends.

    Labels go on metre by metre. Before the start they count backwards as long as there are
    labels left; else all labels of the road move so that the new start is Km0.

    Raises:
        ConflictError: somebody changed the road meanwhile.
        InvalidInputError: the line meets neither end of the road.
    """
    check_version(road, version)
    check_day(valid_from, [road])
    with as_system("the line of the road that is changed"):
        old = coordinates(road)
        new = drawn(line)
        at_end, new = _joined_end(old, new)
        return _extend(actor, road, old, new, at_end=at_end, valid_from=valid_from, basis=basis)


def _joined_end(old: Sequence[LonLat], new: list[LonLat]) -> tuple[bool, list[LonLat]]:
    """Whether the line goes on behind the end, and the line in the direction away from it."""
    gaps = {
        (at_end, turned): apart_m(old[-1 if at_end else 0], new[-1 if turned else 0])
        for at_end in (True, False)
        for turned in (False, True)
    }
    (at_end, turned), gap = min(gaps.items(), key=lambda item: item[1])
    if gap > SNAP_M:
        raise InvalidInputError(
            {"line": _("Hình vẽ cách đầu tuyến gần nhất %(gap)s m.") % {"gap": round(gap)}},
            hint=_("Hãy vẽ đoạn kéo dài bắt đầu từ điểm đầu hoặc điểm cuối của tuyến."),
        )
    return at_end, list(reversed(new)) if turned else new


def _extend(
    actor: Actor,
    road: Road,
    old: list[LonLat],
    new: list[LonLat],
    *,
    at_end: bool,
    valid_from: date,
    basis: str,
) -> RoadOperation:
    start, end = ends_of(road)
    added = between(old[-1] if at_end else old[0], new, None)
    length = length_m(added)
    if length < AT_END_M:
        raise InvalidInputError({"line": _("Đoạn kéo dài ngắn hơn 1 m.")})
    line = chain(old, added) if at_end else chain(list(reversed(added)), old)
    delta = 0.0 if at_end else max(0.0, length - start)
    pins = [
        (start + delta, old[0]),
        (end + delta, old[-1]),
        (end + length if at_end else start + delta - length, added[-1]),
    ]
    posts = posts_of(road)
    far = end + length if at_end else start + delta - length

    def reshape() -> list[Road]:
        if delta:
            relabel([(post, float(post.measure_m) + delta) for post in posts], road)
        put_line(road, line)
        pin(road, pins)
        return [road]

    return run(
        Work(
            actor=actor,
            kind=OperationKind.EXTEND,
            road=road,
            title=_("Kéo dài %(road)s thêm %(length)s m đến %(place)s")
            % {"road": road.label, "length": round(length), "place": label(round(far, 3))},
            valid_from=valid_from,
            basis=basis,
            touched=[road],
            reshape=reshape,
            changes=[
                RoadChange(
                    operation_id=0,
                    kind=OperationKind.EXTEND,
                    road_id=road.pk,
                    road=road.label,
                    valid_from=valid_from,
                    pieces=(
                        Piece(
                            from_m=start,
                            to_m=end,
                            road_id=road.pk,
                            new_from=start + delta,
                            new_to=end + delta,
                        ),
                    ),
                )
            ],
        )
    )
