"""History by the database: a statement trigger keeps the image of every changed or deleted row.

No write can forget it, bulk statements included. The image is JSON, so it survives columns that
come and go; the geometry is kept beside it. Actor and reason come from the transaction.
"""

from __future__ import annotations

from typing import Final

from sen.kernel.access.models import ScopedModel

FUNCTIONS_SQL: Final = """
-- One moment for a whole statement: the end of the old states is the start of the new ones. Never
-- before the state that ends, whatever the clock does.
CREATE OR REPLACE FUNCTION sen_moment(is_demo boolean) RETURNS timestamptz LANGUAGE sql STABLE
AS $$
  -- A demonstration has a past (``past.at_moment``); rows of the real record never do.
  SELECT CASE WHEN is_demo
    THEN coalesce(nullif(current_setting('sen.demo_moment', true), '')::timestamptz,
      statement_timestamp())
    ELSE statement_timestamp() END
$$;

CREATE OR REPLACE FUNCTION sen_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('sen.demo_moment', true), '') <> '' THEN
    NEW.created_at := sen_moment(true);
    NEW.updated_at := NEW.created_at;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION sen_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := greatest(sen_moment(OLD.is_demo), OLD.updated_at);
  RETURN NEW;
END $$;

-- Arguments: the geometry column (or nothing), the columns that the image leaves out. Only the
-- others are turned into JSON: a geometry would cost more than all the rest.
CREATE OR REPLACE FUNCTION sen_keep_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  columns text;
BEGIN
  SELECT string_agg(format('o.%I', attname), ', ' ORDER BY attnum) INTO columns
  FROM pg_attribute
  WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped
    AND attname <> ALL (string_to_array(TG_ARGV[1], ','));
  EXECUTE format($q$
    INSERT INTO kernel_audit_rowversion
      (table_name, row_id, version, op, image, geom, valid_from, changed_at, txid,
       actor_id, actor_name, reason)
    SELECT $1, o.id, o.version, $2, to_jsonb(r), %s, o.updated_at,
           greatest(sen_moment(o.is_demo), o.updated_at), $3, $4, $5, $6
    FROM before_rows o CROSS JOIN LATERAL (SELECT %s) r $q$,
    CASE WHEN TG_ARGV[0] = '' THEN 'NULL::geometry' ELSE format('o.%I', TG_ARGV[0]) END,
    columns)
  USING
    TG_TABLE_NAME,
    left(TG_OP, 1),
    pg_current_xact_id()::text::bigint,
    nullif(current_setting('sen.actor', true), '')::bigint,
    coalesce(nullif(current_setting('sen.actor_name', true), ''), session_user),
    coalesce(current_setting('sen.reason', true), '');
  RETURN NULL;
END $$;

-- Neither the time nor the transaction of an entry is for the writer to choose.
CREATE OR REPLACE FUNCTION sen_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := clock_timestamp();
  NEW.txid := pg_current_xact_id()::text::bigint;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION sen_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""

#: Images of rows are read by the house alone, which checks the actor's scope (``history``).
LOG_POLICY_SQL: Final = """
ALTER TABLE kernel_audit_rowversion ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS sen_house ON kernel_audit_rowversion;
CREATE POLICY sen_house ON kernel_audit_rowversion FOR SELECT USING ((SELECT sen_is_system()));
"""

APPEND_ONLY: Final = ("kernel_audit_auditentry", "kernel_audit_rowversion", "kernel_audit_seal")


def append_only_sql() -> str:
    """Refuses UPDATE, DELETE and TRUNCATE of the log, for the owner too."""
    return """
DROP TRIGGER IF EXISTS sen_stamp ON kernel_audit_auditentry;
CREATE TRIGGER sen_stamp BEFORE INSERT ON kernel_audit_auditentry
  FOR EACH ROW EXECUTE FUNCTION sen_stamp();
""" + "\n".join(
        f"""
DROP TRIGGER IF EXISTS sen_append_only ON {table};
CREATE TRIGGER sen_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION sen_refuse();"""
        for table in APPEND_ONLY
    )


def geometry_column(model: type[ScopedModel]) -> str:
    """The column that history keeps as a geometry; empty when the model has none."""
    return "geom" if any(f.column == "geom" for f in model._meta.concrete_fields) else ""


def skipped_columns(model: type[ScopedModel]) -> list[str]:
    """Columns that the JSON image leaves out: kept beside it, or computed from the others."""
    return list(dict.fromkeys(["geom", "geom_3857", "search", *model.history_skips]))


def history_sql(model: type[ScopedModel]) -> str:
    """Statements that (re)make the history triggers of one table."""
    table = model._meta.db_table
    arguments = f"'{geometry_column(model)}', '{','.join(skipped_columns(model))}'"
    return f"""
DROP TRIGGER IF EXISTS sen_born ON "{table}";
CREATE TRIGGER sen_born BEFORE INSERT ON "{table}"
  FOR EACH ROW WHEN (NEW.is_demo) EXECUTE FUNCTION sen_born();
DROP TRIGGER IF EXISTS sen_touch ON "{table}";
CREATE TRIGGER sen_touch BEFORE UPDATE ON "{table}"
  FOR EACH ROW EXECUTE FUNCTION sen_touch();
DROP TRIGGER IF EXISTS sen_history_u ON "{table}";
CREATE TRIGGER sen_history_u AFTER UPDATE ON "{table}"
  REFERENCING OLD TABLE AS before_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sen_keep_history({arguments});
DROP TRIGGER IF EXISTS sen_history_d ON "{table}";
CREATE TRIGGER sen_history_d AFTER DELETE ON "{table}"
  REFERENCING OLD TABLE AS before_rows
  FOR EACH STATEMENT EXECUTE FUNCTION sen_keep_history({arguments});
"""
