"""History by the database: a statement trigger keeps the image of every changed or deleted row.

No write can forget it, bulk statements included. The image is JSON, so it survives columns that
come and go; the geometry is kept beside it. Actor and reason come from the transaction.
"""

from __future__ import annotations

from typing import Final

from sen.kernel.access.models import ScopedModel

FUNCTIONS_SQL: Final = """
CREATE OR REPLACE FUNCTION sen_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  now_at timestamptz := clock_timestamp();
  tx bigint := pg_current_xact_id()::text::bigint;
  who bigint := nullif(current_setting('sen.actor', true), '')::bigint;
  who_name text := coalesce(nullif(current_setting('sen.actor_name', true), ''), session_user);
  why text := coalesce(current_setting('sen.reason', true), '');
  skipped text[] := string_to_array(TG_ARGV[1], ',');
BEGIN
  EXECUTE format($q$
    INSERT INTO kernel_audit_rowversion
      (table_name, row_id, version, op, image, geom, valid_from, changed_at, txid,
       actor_id, actor_name, reason)
    SELECT $1, o.id, o.version, $2, to_jsonb(o) - $3, %s, o.updated_at, $4, $5, $6, $7, $8
    FROM before_rows o $q$,
    CASE WHEN TG_ARGV[0] = '' THEN 'NULL::geometry' ELSE format('o.%I', TG_ARGV[0]) END)
  USING TG_TABLE_NAME, left(TG_OP, 1), skipped, now_at, tx, who, who_name, why;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sen_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION sen_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

APPEND_ONLY: Final = ("kernel_audit_auditentry", "kernel_audit_rowversion", "kernel_audit_seal")


def append_only_sql() -> str:
    """Refuses UPDATE, DELETE and TRUNCATE of the log, for the owner too."""
    return "\n".join(
        f"""
DROP TRIGGER IF EXISTS sen_append_only ON {table};
CREATE TRIGGER sen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION sen_refuse();"""
        for table in APPEND_ONLY
    )


def history_sql(model: type[ScopedModel]) -> str:
    """Statements that (re)make the history triggers of one table."""
    table = model._meta.db_table
    columns = {field.column for field in model._meta.concrete_fields}
    geom = "geom" if "geom" in columns else ""
    skips = ",".join(dict.fromkeys([geom or "geom", "geom_3857", "search", *model.history_skips]))
    common = (
        "REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT "
        f"EXECUTE FUNCTION sen_keep_history('{geom}', '{skips}')"
    )
    return f"""
DROP TRIGGER IF EXISTS sen_touch ON "{table}";
CREATE TRIGGER sen_touch BEFORE UPDATE ON "{table}"
  FOR EACH ROW EXECUTE FUNCTION sen_touch();
DROP TRIGGER IF EXISTS sen_history_u ON "{table}";
CREATE TRIGGER sen_history_u AFTER UPDATE ON "{table}" {common};
DROP TRIGGER IF EXISTS sen_history_d ON "{table}";
CREATE TRIGGER sen_history_d AFTER DELETE ON "{table}" {common};
"""
