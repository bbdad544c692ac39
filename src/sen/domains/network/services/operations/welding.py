"""Cutting the line of a road in two, and making one line of two, with their posts and labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.network.choices import RoadStatus
from sen.domains.network.models import KmPost, Road, RouteVersion
from sen.domains.network.ports import Piece
from sen.domains.network.selectors.lrs import label
from sen.domains.network.services.lines import apart_m, chain, coordinates, cut_at, put_line
from sen.domains.network.services.operations.alignment import ends_of, spot_of
from sen.domains.network.services.operations.pieces import TINY_M
from sen.domains.network.services.operations.posts import hand_over, pin, posts_of, relabel
from sen.kernel.errors import InvalidInputError

Step = Callable[[], list[Road]]
"""Writes lines and posts, and returns the roads to calibrate."""

#: A post this near to a place stands at it.
_AT_M: Final = 0.5
#: So much may a metre of the label differ from a metre of the road where two labels are brought
#: together at a joint.
_BEND: Final = (0.5, 2.0)


def cut_line(road: Road, other: Road, cut: float, first: float) -> tuple[tuple[Piece, ...], Step]:
    """Give what lies behind a label to another road, whose labels begin with ``first``."""
    start, end = ends_of(road)
    last = first + end - cut
    spot, line = spot_of(road, cut), coordinates(road)
    before, behind = cut_at(line, spot)
    posts = [post for post in posts_of(road) if float(post.measure_m) > cut + _AT_M]

    def step() -> list[Road]:
        if abs(first - cut) >= TINY_M:
            relabel([(post, float(post.measure_m) + first - cut) for post in posts], other)
        else:
            hand_over(posts, other)
        put_line(road, before)
        put_line(other, behind)
        pin(road, [(start, line[0]), (cut, spot)])
        pin(other, [(first, spot), (last, line[-1])])
        return [road, other]

    pieces = (
        Piece(from_m=start, to_m=cut, road_id=road.pk, new_from=start, new_to=cut),
        Piece(from_m=cut, to_m=end, road_id=other.pk, new_from=first, new_to=last),
    )
    return pieces, step


def joint(road: Road, other: Road, delta: float) -> tuple[Piece, ...]:
    """The labels of a line that goes on where another ends; they move by ``delta``.

    Where that does not fit the label at the joint, the labels up to the next post give way.

    Raises:
        InvalidInputError: the two labels are too far apart for that.
    """
    end = ends_of(road)[1]
    start, last = ends_of(other)
    gap = apart_m(coordinates(road)[-1], coordinates(other)[0])
    wanted, met = start + delta, end + gap
    whole = Piece(from_m=start, to_m=last, road_id=road.pk, new_from=wanted, new_to=last + delta)
    if abs(wanted - met) < TINY_M:
        return (whole,)
    anchor = min(
        (
            float(post.measure_m)
            for post in posts_of(other)
            if post.is_calibrating and float(post.measure_m) > start + 1
        ),
        default=last,
    )
    share = (anchor + delta - met) / (anchor - start)
    if not _BEND[0] <= share <= _BEND[1]:
        raise InvalidInputError(
            {
                "other": _(
                    "Ở chỗ nối %(one)s hết ở %(a)s còn %(two)s bắt đầu ở %(b)s theo lý trình mới."
                )
                % {
                    "one": road.name,
                    "a": label(round(end, 3)),
                    "two": other.name,
                    "b": label(round(wanted, 3)),
                }
            },
            hint=_("Hãy sửa cọc của một trong hai phần đường cho khớp rồi nhập."),
        )
    bent = Piece(from_m=start, to_m=anchor, road_id=road.pk, new_from=met, new_to=anchor + delta)
    if anchor >= last - TINY_M:
        return (bent,)
    rest = Piece(
        from_m=anchor, to_m=last, road_id=road.pk, new_from=anchor + delta, new_to=last + delta
    )
    return bent, rest


def weld(road: Road, other: Road, pieces: Sequence[Piece], valid_from: date) -> Step:
    """Let a line go on over another, whose labels are called as ``pieces`` say.

    The other road is kept as abolished.
    """
    start, end = ends_of(road)
    one, two = coordinates(road), coordinates(other)
    posts = posts_of(other)
    mine = {round(float(post.measure_m), 3) for post in posts_of(road)}

    def step() -> list[Road]:
        _hand_over_labels(posts, road, pieces, mine)
        put_line(road, chain(one, two))
        pin(
            road,
            [
                (start, one[0]),
                (end, one[-1]),
                (pieces[0].new_from, two[0]),
                (pieces[-1].new_to, two[-1]),
            ],
        )
        _retire(other, valid_from)
        return [road]

    return step


def _hand_over_labels(
    posts: Sequence[KmPost], road: Road, pieces: Sequence[Piece], taken: set[float]
) -> None:
    """Posts of the other road; where both roads had one with the same label ours stays."""
    named = [(post, _renamed(pieces, float(post.measure_m))) for post in posts]
    double = {post.pk for post, measure in named if round(measure, 3) in taken}
    KmPost.objects.filter(pk__in=double).delete()
    kept = [(post, measure) for post, measure in named if post.pk not in double]
    if all(abs(float(post.measure_m) - measure) < TINY_M for post, measure in kept):
        hand_over([post for post, _measure in kept], road)
    else:
        relabel(kept, road)


def _renamed(pieces: Sequence[Piece], measure: float) -> float:
    piece = next((one for one in pieces if measure <= one.to_m), pieces[-1])
    return piece.at(measure)


def _retire(other: Road, valid_from: date) -> None:
    """A road that went up in another: kept with its past, no line from now on."""
    current = RouteVersion.objects.filter(road=other, valid_to=None)
    current.filter(valid_from__gte=valid_from).delete()
    current.update(valid_to=valid_from)
    other.status = RoadStatus.ABOLISHED.value
    other.geom = None
    other.start_m = other.end_m = other.length_m = None
    other.save()
