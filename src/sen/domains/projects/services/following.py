"""Works follow what is done to their road as a whole: re-aligned, split, joined, turned, closed.

A work does not move because its road is called otherwise: it keeps its shape and gets its new road
and chainages. Where the road itself lies elsewhere now, or the work lies on two roads after a
split, a person says what becomes of it. What was handed over asks no more: its asset does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiLineString, Point
from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.network.choices import Side
from sen.domains.network.ports import Followed, OpenQuestion, Piece, RoadChange
from sen.domains.projects.choices import WorkStatus
from sen.domains.projects.models import Project, Work
from sen.domains.projects.services.works import shape_on_road, take_shape
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError

_TURNED: Final = {Side.LEFT.value: Side.RIGHT.value, Side.RIGHT.value: Side.LEFT.value}
#: Chainages are kept to a tenth of a metre: so near to a cut, a work ends at it.
_EDGE_M: Final = 0.1
#: A work that stays where it is still belongs to a road within this distance.
_REACH_M: Final = 2000.0


class WorkFollower:
    """Works of projects as the network knows them."""

    @property
    def title(self) -> str:
        return str(_("Công trình của dự án"))

    def follow(self, *, actor: Actor, change: RoadChange) -> Followed:
        """Carry the works of a road over, in the transaction of the operation."""
        carried, questions = 0, []
        with as_system("works follow their road, whoever may see them"):
            for row in Work.objects.filter(road_id=change.road_id).exclude(chainage_m=None):
                pieces = _pieces(change, row)
                if _is_open(change, pieces):
                    if row.status != WorkStatus.HANDED_OVER or row.asset_id is None:
                        questions.append(_question(change, row, pieces))
                elif not all(piece.is_same(change.road_id) for piece in pieces):
                    _put(row, _labels(row, pieces))
                    row.save()
                    carried += 1
            carried += _name_again(change)
        return Followed(carried, questions)

    def decide(
        self, *, actor: Actor, subject_id: int, choice: str, payload: Mapping[str, Any]
    ) -> None:
        """Do with a work what was chosen for it.

        Raises:
            InvalidInputError: it cannot be placed so.
        """
        with as_system("a work is placed as was decided"):
            row = Work.objects.select_related("project").filter(pk=subject_id).first()
            if row is None or choice == "KEEP":
                return
            if choice == "OFF":
                row.road_id = row.chainage_m = row.to_chainage_m = None
                row.is_surveyed = row.geom is not None
            elif choice == "STAY":
                _stay(row, int(payload["STAY"]["road_id"]))
            elif choice == "MOVE":
                _put(row, payload["MOVE"])
                _move(row)
            else:
                _put(row, payload[choice])
                row.is_surveyed = row.geom is not None
            row.save()


def _pieces(change: RoadChange, row: Work) -> list[Piece]:
    """The pieces of the road on which a work lies; where it only touches one, that is left out."""
    start = float(row.chainage_m or 0)
    end = start if row.to_chainage_m is None else float(row.to_chainage_m)
    if end - start > 2 * _EDGE_M:
        low, high = start + _EDGE_M, end - _EDGE_M
        found = [piece for piece in change.pieces if piece.from_m < high and piece.to_m > low]
        return found or [change.piece_at(start)]
    near = [
        piece
        for piece in change.pieces
        if piece.from_m - _EDGE_M <= start <= piece.to_m + _EDGE_M and piece.settled
    ]
    return near[:1] or [change.piece_at(start)]


def _is_open(change: RoadChange, pieces: Sequence[Piece]) -> bool:
    """Whether somebody must say what becomes of what lies on these pieces."""
    roads = {piece.road_id for piece in pieces}
    return change.is_abolished or len(roads) > 1 or not all(piece.settled for piece in pieces)


def _labels(row: Work, pieces: Sequence[Piece]) -> dict[str, Any]:
    """Road, chainages and side of the part of a work that lies on some pieces of one road."""
    first, last = pieces[0], pieces[-1]
    ends = [_at(first, float(row.chainage_m or 0))]
    if row.to_chainage_m is not None:
        ends.append(_at(last, float(row.to_chainage_m)))
    side = _TURNED.get(row.side, row.side) if first.turned else row.side
    return {"road_id": first.road_id, "ends": sorted(ends), "side": side}


def _at(piece: Piece, measure: float) -> float:
    """The new label; a work that ends at a cut ends at it afterwards."""
    for end in (piece.from_m, piece.to_m):
        if abs(measure - end) <= _EDGE_M:
            measure = end
    return piece.at(measure)


def _part(row: Work, piece: Piece) -> dict[str, Any]:
    """The part of a stretch that lies on one piece."""
    ends = [
        max(float(row.chainage_m or 0), piece.from_m),
        min(float(row.to_chainage_m or 0), piece.to_m),
    ]
    side = _TURNED.get(row.side, row.side) if piece.turned else row.side
    return {
        "road_id": piece.road_id,
        "ends": sorted(piece.at(end) for end in ends),
        "side": side,
    }


def _put(row: Work, labels: Mapping[str, Any]) -> None:
    row.road_id, row.side = int(labels["road_id"]), labels["side"]
    first, *rest = (_tenths(end) for end in labels["ends"])
    row.chainage_m = first
    row.to_chainage_m = rest[0] if rest and rest[0] > first else None


def _tenths(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def _question(change: RoadChange, row: Work, pieces: Sequence[Piece]) -> OpenQuestion:
    off = _("Tách khỏi tuyến, giữ vị trí trên bản đồ")
    first, last = pieces[0], pieces[-1]
    payload: dict[str, Any] = {}
    if change.is_abolished:
        reason = _("Tuyến bị bãi bỏ từ ngày %(day)s.") % {"day": f"{change.valid_from:%d/%m/%Y}"}
        choices = {"KEEP": _("Giữ gắn với tuyến đã bãi bỏ")}
    elif first.road_id != last.road_id:
        named = _names({first.road_id, last.road_id})
        reason = _("Công trình nằm trên cả hai tuyến sau khi chia.")
        text = _("Gắn với %(road)s, giữ nguyên hình trên bản đồ")
        choices = {
            "FIRST": text % {"road": named[first.road_id]},
            "LAST": text % {"road": named[last.road_id]},
        }
        payload = {"FIRST": _part(row, first), "LAST": _part(row, last)}
    else:
        reason = _("Công trình nằm trên đoạn mà tuyến nay đi hướng khác.")
        choices = {"MOVE": _("Dời theo tuyến mới đến lý trình tương ứng")}
        payload = {"MOVE": _labels(row, pieces), "STAY": {"road_id": first.road_id}}
        if row.geom is not None:
            choices["STAY"] = _("Ở nguyên vị trí, tính lại lý trình theo tuyến mới")
    return OpenQuestion(
        subject_id=row.pk,
        title=f"{row.name} ({row.code})",
        reason=reason,
        choices=choices | {"OFF": off},
        road_id=first.road_id,
        url=f"/ql/projects/works/{row.pk}/",
        payload=payload,
    )


def _names(road_ids: set[int]) -> dict[int, str]:
    with as_system("names of roads between which to choose") as house:
        return {road.pk: road.label for road in network.roads(house).filter(pk__in=road_ids)}


def _stay(row: Work, road_id: int) -> None:
    """Keep the shape, and read its chainages off the road as it lies now."""
    if row.geom is None:
        return
    found = network.chainages_of(
        points=_ends(row.geom), road_ids=[road_id] * len(_ends(row.geom)), within_m=_REACH_M
    )
    measures = [place.chainage_m for place in found if place is not None]
    if len(measures) < len(found):
        raise InvalidInputError(
            {"choice": _("Công trình nằm quá xa tuyến mới nên không tính được lý trình.")},
            hint=_("Hãy chọn tách khỏi tuyến, hoặc sửa vị trí của công trình trước."),
        )
    _put(row, {"road_id": road_id, "ends": sorted(measures), "side": row.side})
    row.is_surveyed = True


def _ends(shape: GEOSGeometry) -> list[tuple[float, float]]:
    """Both ends of a line, the point of everything else."""
    if isinstance(shape, LineString | MultiLineString):
        lines: list[Any] = [shape] if isinstance(shape, LineString) else list(shape)
        return [(at[0], at[1]) for at in (lines[0].coords[0], lines[-1].coords[-1])]
    middle = shape if isinstance(shape, Point) else shape.point_on_surface
    return [(middle.x, middle.y)]


def _move(row: Work) -> None:
    """Let the shape follow the chainages."""
    row.is_surveyed = False
    try:
        row.geom = shape_on_road(row)
    except network.NotOnRouteError as error:
        raise InvalidInputError(
            {"choice": str(error)},
            hint=_("Hãy chọn phương án khác, hoặc sửa vị trí của công trình trước."),
        ) from error
    take_shape(row)


def _name_again(change: RoadChange) -> int:
    """A road that went into another as a whole takes along what names it without a chainage."""
    roads = {piece.road_id for piece in change.pieces}
    if change.is_abolished or len(roads) != 1 or change.road_id in roads:
        return 0
    (road_id,) = roads
    rows: list[Project | Work] = [
        *Project.objects.filter(road_id=change.road_id),
        *Work.objects.filter(road_id=change.road_id, chainage_m=None),
    ]
    for row in rows:
        row.road_id = road_id
        row.save()
    return len(rows)
