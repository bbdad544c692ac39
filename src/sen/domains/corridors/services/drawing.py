"""Drawing corridors: one statement for each kind, for some of them or for the whole province."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from sen.domains.assets import api as assets
from sen.domains.corridors.choices import ASSET_OBJECTS, Along
from sen.domains.corridors.data import METRIC_SRID
from sen.domains.corridors.events import CorridorsComputed
from sen.domains.corridors.models import Corridor
from sen.domains.corridors.rules import BOTH_BANKS, NO_AXIS, NO_WIDTH
from sen.domains.corridors.selectors import BUFFER
from sen.domains.corridors.selectors.sources import (
    COLUMNS,
    Statement,
    bridge_axes,
    bridges,
    fairway_axes,
    point_axes,
    road_axes,
)
from sen.domains.corridors.selectors.widths import Widths, reach_of
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish
from sen.kernel.usecase import use_case

Ids = Collection[int] | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What drawing did."""

    total: int
    changed: int
    removed: int

    def __add__(self, other: Drawn) -> Drawn:
        return Drawn(
            self.total + other.total,
            self.changed + other.changed,
            self.removed + other.removed,
        )


_CASES: Final = "SELECT DISTINCT norm_case::text, road_id, edge_m FROM ({axes}) axes"

_WRITE: Final = """
WITH source AS MATERIALIZED (SELECT {columns} FROM ({axes}) axes WHERE axis IS NOT NULL),
said AS (SELECT * FROM unnest(
  %s::text[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::text[],
  %s::text[], %s::text[], %s::text[], %s::text[]
) s (norm_case, road_id, edge_m, strip_m, corridor_m, reach_m, legal_ref, document, verification,
     norm, remark)),
drawn AS (
  SELECT a.*, s.norm, s.strip_m, s.corridor_m, s.reach_m, s.legal_ref, s.document,
    s.verification, s.remark,
    CASE WHEN s.reach_m IS NULL THEN NULL ELSE ST_Multi(ST_Transform({buffer}, 4326)) END AS geom
  FROM source a JOIN said s ON s.norm_case = a.norm_case::text AND s.edge_m = a.edge_m
    AND s.road_id IS NOT DISTINCT FROM a.road_id),
written AS (
  INSERT INTO corridors_corridor AS old (code, along, name, road_id, asset_id, fairway_id, norm,
    norm_case, edge_m, strip_m, corridor_m, reach_m, legal_ref, document, verification,
    computed_on, remark, axis, geom, owner_org_id, area_id, data_class, is_demo, version)
  SELECT code, along, name, road_id, asset_id, fairway_id, norm, norm_case, edge_m, strip_m,
    corridor_m, reach_m, legal_ref, document, verification, %s, remark, axis, geom, owner_org_id,
    area_id, data_class, is_demo, 1
  FROM drawn
  ON CONFLICT (code) DO UPDATE SET along = EXCLUDED.along, name = EXCLUDED.name,
    road_id = EXCLUDED.road_id, asset_id = EXCLUDED.asset_id, fairway_id = EXCLUDED.fairway_id,
    norm = EXCLUDED.norm, norm_case = EXCLUDED.norm_case, edge_m = EXCLUDED.edge_m,
    strip_m = EXCLUDED.strip_m, corridor_m = EXCLUDED.corridor_m, reach_m = EXCLUDED.reach_m,
    legal_ref = EXCLUDED.legal_ref, document = EXCLUDED.document,
    verification = EXCLUDED.verification, computed_on = EXCLUDED.computed_on,
    remark = EXCLUDED.remark, axis = EXCLUDED.axis, geom = EXCLUDED.geom,
    owner_org_id = EXCLUDED.owner_org_id, area_id = EXCLUDED.area_id,
    data_class = EXCLUDED.data_class
  WHERE (old.name, old.norm_case, old.edge_m, old.strip_m, old.corridor_m, old.reach_m,
      old.legal_ref, old.document, old.verification, old.remark, old.owner_org_id, old.area_id,
      old.data_class) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.norm_case, EXCLUDED.edge_m,
      EXCLUDED.strip_m, EXCLUDED.corridor_m, EXCLUDED.reach_m, EXCLUDED.legal_ref,
      EXCLUDED.document, EXCLUDED.verification, EXCLUDED.remark, EXCLUDED.owner_org_id,
      EXCLUDED.area_id, EXCLUDED.data_class)
    OR old.axis IS DISTINCT FROM EXCLUDED.axis
  RETURNING 1)
SELECT (SELECT array_agg(code) FROM source), (SELECT count(*) FROM written)
"""


