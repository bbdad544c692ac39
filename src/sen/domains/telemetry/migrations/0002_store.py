"""The store of observations: SQL of its own, because it is written in bulk and split by days.

Days are those of the house (UTC+7). What an actor may see of it is said by the policies at the
end: whoever sees a datastream sees what it holds. Partitions know no policy (COPY refuses tables
that have one) and may only be written to.
"""

from django.db import migrations

TABLES = """
CREATE TABLE telemetry_observation (
  datastream_id integer NOT NULL,
  at timestamptz NOT NULL,
  result double precision,
  quality smallint NOT NULL DEFAULT 0,
  received_at timestamptz NOT NULL DEFAULT now(),
  extra jsonb,
  PRIMARY KEY (datastream_id, at)
) PARTITION BY RANGE (at);

CREATE TABLE telemetry_observation_old PARTITION OF telemetry_observation
  FOR VALUES FROM (MINVALUE) TO ('2020-01-01 00:00+07');

CREATE TABLE telemetry_latest (
  datastream_id integer PRIMARY KEY,
  at timestamptz NOT NULL,
  result double precision,
  quality smallint NOT NULL,
  received_at timestamptz NOT NULL,
  extra jsonb
) WITH (fillfactor = 70);

CREATE TABLE telemetry_rollup (
  datastream_id integer NOT NULL,
  step smallint NOT NULL,
  at timestamptz NOT NULL,
  n integer NOT NULL,
  left_out integer NOT NULL DEFAULT 0,
  min double precision,
  max double precision,
  mean double precision,
  p05 double precision,
  p95 double precision,
  last double precision,
  PRIMARY KEY (datastream_id, step, at)
);
CREATE INDEX telemetry_rollup_step_at ON telemetry_rollup USING brin (step, at);

-- What the writer stored, by stream and hour, until the rollups know it: added to and emptied.
CREATE TABLE telemetry_changed (
  datastream_id integer NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  removed boolean NOT NULL DEFAULT false
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- Wider buckets that are to be computed anew; only the rollups write here.
CREATE TABLE telemetry_dirty (
  datastream_id integer NOT NULL,
  step smallint NOT NULL,
  at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (datastream_id, step, at)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX telemetry_dirty_due ON telemetry_dirty (due_at);

CREATE TABLE telemetry_offset (
  consumer text PRIMARY KEY,
  seq bigint NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT now()
);
"""

#: The application may not own tables, so it asks for partitions by these functions.
FUNCTIONS = """
CREATE FUNCTION telemetry_make_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  name text := 'telemetry_observation_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF day < date '2020-01-01' OR to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(597003, 1);
  IF to_regclass(name) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE telemetry_observation INCLUDING ALL)', name);
  EXECUTE format(
    'ALTER TABLE telemetry_observation ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    name, day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh',
    (day + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh');
  EXECUTE format('GRANT INSERT ON %I TO %I', name, session_user);
  RETURN true;
END $$;

CREATE FUNCTION telemetry_drop_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  name text := 'telemetry_observation_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF NOT sen_is_system() THEN
    RAISE insufficient_privilege USING MESSAGE = 'only the house drops days of observations';
  END IF;
  IF to_regclass(name) IS NULL THEN RETURN false; END IF;
  EXECUTE format('DROP TABLE %I', name);
  RETURN true;
END $$;

CREATE FUNCTION telemetry_days() RETURNS SETOF date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT to_date(right(c.relname, 8), 'YYYYMMDD')
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'telemetry_observation'::regclass AND c.relname ~ '_[0-9]{8}$'
  ORDER BY 1
$$;

CREATE FUNCTION telemetry_bucket(step smallint, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT date_bin(
    CASE step WHEN 1 THEN interval '1 minute' WHEN 2 THEN interval '1 hour'
      ELSE interval '1 day' END,
    at, timestamptz '2020-01-01 00:00+07')
$$;
"""

BARRIER = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['telemetry_observation', 'telemetry_latest', 'telemetry_rollup']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('DROP POLICY IF EXISTS sen_stream ON %I', name);
    EXECUTE format(
      'CREATE POLICY sen_stream ON %1$I FOR ALL USING ('
      '(SELECT current_setting(''sen.system'', true)) IS NOT DISTINCT FROM ''on'' OR EXISTS ('
      'SELECT FROM telemetry_datastream d WHERE d.id = %1$I.datastream_id)) WITH CHECK (true)',
      name);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TABLES,
            "DROP TABLE telemetry_observation, telemetry_latest, telemetry_rollup,"
            " telemetry_changed, telemetry_dirty, telemetry_offset",
        ),
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION telemetry_make_day(date), telemetry_drop_day(date), telemetry_days(),"
            " telemetry_bucket(smallint, timestamptz)",
        ),
        migrations.RunSQL(BARRIER, migrations.RunSQL.noop),
    ]
