"""What the keeping of the lake needs of the store."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION telemetry_lock_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  name text := 'telemetry_observation_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF NOT sen_is_system() THEN
    RAISE insufficient_privilege USING MESSAGE = 'only the house locks days of observations';
  END IF;
  IF to_regclass(name) IS NULL THEN RETURN false; END IF;
  EXECUTE format('LOCK TABLE %I IN EXCLUSIVE MODE', name);
  RETURN true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("telemetry", "0002_store")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION telemetry_lock_day(date)")]
