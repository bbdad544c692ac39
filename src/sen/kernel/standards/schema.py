"""A standard as JSON Schema, for programs that check what they send."""

from __future__ import annotations

from typing import Any, Final

from sen.kernel.imports.importer import FieldKind
from sen.kernel.standards.standard import VERSION, Standard, StandardField

_TYPES: Final[dict[FieldKind, dict[str, Any]]] = {
    FieldKind.TEXT: {"type": "string"},
    FieldKind.INTEGER: {"type": "integer"},
    FieldKind.NUMBER: {"type": "number"},
    FieldKind.DATE: {"type": "string", "format": "date"},
    FieldKind.MOMENT: {"type": "string", "format": "date-time"},
    FieldKind.BOOLEAN: {"type": "boolean"},
    FieldKind.CHOICE: {"type": "string"},
    FieldKind.KM: {"type": "string", "pattern": r"^Km\s?\d{1,4}\+\d{1,3}([.,]\d+)?$"},
    FieldKind.LIST: {"type": "array", "items": {"type": "string"}},
}
_SHAPES: Final = {
    "point": ["Point", "MultiPoint"],
    "line": ["LineString", "MultiLineString"],
    "polygon": ["Polygon", "MultiPolygon"],
}


def schema_of(standard: Standard, url: str) -> dict[str, Any]:
    """The schema of one row as a GeoJSON feature; without places the geometry is null."""
    kinds = [name for shape in standard.shapes for name in _SHAPES[shape]]
    geometry: dict[str, Any] = {"type": "object", "required": ["type", "coordinates"]}
    geometry["properties"] = {"type": {"enum": kinds}, "coordinates": {"type": "array"}}
    may_be = [geometry] if standard.shape_required else [geometry, {"type": "null"}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "title": standard.title,
        "description": standard.help,
        "version": VERSION,
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "geometry": {"anyOf": may_be} if kinds else {"type": "null"},
            "properties": {
                "type": "object",
                "required": [field.name for field in standard.fields if field.required],
                "properties": {field.name: _property(field) for field in standard.fields},
                "additionalProperties": False,
            },
        },
    }


def _property(field: StandardField) -> dict[str, Any]:
    found: dict[str, Any] = {"title": field.label, **_TYPES[field.kind]}
    if field.help:
        found["description"] = field.help
    if field.unit:
        found["x-unit"] = field.unit
    if field.longest:
        found["maxLength"] = field.longest
    if field.codes:
        found["oneOf"] = [{"const": code, "title": said} for code, said in field.codes.items()]
    if field.example and field.kind is FieldKind.TEXT:
        found["examples"] = [field.example]
    if not field.required:
        # What may be left out may also be empty.
        found = {"anyOf": [found, {"type": "null"}], "title": field.label}
    return found
