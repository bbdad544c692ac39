"""Chainages of other days: old label, place and new label of the same spot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sen.domains.network.data import Correspondence, LonLat
from sen.domains.network.models import KmPost, Road, RouteVersion
from sen.domains.network.selectors.lrs import (
    NotOnRouteError,
    chainages_of,
    label,
    points_at,
)
from sen.domains.network.selectors.sql import rows
from sen.lib.chainage import Calibration, ChainageError
from sen.lib.chainage import KmPost as LabelledPost

#: A place farther than this from the road of today was left by it.
MOVED_M: Final = 30.0
#: Rows of a table of correspondence at most.
LONGEST_TABLE: Final = 2000


def new_chainage(*, road: Road | int, old_m: float) -> float:
    """The present label of a place that an old file calls ``old_m``, by posts bearing both.

    Raises:
        NotOnRouteError: no post of the road bears an old label, or none near enough.
    """
    known, sign, shift = _by_posts(_id(road))
    try:
        return sign * (shift + known.position_at(old_m))
    except ChainageError as error:
        raise NotOnRouteError({"chainage": _(error.template) % error.params}) from error


def old_chainage(*, road: Road | int, measure_m: float) -> float:
    """What posts called a place before that is called ``measure_m`` now.

    Raises:
        NotOnRouteError: no post of the road bears an old label, or none near enough.
    """
    known, sign, shift = _by_posts(_id(road))
    try:
        return known.measure_at(sign * measure_m - shift)
    except ChainageError as error:
        raise NotOnRouteError({"chainage": _(error.template) % error.params}) from error


def _by_posts(road_id: int) -> tuple[Calibration, int, float]:
    """Old labels over new ones counted from the first post that bears both.

    The sign is -1 where the chainage was turned since: then the new labels fall.
    """
    pairs = rows(
        "SELECT old_measure_m::float8, measure_m::float8 FROM network_kmpost"
        " WHERE road_id = %(road)s AND old_measure_m IS NOT NULL ORDER BY 1",
        {"road": road_id},
    )
    if not pairs:
        raise NotOnRouteError({"chainage": _("Tuyến này không có cọc nào ghi lý trình cũ.")})
    sign = -1 if pairs[-1][1] < pairs[0][1] else 1
    shift = sign * float(pairs[0][1])
    posts = [LabelledPost(old, sign * new - shift) for old, new in pairs]
    try:
        return Calibration(posts, posts[-1].position_m), sign, shift
    except ChainageError as error:
        raise NotOnRouteError({"chainage": _(error.template) % error.params}) from error


def old_names(road: Road | int) -> dict[str, QuerySet[Any, Any]]:
    """What would tell how places of a road were called before: past calibrations, old posts."""
    why = "whether a road was measured anew is no secret"
    return {
        "calibrations": RouteVersion.objects.unscoped(why).filter(
            road_id=_id(road), valid_to__isnull=False
        ),
        "posts": KmPost.objects.unscoped(why).filter(
            road_id=_id(road), old_measure_m__isnull=False
        ),
    }


def calibration_days(road: Road | int) -> list[tuple[date, date | None]]:
    """From when to when each calibration of a road holds, the newest first."""
    return [
        (since, until)
        for since, until in rows(
            "SELECT valid_from, valid_to FROM network_routeversion WHERE road_id = %(road)s"
            " ORDER BY valid_from DESC",
            {"road": _id(road)},
        )
    ]


def old_place(*, road: Road | int, old_m: float, on: date | None = None) -> Correspondence:
    """Where a label of another day lies, and what the place is called now.

    Of a day the calibration that held then is asked, or the old labels of posts where the register
    knows none so early. Without a day the old labels of posts are meant, else the calibration
    before the present one.

    Raises:
        NotOnRouteError: nothing is known of so early a day, or the road did not reach so far.
    """
    road_id = _id(road)
    day = on if on is not None else _day_before(road_id)
    if day is not None and _held(road_id, day):
        return _correspond(road_id, [old_m], day)[0]
    measure = new_chainage(road=road_id, old_m=old_m)
    spot = points_at(places=[(road_id, measure)])[0]
    if spot is None:
        raise NotOnRouteError(
            {"chainage": _("%(place)s nằm ngoài tuyến.") % {"place": label(old_m)}}
        )
    return Correspondence(old_m, *spot, road_id, measure)


def _day_before(road_id: int) -> date | None:
    """A day of the calibration before the present one; None where posts know old labels."""
    if rows(
        "SELECT 1 FROM network_kmpost WHERE road_id = %(road)s AND old_measure_m IS NOT NULL"
        " LIMIT 1",
        {"road": road_id},
    ):
        return None
    past = [since for since, until in calibration_days(road_id) if until is not None]
    return past[0] if past else None


def _held(road_id: int, day: date) -> bool:
    return any(
        since <= day and (until is None or day < until)
        for since, until in calibration_days(road_id)
    )


def former_labels(places: Sequence[tuple[int, float]]) -> list[float | None]:
    """What places of (road id, label) were called before the present calibration, in order.

    The calibration before the present one is asked, or the old labels of posts where there was
    none. None where the road was not calibrated anew, or did not run there.
    """
    days: dict[int, date] = {
        road: until - timedelta(days=1)
        for road, until in rows(
            "SELECT road_id, max(valid_to) FROM network_routeversion"
            " WHERE road_id = ANY(%(roads)s) AND valid_to IS NOT NULL GROUP BY 1",
            {"roads": list({road for road, _measure in places})},
        )
    }
    found: list[float | None] = [None] * len(places)
    by_day: dict[date, list[int]] = defaultdict(list)
    posts: dict[int, tuple[Calibration, int, float] | None] = {}
    for i, (road, measure) in enumerate(places):
        if road in days:
            by_day[days[road]].append(i)
        elif (known := _posts_once(road, posts)) is not None:
            found[i] = _label_by_posts(known, measure)
    for day, asked in by_day.items():
        spots = points_at(places=[places[i] for i in asked])
        there = [(i, spot) for i, spot in zip(asked, spots, strict=True) if spot is not None]
        before = chainages_of(
            points=[spot for _i, spot in there],
            road_ids=[places[i][0] for i, _spot in there],
            within_m=MOVED_M,
            on=day,
        )
        for (i, _spot), place in zip(there, before, strict=True):
            found[i] = None if place is None else place.chainage_m
    return found


def _posts_once(
    road_id: int, known: dict[int, tuple[Calibration, int, float] | None]
) -> tuple[Calibration, int, float] | None:
    if road_id not in known:
        try:
            known[road_id] = _by_posts(road_id)
        except NotOnRouteError:
            known[road_id] = None
    return known[road_id]


def _label_by_posts(posts: tuple[Calibration, int, float], measure: float) -> float | None:
    known, sign, shift = posts
    try:
        return known.measure_at(sign * measure - shift)
    except ChainageError:
        return None


def correspondence(
    *, road: Road | int, on: date, step_m: float = 1000.0, to: date | None = None
) -> list[Correspondence]:
    """The table of labels of a day and what their places are called on another (today).

    Units:
        ``step_m``: metres of the old label between two rows.

    Raises:
        NotOnRouteError: the road had no calibration on the day, or the table would be too long.
    """
    road_id = _id(road)
    ends = rows(
        "SELECT start_m, end_m FROM network_routeversion WHERE road_id = %(road)s"
        " AND valid_from <= %(on)s AND coalesce(valid_to > %(on)s, true)",
        {"road": road_id, "on": on},
    )
    if not ends:
        raise NotOnRouteError(
            {
                "chainage": _("Chưa có lần hiệu chỉnh nào của tuyến áp dụng vào ngày %(day)s.")
                % {"day": on.strftime("%d/%m/%Y")}
            }
        )
    start, end = ends[0]
    if (end - start) / step_m > LONGEST_TABLE:
        raise NotOnRouteError(
            {"step": _("Bước quá nhỏ: bảng dài hơn %(n)s dòng.") % {"n": LONGEST_TABLE}}
        )
    first = -(-start // step_m) * step_m
    steps = [first + i * step_m for i in range(int((end - first) // step_m) + 1)]
    labels = sorted({start, *steps, end})
    return _correspond(road_id, labels, on, to)


def _correspond(
    road_id: int, labels: Sequence[float], on: date, to: date | None = None
) -> list[Correspondence]:
    """The road itself is asked first, then whichever road lies there: it may have been split."""
    spots = points_at(places=[(road_id, measure) for measure in labels], on=on)
    if None in spots:
        missing = next(m for m, spot in zip(labels, spots, strict=True) if spot is None)
        raise NotOnRouteError(
            {
                "chainage": _("Vào ngày %(day)s tuyến không có %(place)s.")
                % {"day": on.strftime("%d/%m/%Y"), "place": label(missing)}
            }
        )
    known: list[LonLat] = [spot for spot in spots if spot is not None]
    own = chainages_of(points=known, road_ids=[road_id] * len(known), within_m=MOVED_M, on=to)
    lost = [i for i, place in enumerate(own) if place is None]
    others = chainages_of(points=[known[i] for i in lost], within_m=MOVED_M, on=to)
    found = dict(enumerate(own)) | dict(zip(lost, others, strict=True))
    return [
        Correspondence(measure, *known[i], place.road_id, place.chainage_m)
        if (place := found[i]) is not None
        else Correspondence(measure, *known[i], None, None)
        for i, measure in enumerate(labels)
    ]


def _id(road: Road | int) -> int:
    return road if isinstance(road, int) else road.pk
