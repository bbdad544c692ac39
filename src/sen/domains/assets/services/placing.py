"""Where assets stand: a road with a chainage, a point on the map, or both in agreement.

Works on many at once, so that an import of ten thousand costs a handful of statements.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.contrib.gis.geos import GEOSGeometry, LineString, Point
from django.utils.translation import gettext as _

from sen.domains.assets.catalogue import AssetType, Shape
from sen.domains.assets.choices import LocatedBy
from sen.domains.assets.data import LonLat
from sen.domains.assets.selectors import NEAR_ROAD_M, RoadRef, roads_by_id
from sen.domains.network import api as network
from sen.domains.network.choices import Side
from sen.domains.network.data import RoadPlace
from sen.domains.places import api as places
from sen.kernel.access.scope import Actor
from sen.lib.text import fold

#: A point and a chainage of the same asset may lie this far apart: assets stand beside the road.
TOLERANCE_M: Final = 50.0
ON_CHAINAGE_M: Final = 1.0
#: Nearer to the middle of the road than this a point has no side.
MIDDLE_M: Final = 2.0
#: Keys of places before Km0 must sort before those behind it.
_BEFORE_KM0: Final = 1_000_000
_DEGREE_M: Final = 111_320.0
#: Extended well-known binary of a point: order of bytes, kind, coordinate system, x, y.
_POINT: Final = struct.Struct("<BIIdd")


@dataclass(slots=True)
class Wanted:
    """The place that somebody asks for; ``area_id`` when they named the commune.

    ``at`` is the middle of the shape where it is known: asking GEOS costs more than all the rest.
    A shape that is text is a point (:func:`point_text`).
    """

    kind: AssetType
    road: RoadRef | None = None
    chainage_m: float | None = None
    to_chainage_m: float | None = None
    side: str = ""
    shape: GEOSGeometry | str | None = None
    at: LonLat | None = None
    area_id: int | None = None

    @property
    def on_road(self) -> tuple[RoadRef, float] | None:
        if self.road is None or self.chainage_m is None:
            return None
        return self.road, self.chainage_m


@dataclass(slots=True)
class Placed:
    """The place as found, or why it was not: faults by field."""

    road: RoadRef | None = None
    chainage_m: Decimal | None = None
    to_chainage_m: Decimal | None = None
    side: str = ""
    located_by: LocatedBy = LocatedBy.CHAINAGE
    shape: GEOSGeometry | str | None = None
    at: LonLat | None = None
    area_id: int | None = None
    faults: dict[str, str] = field(default_factory=dict)


def place_all(*, actor: Actor, wanted: Sequence[Wanted]) -> list[Placed]:
    """Find the places of many assets, in order."""
    placed = [
        Placed(
            road=w.road,
            side=w.side,
            shape=w.shape,
            at=w.at or (None if w.shape is None else middle_of(w.shape)),
            area_id=w.area_id,
        )
        for w in wanted
    ]
    _by_chainage(wanted, placed)
    _by_point(actor, wanted, placed)
    _communes(placed)
    return placed


def _by_chainage(wanted: Sequence[Wanted], placed: Sequence[Placed]) -> None:
    """Assets that name their chainage: find its point, and compare it with the given one."""
    named = [(i, on_road) for i, w in enumerate(wanted) if (on_road := w.on_road)]
    spots = network.points_at(places=[(road.id, at) for _i, (road, at) in named])
    apart: list[tuple[int, float, LonLat]] = []
    for (i, (road, at)), spot in zip(named, spots, strict=True):
        found = placed[i]
        found.chainage_m = _tenths(at)
        found.to_chainage_m = _tenths(wanted[i].to_chainage_m)
        if spot is None:
            found.faults["chainage_m"] = _off_road(road, at)
        elif found.shape is None:
            found.shape, found.at = point_text(spot), spot
        else:
            gap = distance_m(_middle(found), spot)
            # A point that is the one of its chainage was not surveyed.
            found.located_by = LocatedBy.SURVEY if gap > ON_CHAINAGE_M else LocatedBy.CHAINAGE
            if gap > TOLERANCE_M + _half_length(wanted[i]):
                apart.append((i, gap, spot))
    _stretches(wanted, placed)
    _disagree(wanted, placed, apart)


def _off_road(road: RoadRef, at: float) -> str:
    try:
        network.point_at(road=road.id, chainage_m=at)
    except network.NotOnRouteError as error:
        return f"{road.label}: {error}"
    return _("Không xác định được vị trí của lý trình này.")


def _half_length(wanted: Wanted) -> float:
    if wanted.to_chainage_m is None or wanted.chainage_m is None:
        return 0.0
    return abs(wanted.to_chainage_m - wanted.chainage_m) / 2


def _stretches(wanted: Sequence[Wanted], placed: Sequence[Placed]) -> None:
    """Types that are lines run from one chainage to another."""
    named = [
        (i, (on_road[0].id, on_road[1], to))
        for i, w in enumerate(wanted)
        if w.kind.geometry is Shape.LINE
        and w.shape is None
        and (on_road := w.on_road)
        and (to := w.to_chainage_m) is not None
    ]
    lines = network.lines_between(stretches=[stretch for _i, stretch in named])
    for (i, _stretch), line in zip(named, lines, strict=True):
        if line is None:
            placed[i].faults.setdefault("to_chainage_m", _("Không có đoạn tuyến nào ở giữa."))
        else:
            placed[i].shape, placed[i].at = line, middle_of(line)


def _disagree(
    wanted: Sequence[Wanted],
    placed: Sequence[Placed],
    apart: Sequence[tuple[int, float, LonLat]],
) -> None:
    """Tell both places of assets whose point and chainage contradict each other."""
    middles = [_middle(placed[i]) for i, _gap, _spot in apart]
    feet = network.chainages_of(
        points=middles,
        road_ids=[_road_id(placed[i]) for i, _gap, _spot in apart],
        within_m=20_000,
    )
    for (i, gap, spot), at, foot in zip(apart, middles, feet, strict=True):
        road = placed[i].road
        text = _(
            "%(chainage)s của %(road)s ở %(spot)s, cách điểm đã cho (%(point)s) %(gap)s m."
        ) % {
            "chainage": network.label(float(wanted[i].chainage_m or 0)),
            "road": road.label if road else "",
            "spot": position_text(spot),
            "point": position_text(at),
            "gap": round(gap),
        }
        if foot is not None:
            text += " " + _("Điểm đó ứng với %(chainage)s.") % {
                "chainage": network.label(round(foot.chainage_m))
            }
        placed[i].faults["chainage_m"] = text + " " + _("Hãy sửa lý trình hoặc tọa độ.")


def _road_id(placed: Placed) -> int | None:
    return placed.road.id if placed.road else None


def _by_point(actor: Actor, wanted: Sequence[Wanted], placed: Sequence[Placed]) -> None:
    """Assets with a point and no chainage: find the road under them and its chainage."""
    asked = [
        i
        for i, w in enumerate(wanted)
        if w.chainage_m is None and w.shape is not None and (w.road or w.kind.along_road)
    ]
    feet = network.chainages_of(
        points=[_middle(placed[i]) for i in asked],
        road_ids=[_road_id(placed[i]) for i in asked],
        within_m=NEAR_ROAD_M,
    )
    roads = roads_by_id(actor, [foot.road_id for foot in feet if foot])
    for i, foot in zip(asked, feet, strict=True):
        _take_foot(wanted[i], placed[i], foot, roads)
    for i, w in enumerate(wanted):
        if w.shape is not None and w.on_road is None:
            placed[i].located_by = LocatedBy.SURVEY
        elif w.shape is None and w.on_road is None:
            placed[i].faults["chainage_m"] = _(
                "Hãy cho biết vị trí: chọn tuyến và nhập lý trình, hoặc chọn điểm trên bản đồ."
            )


def _take_foot(
    wanted: Wanted, placed: Placed, foot: RoadPlace | None, roads: dict[int, RoadRef]
) -> None:
    road = roads.get(foot.road_id) if foot else None
    if foot is None or road is None:
        if wanted.road is not None:
            placed.faults["geom"] = _("Điểm đã chọn cách %(road)s hơn %(near)s m.") % {
                "road": wanted.road.label,
                "near": round(NEAR_ROAD_M),
            }
        return
    placed.road = road
    placed.chainage_m = _tenths(foot.chainage_m)
    placed.side = placed.side or _side_of(foot)


def _side_of(foot: RoadPlace) -> str:
    return Side(foot.side.value).value if foot.offset_m > MIDDLE_M else ""


def _communes(placed: Sequence[Placed]) -> None:
    asked = [p for p in placed if p.area_id is None and p.shape is not None]
    found = places.units_at([_middle(p) for p in asked])
    for item, unit in zip(asked, found, strict=True):
        if unit is not None:
            item.area_id = unit.area_id
        else:
            item.faults["geom"] = _(
                "%(point)s không thuộc xã, phường nào của tỉnh và cách ranh giới gần nhất hơn "
                "3 km; hãy kiểm tra lại tọa độ."
            ) % {"point": position_text(_middle(item))}


def _middle(placed: Placed) -> LonLat:
    return placed.at or middle_of(placed.shape)


def point_text(at: LonLat) -> str:
    """A point as the database takes it and as a row holds it until somebody asks for its shape."""
    return _POINT.pack(1, 0x20000001, 4326, *at).hex().upper()


def middle_of(shape: GEOSGeometry | str | None) -> LonLat:
    """The point that stands for a shape: for a line the middle of its length."""
    if shape is None:
        raise ValueError("middle_of(): no shape")
    if isinstance(shape, str):
        x, y = _POINT.unpack(bytes.fromhex(shape))[3:]
        return float(x), float(y)
    if isinstance(shape, Point):
        return float(shape.x), float(shape.y)
    if isinstance(shape, LineString):
        return middle_of(shape.interpolate_normalized(0.5))
    return middle_of(shape.point_on_surface)


def distance_m(a: LonLat, b: LonLat) -> float:
    """Distance of two points of one province: flat, right to some centimetres in a kilometre."""
    scale = math.cos(math.radians((a[1] + b[1]) / 2))
    return _DEGREE_M * math.hypot((a[0] - b[0]) * scale, a[1] - b[1])


def position_text(at: LonLat) -> str:
    return f"{at[1]:.6f}, {at[0]:.6f}"


def _tenths(value: float | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(float(value), 1)))


def location_key(road: RoadRef | None, chainage_m: Decimal | float | None, name: str) -> str:
    """Sorts by road as roads are listed, then by chainage; what stands on no road comes last."""
    if road is None:
        return f"~ {fold(name)}"[:160]
    if chainage_m is None:
        return f"{road.order_key} ~"
    return f"{road.order_key} {float(chainage_m) + _BEFORE_KM0:011.1f}"


def keywords(
    kind: AssetType,
    attributes: dict[str, object],
    road: RoadRef | None,
    chainage_m: Decimal | float | None,
) -> str:
    """Other words by which people look for an asset: its road, its Km, what it crosses."""
    words: list[str] = []
    for name in kind.search:
        value = attributes.get(name)
        choice = kind.by_name[name].choices.get(str(value))
        words.append(choice.vi if choice else str(value or ""))
    if road is not None:
        words += [road.number, road.search_terms]
        words.append(network.label(float(chainage_m)) if chainage_m is not None else "")
    return " ".join(dict.fromkeys(word for word in words if word))
