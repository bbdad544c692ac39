"""What an instance held when it was loaded, so that a use case can say what it changed.

Costs nothing per row: the tuples that Django built anyway are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Self, final

from django.contrib.gis.geos import GEOSGeometry
from django.db import models

#: Columns that the database keeps by itself.
KEPT_BY_DATABASE = frozenset({"version", "created_at", "updated_at", "geom_3857", "search"})
LONG_GEOMETRY = 200

Changes = dict[str, list[Any]]


@final
class _Nothing:
    """The value of a field that was not loaded."""


_NOTHING = _Nothing()


class TracksChanges(models.Model):
    """Mix-in of models whose use cases record the changed fields."""

    _loaded: tuple[Collection[str], Collection[Any]] | None = None

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **options)
        row._loaded = (field_names, values)
        return row


def is_new(row: TracksChanges) -> bool:
    """Whether the instance was made here rather than loaded."""
    return row._loaded is None


def as_loaded(row: TracksChanges) -> Mapping[str, Any]:
    """The fields of a row as they were loaded, whatever was assigned since."""
    held = {field.attname: row.__dict__.get(field.attname) for field in row._meta.concrete_fields}
    return held | dict(zip(*row._loaded, strict=False)) if row._loaded else held


def changes_of(row: TracksChanges) -> Changes:
    """Field name → [before, now] of everything that differs from what was loaded.

    A new instance differs from nothing: every field that has a value is listed.
    """
    before = dict(zip(*row._loaded, strict=False)) if row._loaded else {}
    found: Changes = {}
    for field in row._meta.concrete_fields:
        if field.name in KEPT_BY_DATABASE or field.generated or field.primary_key:
            continue
        now = row.__dict__.get(field.attname, _NOTHING)
        was = before.get(field.attname, None if is_new(row) else _NOTHING)
        if now is _NOTHING or was is _NOTHING or was == now:
            continue
        found[field.name] = [plain(was), plain(now)]
    return found


def forget_changes(row: TracksChanges) -> None:
    """Take what the instance holds now as the state from which changes are counted."""
    held = {
        field.attname: row.__dict__[field.attname]
        for field in row._meta.concrete_fields
        if field.attname in row.__dict__
    }
    row._loaded = (list(held), list(held.values()))


def plain(value: Any) -> Any:
    """A value as JSON can hold it, readable for a person and the same on every day."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, GEOSGeometry):
        return geometry_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        return f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}"
    return str(value)


def geometry_text(geometry: GEOSGeometry) -> str:
    """The text of a short geometry; kind, size and digest of a long one."""
    text = str(geometry.wkt)
    if len(text) <= LONG_GEOMETRY:
        return text
    digest = hashlib.sha256(bytes(geometry.wkb)).hexdigest()[:16]
    return f"{geometry.geom_type} ({geometry.num_coords} điểm, {digest})"
