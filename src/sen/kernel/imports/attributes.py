"""Attributes that a catalogue declares, as fields of imports."""

from __future__ import annotations

from typing import Final

from sen.kernel.attributes.catalogue import Attribute
from sen.kernel.attributes.catalogue import Kind as ValueKind
from sen.kernel.attributes.labels import label
from sen.kernel.imports.importer import FieldKind, ImportField

_KINDS: Final = {
    ValueKind.NUMBER: FieldKind.NUMBER,
    ValueKind.INTEGER: FieldKind.INTEGER,
    ValueKind.TEXT: FieldKind.TEXT,
    ValueKind.CHOICE: FieldKind.CHOICE,
    ValueKind.BOOLEAN: FieldKind.BOOLEAN,
    ValueKind.DATE: FieldKind.DATE,
    # The rules of the catalogue read ``3×33 + 40`` themselves.
    ValueKind.NUMBERS: FieldKind.TEXT,
}


def field_of(item: Attribute) -> ImportField:
    """The field of an import that carries an attribute."""
    return ImportField(
        item.name,
        label(item.label),
        _KINDS[item.kind],
        aliases=(f"attributes__{item.name}", item.label.en),
        choices={code: label(text) for code, text in item.choices.items()},
        unit=item.unit,
    )
