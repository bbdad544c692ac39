"""The indexes that follow from the catalogue: made and dropped by the database sync.

One small partial index for each attribute by which the list of a type is sorted or filtered,
on the value as ``jsonb``: PostgreSQL orders JSON numbers as numbers. And statistics of the value:
without them the planner takes every comparison to leave a third of the rows.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sen.domains.assets.catalogue import asset_types

PREFIX: Final = "assets_by_"
STATISTICS_PREFIX: Final = "assets_stat_"
_MAX_NAME: Final = 60


def index_name(kind: str, attribute: str) -> str:
    name = f"{PREFIX}{kind}_{attribute}"
    if len(name) <= _MAX_NAME:
        return name
    return f"{name[: _MAX_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def attribute_index_sql(table: str) -> list[str]:
    """Statements that make the indexes of all types and drop those of attributes that are gone."""
    wanted = {
        index_name(kind.code, attribute.name): (kind.code, attribute.name)
        for kind in asset_types
        for attribute in kind.indexed
    }
    listed = ", ".join(f"'{name}'" for name in sorted(wanted)) or "''"
    drop = f"""
DO $$ DECLARE gone text; BEGIN
  FOR gone IN SELECT indexname FROM pg_indexes
    WHERE schemaname = 'public' AND tablename = '{table}'
      AND starts_with(indexname, '{PREFIX}') AND indexname NOT IN ({listed})
  LOOP EXECUTE format('DROP INDEX %I', gone); END LOOP;
END $$;"""  # noqa: S608  names of our own catalogue
    attributes = sorted({attribute for _kind, attribute in wanted.values()})
    return [
        drop,
        *(
            f'CREATE STATISTICS IF NOT EXISTS "{STATISTICS_PREFIX}{name}" '
            f"ON ((attributes -> '{name}')) FROM \"{table}\""
            for name in attributes
        ),
        *(
            f'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" '
            f"((attributes -> '{attribute}'), id) WHERE type = '{kind}'"
            for name, (kind, attribute) in wanted.items()
        ),
    ]
