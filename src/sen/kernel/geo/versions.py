"""The version of every map layer's data, kept by the database itself.

Every table with a place on the map gets a generated column in Web Mercator and statement
triggers. A change writes the z14 tiles that its old and new geometries cross, with the number
of the writing transaction. A cached tile carries the snapshot in which it was drawn; it is stale
when that snapshot did not see one of the changes. So it does not matter in which order slow and
quick transactions commit, and none waits for another: there is no counter to lock.
"""

from __future__ import annotations

from typing import Final

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.rls import guarded_models
from sen.kernel.geo.layers import layers

#: A statement that changes more tiles than this makes the whole layer stale instead.
MAX_TILES: Final = 512

FUNCTIONS_SQL: Final = f"""
CREATE OR REPLACE FUNCTION sen_tile_ordinate(metres float8) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT greatest(0, least(16383, floor((metres + 20037508.342789244) / 2445.984905125)))::int $$;

-- The z14 tiles that a geometry in Web Mercator crosses; a point lies in one, an area may in many.
CREATE OR REPLACE FUNCTION sen_tiles_of(shape geometry) RETURNS TABLE (x integer, y integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 4 AS $$
  SELECT tx, 16383 - ty
  FROM (SELECT sen_tile_ordinate(ST_XMin(shape)) AS x0, sen_tile_ordinate(ST_XMax(shape)) AS x1,
               sen_tile_ordinate(ST_YMin(shape)) AS y0, sen_tile_ordinate(ST_YMax(shape)) AS y1) b,
    LATERAL generate_series(x0, x1) AS tx, LATERAL generate_series(y0, y1) AS ty
  WHERE (x1 - x0 + 1) * (y1 - y0 + 1) <= {MAX_TILES * 4}
    AND ((x0 = x1 AND y0 = y1)
      OR ST_Intersects(shape, ST_TileEnvelope(14, tx, 16383 - ty, margin => 0.02)))
  UNION ALL
  SELECT -1, -1
  WHERE (sen_tile_ordinate(ST_XMax(shape)) - sen_tile_ordinate(ST_XMin(shape)) + 1)
      * (sen_tile_ordinate(ST_YMax(shape)) - sen_tile_ordinate(ST_YMin(shape)) + 1)
      > {MAX_TILES * 4}
$$;

-- Rows of one tile become one, when all transactions below a number have ended.
DROP FUNCTION IF EXISTS sen_merge_tile_changes();
CREATE OR REPLACE FUNCTION sen_merge_tile_changes(
  below bigint DEFAULT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
) RETURNS void LANGUAGE sql AS $$
  WITH finished AS (
    DELETE FROM kernel_geo_tilechange WHERE id IN (
      SELECT id FROM kernel_geo_tilechange
      WHERE xid < below
      FOR UPDATE SKIP LOCKED)
    RETURNING source, x, y, xid, count)
  INSERT INTO kernel_geo_tilechange (source, x, y, xid, count)
  SELECT source, x, y, max(xid), sum(count) FROM finished GROUP BY source, x, y
$$;

CREATE OR REPLACE FUNCTION sen_mark_tiles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tx bigint := pg_current_xact_id()::text::bigint;
  shapes text := 'SELECT geom_3857 AS shape FROM before_rows';
BEGIN
  IF TG_OP = 'INSERT' THEN
    shapes := 'SELECT geom_3857 AS shape FROM after_rows';
  ELSIF TG_OP = 'UPDATE' THEN
    shapes := shapes || ' UNION SELECT geom_3857 FROM after_rows';
  END IF;
  EXECUTE format($q$
    WITH touched AS MATERIALIZED (
      SELECT DISTINCT t.x, t.y FROM (%s) s, LATERAL sen_tiles_of(s.shape) t
      WHERE s.shape IS NOT NULL AND NOT ST_IsEmpty(s.shape) LIMIT %s),
    tally AS (SELECT count(*) AS n, bool_or(x = -1) AS everything FROM touched)
    INSERT INTO kernel_geo_tilechange (source, x, y, xid, count)
    SELECT $1, x, y, $2, 1 FROM touched, tally WHERE n <= {MAX_TILES} AND NOT everything
    UNION ALL SELECT $1, -1, -1, $2, 1 FROM tally WHERE n > {MAX_TILES} OR everything
    $q$, shapes, {MAX_TILES + 1}) USING TG_TABLE_NAME, tx;
  IF random() < 0.01 THEN PERFORM sen_merge_tile_changes(); END IF;
  RETURN NULL;
END $$;

-- For tables whose values appear in the tiles of another table, and for TRUNCATE.
CREATE OR REPLACE FUNCTION sen_mark_layer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO kernel_geo_tilechange (source, x, y, xid, count)
  SELECT DISTINCT s, -1, -1, pg_current_xact_id()::text::bigint, 1
  FROM unnest(string_to_array(TG_ARGV[0], ',')) s;
  RETURN NULL;
END $$;
"""  # noqa: S608  constants only


def mapped_models() -> list[type[ScopedModel]]:
    """Every guarded model with a place on the map."""
    return [
        model
        for model in guarded_models()
        if any(field.column == "geom" for field in model._meta.concrete_fields)
    ]


def trigger_sql() -> str:
    """Statements that (re)make generated columns and triggers of every mapped table."""
    watched: dict[str, set[str]] = {}
    for layer in layers:
        for model in layer.related:
            watched.setdefault(model._meta.db_table, set()).add(layer.table)
    return "\n".join(
        [
            "SELECT 1;",
            *(_table_sql(model._meta.db_table) for model in mapped_models()),
            *(_related_sql(table, sorted(shown)) for table, shown in sorted(watched.items())),
        ]
    )


def _table_sql(table: str) -> str:
    mark = "FOR EACH STATEMENT EXECUTE FUNCTION sen_mark_tiles()"
    old, new = "OLD TABLE AS before_rows", "NEW TABLE AS after_rows"
    return f"""
ALTER TABLE "{table}" ADD COLUMN IF NOT EXISTS geom_3857 geometry(Geometry, 3857)
  GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED;
CREATE INDEX IF NOT EXISTS "{table}_geom_3857" ON "{table}" USING gist (geom_3857);
DROP TRIGGER IF EXISTS sen_tiles_i ON "{table}";
CREATE TRIGGER sen_tiles_i AFTER INSERT ON "{table}" REFERENCING {new} {mark};
DROP TRIGGER IF EXISTS sen_tiles_u ON "{table}";
CREATE TRIGGER sen_tiles_u AFTER UPDATE ON "{table}" REFERENCING {old} {new} {mark};
DROP TRIGGER IF EXISTS sen_tiles_d ON "{table}";
CREATE TRIGGER sen_tiles_d AFTER DELETE ON "{table}" REFERENCING {old} {mark};
DROP TRIGGER IF EXISTS sen_tiles_t ON "{table}";
CREATE TRIGGER sen_tiles_t AFTER TRUNCATE ON "{table}"
  FOR EACH STATEMENT EXECUTE FUNCTION sen_mark_layer('{table}');
"""


def _related_sql(table: str, shown: list[str]) -> str:
    """A change of a row that tiles of other tables quote makes those layers stale."""
    return f"""
DROP TRIGGER IF EXISTS sen_tiles_r ON "{table}";
CREATE TRIGGER sen_tiles_r AFTER UPDATE OR DELETE OR TRUNCATE ON "{table}"
  FOR EACH STATEMENT EXECUTE FUNCTION sen_mark_layer('{",".join(shown)}');
"""
