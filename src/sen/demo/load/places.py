"""Communes with approximate boundaries, and the ground of the map."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import shapely
from django.contrib.gis.geos import GEOSGeometry

from sen.demo.load.foundation import Ground
from sen.demo.model import MultiPolygon, Province
from sen.domains.places import api as places
from sen.domains.places.choices import BoundarySource, GroundKind, UnitKind
from sen.kernel.access.scope import Actor
from sen.kernel.imports.importer import ImportRow

#: Widest waterways first: the map shows them from farther away.
RANKS = ((400.0, 1), (120.0, 2), (60.0, 3), (30.0, 4))


def load_units(actor: Actor, data: Province, ground: Ground) -> int:
    """The communes and wards, then their boundaries through the import of boundaries."""
    owner = ground.org("SXD")
    for commune in data.communes:
        places.put_unit(
            actor=actor,
            code=commune.code,
            name=commune.name,
            kind=UnitKind.WARD if commune.kind == "phường" else UnitKind.COMMUNE,
            area=ground.area(commune.code),
            owner_org=owner,
            centre=commune.centre,
            published_area_km2=Decimal(str(commune.area_km2)),
            former_district=commune.old_district,
            predecessors=commune.predecessors,
            plate_prefix=commune.plate_prefix,
            is_demo=True,
        )
    rows = [
        ImportRow(number, {"code": commune.code}, wkb_of(commune.boundary))
        for number, commune in enumerate(data.communes, 1)
    ]
    done = places.apply_boundaries(actor=actor, rows=rows, source=BoundarySource.APPROXIMATE)
    if done.faults:
        raise ValueError(f"demonstration boundaries: {done.faults[:3]}")
    return done.updated


def load_map_ground(actor: Actor, data: Province, ground: Ground) -> int:
    """Land, sea, water, towns."""
    features = [
        places.GroundInput(
            GroundKind(area.kind.upper()),
            area.name,
            1,
            _shape(wkb_of(area.shape)) if area.shape else _point(area.label),
        )
        for area in data.areas
    ]
    features += [
        places.GroundInput(GroundKind.TOWN, town.name, town.rank, _point(town.position))
        for town in data.towns
    ]
    for water in data.waterways:
        rank = next((rank for width, rank in RANKS if water.width_m >= width), 5)
        line = GEOSGeometry(shapely.to_wkt(shapely.LineString(water.line)), srid=4326)
        features.append(places.GroundInput(GroundKind.RIVER, water.name, rank, line, water.width_m))
        if water.surface:
            shape = _shape(wkb_of(water.surface))
            features.append(
                places.GroundInput(GroundKind.WATER, water.name, rank, shape, water.width_m)
            )
    return places.replace_ground(
        actor=actor,
        features=features,
        owner_org=ground.org("SXD"),
        area=ground.province,
        is_demo=True,
    )


def wkb_of(shape: MultiPolygon) -> bytes:
    """A multipolygon of the generator as WKB; each polygon is a shell and its holes."""
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in shape]
    return bytes(shapely.to_wkb(shapely.MultiPolygon(polygons)))


def _shape(wkb: bytes) -> GEOSGeometry:
    return GEOSGeometry(memoryview(wkb), srid=4326)


def _point(position: Sequence[float]) -> GEOSGeometry:
    return GEOSGeometry(f"POINT({position[0]} {position[1]})", srid=4326)