@use_case("corridors.corridor.change", act="corridors.corridor.draw")
def draw_corridors(
    *,
    actor: Actor,
    on: date | None = None,
    road_ids: Ids = None,
    asset_ids: Ids = None,
    fairway_ids: Ids = None,
) -> Drawn:
    """Draw corridors by the law of a day (today); of what is named, of everything if nothing is.

    What has no corridor any more loses it. Rows that stay as they are are not written.
    """
    day = on or localdate()
    widths = Widths(day)
    everything = road_ids is None and asset_ids is None and fairway_ids is None
    done = Drawn(0, 0, 0)
    if everything or road_ids is not None:
        done += _write(Along.ROAD, road_axes(actor, day, road_ids), widths, road_ids)
    if everything or asset_ids is not None:
        done += _draw_assets(actor, widths, asset_ids)
    if everything or fairway_ids is not None:
        done += _write(Along.WATERWAY, fairway_axes(actor, fairway_ids), widths, fairway_ids)
    if done.changed or done.removed:
        publish(CorridorsComputed(on=day, changed=done.changed, removed=done.removed), key="all")
    return done


def _draw_assets(actor: Actor, widths: Widths, ids: Ids) -> Drawn:
    ends = {
        row_id: widths.bridge_end_m(float(length or 0))
        for row_id, length in bridges(actor, ids).values_list("pk", "attributes__length_m")
    }
    done = _write(Along.BRIDGE, bridge_axes(actor, ids, ends), widths, ids)
    for kind, law in ASSET_OBJECTS.items():
        if kind in assets.asset_types:
            along = Along.TUNNEL if kind == "tunnel" else Along.FERRY
            axes = point_axes(actor, ids, kind=kind, along=along.value, law=law)
            done += _write(along, axes, widths, ids, law=law)
    return done


def _write(along: Along, axes: Statement, widths: Widths, ids: Ids, *, law: str = "") -> Drawn:
    sql, params = axes
    with connection.cursor() as cursor:
        cursor.execute(_CASES.format(axes=sql), params)
        said = _columns(along, cursor.fetchall(), widths)
        buffer = BUFFER.format(
            axis=f"ST_Transform(a.axis, {METRIC_SRID})", reach="s.reach_m", along="a.along"
        )
        statement = _WRITE.format(columns=COLUMNS, axes=sql, buffer=buffer)
        cursor.execute(statement, [*params, *said, widths.on])
        codes, changed = cursor.fetchone()
    return Drawn(len(codes or ()), changed, _remove(along, codes or [], ids, law))


def _columns(along: Along, cases: Iterable[tuple[str, int | None, float]], widths: Widths) -> Any:
    """What the law says of each case, as one array for each column."""
    rows = []
    for text, road_id, edge_m in cases:
        case = json.loads(text)
        said = widths.of(along.value, case, road_id=road_id)
        remark = said.remark or _remark(along, road_id, edge_m)
        rows.append(
            (
                text,
                road_id,
                edge_m,
                said.strip_m,
                said.corridor_m,
                reach_of(said, edge_m, case),
                said.legal_ref,
                said.document,
                said.verification,
                said.norm,
                remark,
            )
        )
    return (
        [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _n in range(11)]
    )


def _remark(along: Along, road_id: int | None, edge_m: float) -> str:
    if along is Along.ROAD and not edge_m:
        return NO_WIDTH
    if along is Along.BRIDGE and road_id is None:
        return NO_AXIS
    return BOTH_BANKS if along is Along.FERRY else ""


def _remove(along: Along, codes: list[str], ids: Ids, law: str) -> int:
    """Corridors of works that have none any more."""
    rows = Corridor.objects.unscoped("corridors of works that are gone").filter(along=along.value)
    if law:
        rows = rows.filter(norm_case__object=law)
    if ids is not None:
        owner = {Along.ROAD: "road_id", Along.WATERWAY: "fairway_id"}.get(along, "asset_id")
        rows = rows.filter(**{f"{owner}__in": list(ids)})
    return int(rows.exclude(code__in=codes).delete()[0])
