"""Which rows an import made or changed, noted by the database itself.

An importer writes through the services of its domain, in as many tables as it needs. Triggers note
every guarded row that is written while an import is at work, so that the import as a whole can be
undone whatever it touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

from sen.kernel.access.models import ScopedModel

SETTING: Final = "sen.import_run"

FUNCTIONS_SQL: Final = """
CREATE OR REPLACE FUNCTION sen_note_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kernel_imports_touchedrow (run_id, table_name, row_id, op, version)
  SELECT current_setting('sen.import_run')::bigint, TG_TABLE_NAME, w.id, left(TG_OP, 1), w.version
  FROM written w;
  RETURN NULL;
END $$;
"""


def tracking_sql(model: type[ScopedModel]) -> str:
    """Statements that (re)make the triggers of one table."""
    table = model._meta.db_table
    return "\n".join(
        f"""
DROP TRIGGER IF EXISTS sen_import_{letter} ON "{table}";
CREATE TRIGGER sen_import_{letter} AFTER {act} ON "{table}"
  REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT WHEN (current_setting('{SETTING}', true) <> '')
  EXECUTE FUNCTION sen_note_import();"""
        for letter, act in (("i", "INSERT"), ("u", "UPDATE"))
    )


def next_run_id() -> int:
    """The id of the run that begins; its row is written when its result is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('kernel_imports_importrun', 'id'))")
        found = cursor.fetchone()
    return int(found[0])


@contextmanager
def tracked(run_id: int | None) -> Iterator[None]:
    """Note every row that is written within the block; None notes nothing."""
    if run_id is None:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(run_id)])
    yield
    # After an error the rollback takes the setting back by itself.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, '', true)", [SETTING])
