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

-- Kinds that must cover their road leave no gap at the end of a transaction: neither between two
-- records nor at the ends of the road. A metre is none.
-- A gap is a gap whoever may see its neighbours.
CREATE OR REPLACE FUNCTION network_check_cover() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one record;
  held nummultirange;
  start_at numeric;
  end_at numeric;
  sight text := coalesce(current_setting('sen.system', true), '');
BEGIN
  one := coalesce(NEW, OLD);
  IF NOT one.must_cover THEN RETURN NULL; END IF;
  PERFORM set_config('sen.system', 'on', true);
  SELECT range_agg(numrange(from_m, to_m + 1)) INTO held
  FROM network_routeevent
  WHERE road_id = one.road_id AND kind = one.kind AND valid_to IS NULL;
  SELECT v.start_m::numeric, v.end_m::numeric INTO start_at, end_at
  FROM network_routeversion v WHERE v.road_id = one.road_id AND v.valid_to IS NULL;
  PERFORM set_config('sen.system', sight, true);
  IF held IS NULL THEN RETURN NULL; END IF;
  IF (SELECT count(*) FROM unnest(held)) > 1
     OR lower(held) > start_at + 1 OR upper(held) < end_at THEN
    RAISE EXCEPTION 'gap in % of road %', one.kind, one.road_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'network_event_cover';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER network_event_cover
  AFTER INSERT OR UPDATE OR DELETE ON network_routeevent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  EXECUTE FUNCTION network_check_cover();

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
DROP TRIGGER IF EXISTS network_event_cover ON network_routeevent;
DROP FUNCTION IF EXISTS network_check_cover();
DROP FUNCTION IF EXISTS network_point_at(bigint, double precision);
DROP FUNCTION IF EXISTS network_chainage_of(bigint, geometry);
DROP FUNCTION IF EXISTS network_line_between(bigint, double precision, double precision);
"""


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
