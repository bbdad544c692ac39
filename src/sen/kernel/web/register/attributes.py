"""Columns, filters and form fields of attributes that a catalogue declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from sen.kernel.attributes.catalogue import Attribute
from sen.kernel.attributes.catalogue import Kind as ValueKind
from sen.kernel.attributes.labels import label, said
from sen.kernel.web.register.resource import Column, Filter, FilterKind, FormField, Kind
from sen.kernel.web.register.values import numbers_text

_COLUMN_KINDS: Final = {
    ValueKind.NUMBER: Kind.NUMBER,
    ValueKind.INTEGER: Kind.NUMBER,
    ValueKind.TEXT: Kind.TEXT,
    ValueKind.CHOICE: Kind.CHOICE,
    ValueKind.BOOLEAN: Kind.BOOLEAN,
    ValueKind.DATE: Kind.DATE,
    ValueKind.NUMBERS: Kind.NUMBERS,
}
_FILTER_KINDS: Final = {
    ValueKind.NUMBER: FilterKind.RANGE,
    ValueKind.INTEGER: FilterKind.RANGE,
    ValueKind.TEXT: FilterKind.TEXT,
    ValueKind.CHOICE: FilterKind.CHOICE,
    ValueKind.BOOLEAN: FilterKind.BOOLEAN,
    ValueKind.DATE: FilterKind.DATES,
}
_FORM_KINDS: Final = {
    ValueKind.NUMBER: "number",
    ValueKind.INTEGER: "integer",
    ValueKind.TEXT: "text",
    ValueKind.CHOICE: "choice",
    ValueKind.BOOLEAN: "boolean",
    ValueKind.DATE: "date",
    ValueKind.NUMBERS: "text",
}


def column_of(item: Attribute) -> Column:
    """The column of a list that shows an attribute."""
    return Column(
        item.path,
        label=label(item.label),
        kind=_COLUMN_KINDS[item.kind],
        unit=item.unit,
        sort=item.sort,
        shown=item.show,
    )


def filters_of(items: Iterable[Attribute]) -> tuple[Filter, ...]:
    """The filters of a list by the attributes that ask for one."""
    return tuple(
        Filter(
            item.name,
            path=item.path,
            label=label(item.label),
            kind=_FILTER_KINDS[item.kind],
            unit=item.unit,
        )
        for item in items
        if item.filter
    )


def form_field_of(item: Attribute) -> FormField:
    """The field of a form in which an attribute is typed."""
    return FormField(
        item.path,
        label=label(item.label),
        kind=_FORM_KINDS[item.kind],
        required=item.required or None,
        help=_("Ghi như 3×33 + 40.") if item.kind is ValueKind.NUMBERS else "",
        unit=item.unit,
        choices=tuple((code, label(text)) for code, text in item.choices.items()),
    )


def choices_at(known: Mapping[str, Attribute], path: str) -> dict[Any, str] | None:
    """What the values of an attribute are called; None where the path is none."""
    item = known.get(path.removeprefix("attributes__"))
    if item is None or item.path != path:
        return None
    return {code: said(text) for code, text in item.choices.items()}


def typed_values(items: Iterable[Attribute], values: dict[str, Any]) -> dict[str, Any]:
    """What an edit form shows at first: JSON holds dates and lists as the form does not."""
    for item in items:
        value = values.get(item.path)
        if item.kind is ValueKind.DATE and isinstance(value, str):
            values[item.path] = date.fromisoformat(value)
        elif item.kind is ValueKind.NUMBERS and value is not None:
            values[item.path] = numbers_text(value)
    return values
