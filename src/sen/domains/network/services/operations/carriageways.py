"""Carriageways with lines of their own, under an operation that cuts or joins their road."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

import shapely
from django.utils.translation import gettext as _

from sen.domains.network.choices import OperationKind, RoadPart, RoadStatus
from sen.domains.network.data import LonLat
from sen.domains.network.models import Road
from sen.domains.network.ports import OpenQuestion, Piece, RoadChange
from sen.domains.network.selectors.lrs import label
from sen.domains.network.services.lines import SNAP_M, apart_m, coordinates
from sen.domains.network.services.operations.alignment import AT_END_M, ends_of, spot_of
from sen.domains.network.services.operations.pieces import TINY_M
from sen.domains.network.services.operations.posts import pin, posts_of, relabel
from sen.domains.network.services.operations.welding import Step, cut_line, joint, weld
from sen.domains.network.services.roads import fill_road

SUBJECT: Final = "network.carriageway"
COPIED: Final = (
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
#: A label of a carriageway this far along from the same label of its road is asked about.
_SKEW_M: Final = 25.0


@dataclass(slots=True)
class Share:
    """What becomes of the carriageways of a road; goes into the work of their road."""

    kind: OperationKind
    valid_from: date
    touched: list[Road] = field(default_factory=list)
    changes: list[RoadChange] = field(default_factory=list)
    questions: list[tuple[str, OpenQuestion]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def reshape(self) -> list[Road]:
        """Write lines and posts; returns what is to be calibrated."""
        return [road for step in self.steps for road in step()]

    def add(self, road: Road, pieces: Sequence[Piece], step: Step | None) -> None:
        """Note what becomes of one line; without pieces its labels stay as they are."""
        if road not in self.touched:
            self.touched.append(road)
        if step is not None:
            self.steps.append(step)
        if pieces:
            self.changes.append(
                RoadChange(
                    operation_id=0,
                    kind=self.kind,
                    road_id=road.pk,
                    road=road.name,
                    valid_from=self.valid_from,
                    pieces=tuple(pieces),
                )
            )


def carriageways(road: Road) -> list[Road]:
    """The lines of the sides of a road as they are now."""
    sides = Road.objects.filter(main=road, part__in=[RoadPart.LEFT, RoadPart.RIGHT])
    return list(
        sides.exclude(status=RoadStatus.ABOLISHED).exclude(geom=None).order_by("part", "start_m")
    )


def split_carriageways(
    road: Road, other: Road, cut: float, first: float, valid_from: date
) -> Share:
    """Cut the carriageways of a road at the label at which it is split.

    What lies behind hangs on the other road and is called as it. Where a label of a carriageway
    lies elsewhere than that of its road, its place is asked about.
    """
    share = Share(OperationKind.SPLIT, valid_from)
    main = coordinates(road)
    place = spot_of(road, cut)
    for part in carriageways(road):
        start, end = ends_of(part)
        if end <= cut + AT_END_M:
            continue
        if start >= cut - AT_END_M:
            _move(share, part, other, first - cut)
            continue
        skew = _along(main, place, spot_of(part, cut))
        if skew > _SKEW_M:
            share.questions.append((SUBJECT, _question(part, cut, skew)))
        behind = _other_half(part, other, (first, first + end - cut))
        pieces, step = cut_line(part, behind, cut, first)
        share.add(part, pieces, step)
    return share


def join_carriageways(road: Road, other: Road, delta: float, valid_from: date) -> Share:
    """Let the carriageways of a road that is joined to another go on as that one's.

    Where one of them begins at the end of one of the same side they become one line; else it
    stays a line of its own.

    Raises:
        InvalidInputError: the labels of two lines that meet do not fit.
    """
    share = Share(OperationKind.JOIN, valid_from)
    ours = carriageways(road)
    for part in carriageways(other):
        before = next((one for one in ours if one.part == part.part and _meet(one, part)), None)
        if before is None:
            _move(share, part, road, delta)
            continue
        start, end = ends_of(before)
        pieces = joint(before, part, delta)
        kept = Piece(from_m=start, to_m=end, road_id=before.pk, new_from=start, new_to=end)
        share.add(before, [kept], None)
        share.add(part, pieces, weld(before, part, pieces, valid_from))
    return share


def met_pairs(road: Road, other: Road) -> list[tuple[Road, Road]]:
    """The carriageways of both roads that become one line when the roads are joined."""
    theirs = carriageways(other)
    return [
        (one, two)
        for one in carriageways(road)
        for two in theirs
        if one.part == two.part and _meet(one, two)
    ]


def _meet(one: Road, two: Road) -> bool:
    return apart_m(coordinates(one)[-1], coordinates(two)[0]) <= SNAP_M


def _move(share: Share, part: Road, main: Road, delta: float) -> None:
    """Hang a carriageway as it is on another road; its labels move by ``delta``."""
    start, end = ends_of(part)
    line, posts = coordinates(part), posts_of(part)
    moves = abs(delta) >= TINY_M

    def step() -> list[Road]:
        if moves:
            relabel([(post, float(post.measure_m) + delta) for post in posts], part)
            pin(part, [(start + delta, line[0]), (end + delta, line[-1])])
        # The labels of before would stand in the way of others of the new road.
        part.start_m = part.end_m = None
        part.declared_start_m, part.declared_end_m = _declared(start + delta, end + delta)
        _hang(part, main)
        return [part]

    piece = Piece(
        from_m=start, to_m=end, road_id=part.pk, new_from=start + delta, new_to=end + delta
    )
    share.add(part, [piece] if moves else [], step)


def _hang(part: Road, main: Road) -> None:
    part.main = main
    fill_road(
        part,
        {
            "number": main.number,
            "manager_class": main.manager_class,
            "owner_org": main.owner_org,
        },
    )
    part.save()


def _declared(start: float, end: float) -> tuple[Decimal, Decimal]:
    return Decimal(f"{max(0.0, start):.3f}"), Decimal(f"{end:.3f}")


def _other_half(part: Road, main: Road, ends: tuple[float, float]) -> Road:
    """The road that takes what is cut off a carriageway; not yet with a line."""
    half = Road(is_demo=part.is_demo)
    values = {name: getattr(part, name) for name in COPIED}
    values |= {
        "part": part.part,
        "main": main,
        "number": main.number,
        "manager_class": main.manager_class,
        "owner_org": main.owner_org,
        "name": _("%(road)s, %(side)s")
        % {"road": main.name[:150], "side": part.get_part_display().lower()},
        "code": _free_code(part, main),
    }
    values["declared_start_m"], values["declared_end_m"] = _declared(*ends)
    fill_road(half, values)
    half.save()
    return half


def _free_code(part: Road, main: Road) -> str:
    """The code of the new road with what the code of the carriageway adds to that of its own."""
    old = part.main.code if part.main is not None else ""
    tail = part.code.removeprefix(old) if old and part.code.startswith(old) else f"-{part.part[0]}"
    stem = f"{main.code[: 38 - len(tail)]}{tail}"
    taken = set(Road.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(
        code for code in (stem, *(f"{stem}{n}" for n in range(2, 100))) if code not in taken
    )


def _along(line: Sequence[LonLat], place: LonLat, spot: LonLat) -> float:
    """How far along a line the foot of a spot lies from a place on it, in metres."""
    shape = shapely.LineString(line)
    foot = shape.interpolate(shape.project(shapely.Point(spot)))
    return apart_m(place, (foot.x, foot.y))


def _question(part: Road, cut: float, skew: float) -> OpenQuestion:
    return OpenQuestion(
        subject_id=part.pk,
        title=f"{part.name} {label(cut)}",
        reason=_(
            "Trên phần đường này %(place)s nằm cách mặt cắt tách tuyến %(skew)s m dọc tuyến; tim "
            "đã được cắt tại lý trình đó."
        )
        % {"place": label(cut), "skew": round(skew)},
        choices={
            "RIGHT": _("Đã kiểm tra: lý trình của phần đường là đúng"),
            "CALIBRATE": _("Lý trình sai: sẽ sửa cọc và hiệu chỉnh lại phần đường"),
        },
        road_id=part.pk,
        url=f"/ql/network/roads/{part.pk}/",
    )
