"""States of rows as the database keeps them; ``history`` shows them to actors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Scope
from sen.kernel.access.tracking import KEPT_BY_DATABASE
from sen.kernel.audit.triggers import geometry_column, skipped_columns


@dataclass(frozen=True, slots=True)
class State:
    """A row as it was in ``[since, until)``; ``until`` is None while it is so.

    ``image`` maps columns to JSON values. ``by``, ``reason`` tell who made this state (empty for
    the first one: the audit entry of its creation tells), ``deleted_by`` who ended the row.
    ``masked`` names the fields whose values were taken out for the actor who asked.
    """

    model: type[ScopedModel]
    row_id: int
    version: int
    image: Mapping[str, Any]
    geom: GEOSGeometry | None
    since: datetime
    until: datetime | None
    by_id: int | None = None
    by: str = ""
    reason: str = ""
    deleted_by: str = ""
    masked: frozenset[str] = frozenset()

    @property
    def is_current(self) -> bool:
        return self.until is None

    def visible_in(self, scope: Scope) -> bool:
        """Whether the scope admits the row as it was; false when the image lacks the columns."""
        try:
            return scope.allows(self.image)
        except KeyError:
            return False


def decode(text: str) -> dict[str, Any]:
    image: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return image


def read(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _stored(model: type[ScopedModel], row_id: int, from_version: int = 0) -> list[tuple[Any, ...]]:
    return read(
        """SELECT version, image::text, ST_AsEWKB(geom), valid_from, changed_at, op,
                  actor_id, actor_name, reason
           FROM kernel_audit_rowversion
           WHERE table_name = %s AND row_id = %s AND version >= %s
           ORDER BY changed_at, version, id""",
        [model._meta.db_table, row_id, from_version],
    )


def _current(model: type[ScopedModel], row_id: int) -> tuple[Any, ...] | None:
    geom = geometry_column(model)
    rows = read(
        f"""SELECT version, (to_jsonb(t) - %s::text[])::text,
                   {f"ST_AsEWKB(t.{geom})" if geom else "NULL"}, updated_at
            FROM "{model._meta.db_table}" t WHERE id = %s""",  # noqa: S608  names of our own models
        [skipped_columns(model), row_id],
    )
    return rows[0] if rows else None


def states_of(model: type[ScopedModel], row_id: int, from_version: int = 0) -> list[State]:
    """Every state of a row, oldest first, for the house itself: nothing is checked or masked."""
    with as_system("read the states of a row"):
        stored = _stored(model, row_id, from_version)
        current = _current(model, row_id)
    if current:
        stored.append((*current, None, "", None, "", ""))
    states: list[State] = []
    by_id, by, reason = None, "", ""
    for version, image, geom, since, until, op, ended_by_id, ended_by, why in stored:
        states.append(
            State(
                model=model,
                row_id=row_id,
                version=version,
                image=decode(image),
                geom=geometry_from(geom),
                since=since,
                until=until,
                by_id=by_id,
                by=by,
                reason=reason,
                deleted_by=ended_by if op == "D" else "",
            )
        )
        by_id, by, reason = ended_by_id, ended_by, why
    return states


def geometry_from(content: memoryview | bytes | None) -> GEOSGeometry | None:
    return None if content is None else GEOSGeometry(memoryview(bytes(content)))


def fields_of(model: type[ScopedModel]) -> Iterator[models.Field[Any, Any]]:
    """The fields that history compares: those that a person or a program sets."""
    for field in model._meta.concrete_fields:
        computed = field.name in KEPT_BY_DATABASE or field.generated or field.primary_key
        if not computed and field.column not in model.history_skips:
            yield field


def same_geometry(a: GEOSGeometry | None, b: GEOSGeometry | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(a.srid == b.srid and a.wkb == b.wkb)
