"""Thousands of assets in one statement: the rows travel as one JSON parameter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models

from sen.domains.assets.models import Asset

CHUNK: Final = 5000
#: Never changed by an import of an asset that exists.
_FIXED: Final = ("id", "code", "type", "version", "created_at", "updated_at", "is_demo")


def _written() -> list[models.Field[Any, Any]]:
    """The columns that the application writes; the database fills the others."""
    return [
        field
        for field in Asset._meta.concrete_fields
        if not field.generated and not field.primary_key and not field.has_db_default()
    ]


def put_rows(rows: Sequence[Asset]) -> None:
    """Insert assets, or update those whose code is there; gives new ones their ids."""
    parts = (packed(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK))
    ids = put_packed(parts)
    for row in rows:
        row.pk = ids[row.code]


def packed(rows: Sequence[Asset]) -> bytes:
    """Assets as the statement takes them: a fifth of the memory of the instances."""
    columns = [(field.column, field.attname) for field in _written()]
    # Past the descriptors: a place is written as it was given and need not become a geometry.
    part = [{column: row.__dict__[name] for column, name in columns} for row in rows]
    return orjson.dumps(part, default=_plain)


def put_packed(parts: Iterable[bytes]) -> dict[str, int]:
    """As :func:`put_rows`, for packed rows; ids by code."""
    fields = _written()
    columns = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    changes = ", ".join(
        f'"{field.column}" = EXCLUDED."{field.column}"'
        for field in fields
        if field.name not in _FIXED
    )
    sql = (
        f"INSERT INTO {Asset._meta.db_table} ({columns}) "  # noqa: S608  own columns
        f"SELECT {columns} FROM jsonb_to_recordset(%s::jsonb) AS given ({types}) "
        f"ON CONFLICT (code) DO UPDATE SET {changes} RETURNING code, id"
    )
    ids: dict[str, int] = {}
    with connection.cursor() as cursor:
        for part in parts:
            cursor.execute(sql, [part.decode()])
            ids.update(cursor.fetchall())
    return ids


def _plain(value: object) -> str:
    return str(value.hexewkb.decode()) if isinstance(value, GEOSGeometry) else str(value)
