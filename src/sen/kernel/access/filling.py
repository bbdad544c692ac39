"""Writing given values into the fields of a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Field, ForeignKey

from sen.kernel.access.models import ScopedModel
from sen.lib.text import nfc


def fill(row: ScopedModel, values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Write the given values among ``names``; texts are trimmed and brought to NFC.

    What points at another row may be given by its id.

    Raises:
        TypeError: a value that the row does not take.
    """
    known = set(names)
    if unknown := values.keys() - known:
        raise TypeError(f"{row._meta.label}: unknown values {sorted(unknown)}")
    for name in known & values.keys():
        value = values[name]
        field = row._meta.get_field(name)
        if value is None and isinstance(field, Field) and not field.null:
            value = field.get_default() if field.has_default() else ""
        if isinstance(field, ForeignKey) and isinstance(value, int):
            setattr(row, field.attname, value)
        else:
            setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
