"""Reading what rows were: versions, a list as on a date, comparison, restoring.

A past state may be seen by an actor who may see the row **as it was then and as it is now** (as
it was last, once deleted): declassifying a row does not open its secret past, and classifying it
closes the past along with the present. Masks are those of the state itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models

from sen.kernel.access.context import as_system
from sen.kernel.access.models import ScopedModel, User
from sen.kernel.access.scope import Scope
from sen.kernel.access.tracking import KEPT_BY_DATABASE, geometry_text
from sen.kernel.audit.triggers import geometry_column, skipped_columns
from sen.kernel.errors import Meanwhile


@dataclass(frozen=True, slots=True)
class State:
    """A row as it was in ``[since, until)``; ``until`` is None while it is so.

    ``image`` maps columns to JSON values. ``by``, ``reason`` tell who made this state (empty for
    the first one: the audit entry of its creation tells), ``deleted_by`` who ended the row.
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

    @property
    def is_current(self) -> bool:
        return self.until is None

    def visible_in(self, scope: Scope) -> bool:
        """Whether the scope admits the row as it was; false when the image lacks the columns."""
        try:
            return scope.allows(self.image)
        except KeyError:
            return False


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two states; ``masked`` says that the values are withheld."""

    field: str
    label: str
    before: Any
    after: Any
    masked: bool = False


def _decode(text: str) -> dict[str, Any]:
    image: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return image


def _read(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _stored(model: type[ScopedModel], row_id: int, from_version: int = 0) -> list[tuple[Any, ...]]:
    return _read(
        """SELECT version, image::text, ST_AsEWKB(geom), valid_from, changed_at, op,
                  actor_id, actor_name, reason
           FROM kernel_audit_rowversion
           WHERE table_name = %s AND row_id = %s AND version >= %s
           ORDER BY changed_at, version, id""",
        [model._meta.db_table, row_id, from_version],
    )


def _current(model: type[ScopedModel], row_id: int) -> tuple[Any, ...] | None:
    geom = geometry_column(model)
    rows = _read(
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
    states: list[State] = []
    by_id, by, reason = None, "", ""
    for version, image, geom, since, until, op, ended_by_id, ended_by, why in stored:
        states.append(
            State(
                model=model,
                row_id=row_id,
                version=version,
                image=_decode(image),
                geom=_geometry(geom),
                since=since,
                until=until,
                by_id=by_id,
                by=by,
                reason=reason,
                deleted_by=ended_by if op == "D" else "",
            )
        )
        by_id, by, reason = ended_by_id, ended_by, why
    if current:
        version, image, geom, since = current
        states.append(
            State(
                model=model,
                row_id=row_id,
                version=version,
                image=_decode(image),
                geom=_geometry(geom),
                since=since,
                until=None,
                by_id=by_id,
                by=by,
                reason=reason,
            )
        )
    return states


def _geometry(content: memoryview | bytes | None) -> GEOSGeometry | None:
    return None if content is None else GEOSGeometry(memoryview(bytes(content)))


def fields_of(model: type[ScopedModel]) -> Iterator[models.Field[Any, Any]]:
    """The fields that history compares: those that a person or a program sets."""
    for field in model._meta.concrete_fields:
        computed = field.name in KEPT_BY_DATABASE or field.generated or field.primary_key
        if not computed and field.column not in model.history_skips:
            yield field


def differences(old: State, new: State) -> list[Difference]:
    """Field by field what differs, unmasked: for the house itself."""
    geom = geometry_column(old.model)
    found: list[Difference] = []
    for field in fields_of(old.model):
        before, after = old.image.get(field.attname), new.image.get(field.attname)
        if field.column == geom:
            if _same_geometry(old.geom, new.geom):
                continue
            before = geometry_text(old.geom) if old.geom else None
            after = geometry_text(new.geom) if new.geom else None
        elif before == after:
            continue
        found.append(Difference(field.name, str(field.verbose_name), before, after))
    return found


def _same_geometry(a: GEOSGeometry | None, b: GEOSGeometry | None) -> bool:
    if a is None or b is None:
        return a is b
    return bool(a.srid == b.srid and a.wkb == b.wkb)


def changes_since(row: ScopedModel, version: int) -> tuple[Meanwhile, ...]:
    """Who changed ``row`` after ``version``, oldest first; names of fields, never values."""
    states = states_of(type(row), row.pk, version)
    people = dict(
        User.objects.filter(pk__in={s.by_id for s in states if s.by_id}).values_list(
            "pk", "full_name"
        )
    )
    return tuple(
        Meanwhile(
            version=new.version,
            at=new.since,
            who=people.get(new.by_id or 0) or new.by,
            fields=tuple(d.label for d in differences(old, new)),
        )
        for old, new in pairwise(states)
    )
