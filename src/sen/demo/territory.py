"""Communes, the base map and the question which commune a point lies in."""

from __future__ import annotations

import math

from shapely import LineString, STRtree, union_all
from shapely import MultiPolygon as ShapelyMultiPolygon
from shapely import Point as ShapelyPoint
from shapely import Polygon as ShapelyPolygon
from shapely.geometry.base import BaseGeometry

from sen.demo.boundaries import Site, draw_communes, plain
from sen.demo.model import BaseArea, Commune, MultiPolygon, Town, Waterway
from sen.demo.plane import (
    Line,
    Point,
    densify,
    line_to_lonlat,
    line_to_plane,
    smooth,
    to_lonlat,
    to_plane,
    warp,
)
from sen.demo.source import chance, rows, table

WIDE_M = 24.0
BARRIER_M = 240.0


def draw_line(points: list[list[float]]) -> Line:
    """Turn typed degrees into a natural line on the plane."""
    return tuple(warp(p) for p in densify(smooth(line_to_plane(points)), 180.0))


def build_communes() -> tuple[Commune, ...]:
    """All communes in the order of their codes."""
    facts = rows("communes")
    sites = [
        Site(
            code=row["code"],
            centre=(float(row["centre_lon"]), float(row["centre_lat"])),
            land_km2=float(row["area_km2"]) - float(row["flats_km2"]),
        )
        for row in facts
    ]
    outline = table("territory")["outline"]
    cuts = [cut["points"] for cut in table("territory")["cut"]]
    shapes = draw_communes(outline, cuts, sites)
    return tuple(
        Commune(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            area_km2=float(row["area_km2"]),
            centre=site.centre,
            old_district=row["old_district"],
            plate_prefix=row["plate_prefix"],
            predecessors=tuple(row["predecessors"].split("; ")),
            boundary=shapes[row["code"]],
        )
        for row, site in zip(facts, sites, strict=True)
    )


class Locator:
    """Finds the commune of a point; over water the nearest one."""

    def __init__(self, communes: tuple[Commune, ...]) -> None:
        self.communes = communes
        self.shapes = [plane_shape(commune.boundary) for commune in communes]
        self._tree = STRtree(self.shapes)

    def commune_at(self, point: Point) -> Commune:
        """The commune of a point on the plane."""
        spot = ShapelyPoint(point)
        found = self._tree.query(spot, predicate="within")
        index = int(found[0]) if len(found) else int(self._tree.nearest(spot))
        return self.communes[index]


def plane_shape(shape: MultiPolygon) -> ShapelyMultiPolygon:
    """A shape in degrees as a geometry on the plane."""
    return ShapelyMultiPolygon(
        [
            ShapelyPolygon(line_to_plane(p[0]), [line_to_plane(hole) for hole in p[1:]])
            for p in shape
        ]
    )


def lonlat_shape(shape: BaseGeometry) -> MultiPolygon:
    """A geometry on the plane as plain tuples of degrees."""
    return tuple(tuple(line_to_lonlat(ring) for ring in polygon) for polygon in plain(shape))


def _surface(line: Line, width_m: float) -> MultiPolygon:
    if width_m < WIDE_M:
        return ()
    return lonlat_shape(LineString(line).buffer(width_m / 2, quad_segs=4).simplify(4.0))


def _minor_canals(locator: Locator) -> list[Waterway]:
    """Small canals in every commune, roughly parallel as the canals of the delta are."""
    names = table("names")["small_canals"]
    result: list[Waterway] = []
    for commune, shape in zip(locator.communes, locator.shapes, strict=True):
        draw = chance(f"canals/{commune.code}")
        picked = draw.sample(names, 5)
        bearing = draw.uniform(0.0, 3.14159)
        x, y = to_plane(commune.centre)
        for number, name in enumerate(picked, start=1):
            turn = bearing + (1.5708 if number % 3 == 0 else 0.0) + draw.uniform(-0.12, 0.12)
            offset = (number - 3) * draw.uniform(1_100.0, 1_900.0)
            line = _chord(shape, (x, y), turn, offset)
            if line is None:
                continue
            width = float(draw.choice((6, 8, 10, 12, 15, 18)))
            result.append(
                Waterway(
                    code=f"K-{commune.code}-{number}",
                    name=name,
                    kind="creek" if name.startswith("Rạch") else "canal",
                    technical_class=6,
                    width_m=width,
                    line=line_to_lonlat(line),
                    surface=(),
                )
            )
    return result


def _chord(shape: ShapelyMultiPolygon, centre: Point, turn: float, offset_m: float) -> Line | None:
    """The longest piece of a straight line through a commune, made natural."""
    far = 15_000.0
    ux, uy = math.cos(turn), math.sin(turn)
    x, y = centre[0] - uy * offset_m, centre[1] + ux * offset_m
    chord = LineString([(x - ux * far, y - uy * far), (x + ux * far, y + uy * far)])
    cut = chord.intersection(shape.buffer(-150.0))
    pieces = [g for g in getattr(cut, "geoms", [cut]) if g.length > 900.0]
    if not pieces:
        return None
    best = max(pieces, key=lambda g: g.length)
    points = densify([(p[0], p[1]) for p in best.coords], 400.0)
    return tuple(warp(p) for p in points)


def build_waterways(locator: Locator) -> tuple[Waterway, ...]:
    """The main rivers and canals as typed, and small canals by rule."""
    main: list[Waterway] = []
    for fact in table("waterways")["waterway"]:
        line = draw_line(fact["points"])
        main.append(
            Waterway(
                code=fact["code"],
                name=fact["name"],
                kind=fact["kind"],
                technical_class=fact["technical_class"],
                width_m=float(fact["width_m"]),
                line=line_to_lonlat(line),
                surface=_surface(line, float(fact["width_m"])),
            )
        )
    return (*main, *_minor_canals(locator))


def barrier(waterways: tuple[Waterway, ...]) -> BaseGeometry:
    """The wide water that an ordinary road does not cross, on the plane."""
    return union_all([plane_shape(w.surface) for w in waterways if w.width_m >= BARRIER_M])


def build_areas(locator: Locator) -> tuple[BaseArea, ...]:
    """The province, its neighbours and the sea."""
    facts = table("territory")
    whole = union_all(locator.shapes)
    west, south, east, north = facts["frame"]
    corners = [(west, south), (east, south), (east, north), (west, north)]
    land = ShapelyPolygon(line_to_plane(corners)).difference(whole)
    result: list[BaseArea] = []
    for fact in facts["sea"]:
        shape = ShapelyPolygon(line_to_plane(fact["points"])).difference(whole)
        land = land.difference(shape)
        result.append(BaseArea("sea", fact["name"], tuple(fact["label"]), lonlat_shape(shape)))
    label = to_lonlat(whole.representative_point().coords[0])
    return (
        BaseArea("land", "", (west, north), lonlat_shape(land)),
        *result,
        *(BaseArea("neighbour", f["name"], tuple(f["label"]), ()) for f in facts["neighbour"]),
        BaseArea("province", "Tỉnh Đồng Tháp", label, lonlat_shape(whole)),
    )


def build_towns(communes: tuple[Commune, ...]) -> tuple[Town, ...]:
    """Labels of the communes; the large towns come first."""
    ranks = {"Mỹ Tho": 1, "Cao Lãnh": 1, "Sa Đéc": 1, "Gò Công": 2, "Hồng Ngự": 2, "Cai Lậy": 2}
    return tuple(
        Town(c.name, ranks.get(c.name, 3) if c.kind == "phường" else 4, c.centre) for c in communes
    )
