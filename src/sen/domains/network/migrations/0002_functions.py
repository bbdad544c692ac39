"""Chainage in SQL, for reports and for statements of other domains."""

from django.db import migrations

CREATE = """
-- Every look-up reads the line; unpacking it each time would cost more than the room it saves.
ALTER TABLE network_routeversion ALTER COLUMN line_m SET STORAGE EXTERNAL;

-- The place of a label on the current route of a road; NULL where the road does not reach.
CREATE OR REPLACE FUNCTION network_point_at(road bigint, measure double precision)
RETURNS geometry LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ST_Transform(ST_Force2D(ST_GeometryN(ST_LocateAlong(
    v.line_m, least(greatest(measure, v.start_m), v.end_m)), 1)), 4326)
  FROM network_routeversion v
  WHERE v.road_id = road AND v.valid_to IS NULL
    AND measure BETWEEN v.start_m - 2 AND v.end_m + 2
$$;

-- The label of the foot of a point in WGS 84 on the current route of a road.
CREATE OR REPLACE FUNCTION network_chainage_of(road bigint, place geometry)
RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ST_InterpolatePoint(v.line_m, ST_Transform(place, ST_SRID(v.line_m)))
  FROM network_routeversion v WHERE v.road_id = road AND v.valid_to IS NULL
$$;

-- The stretch of a road between two labels.
CREATE OR REPLACE FUNCTION network_line_between(
  road bigint, from_m double precision, to_m double precision)
RETURNS geometry LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ST_Transform(ST_Force2D(ST_Multi(ST_CollectionExtract(ST_LocateBetween(
    v.line_m, greatest(from_m, v.start_m), least(to_m, v.end_m)), 2))), 4326)
  FROM network_routeversion v
  WHERE v.road_id = road AND v.valid_to IS NULL AND from_m < to_m
    AND to_m > v.start_m AND from_m < v.end_m
$$;
"""

DROP = """
DROP FUNCTION IF EXISTS network_point_at(bigint, double precision);
DROP FUNCTION IF EXISTS network_chainage_of(bigint, geometry);
DROP FUNCTION IF EXISTS network_line_between(bigint, double precision, double precision);
"""


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
