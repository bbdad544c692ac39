"""A stored value as a person reads it, and as a file or an API carries it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.numbers import chainage_text, number_text
from sen.kernel.web.register.listing import Row
from sen.kernel.web.register.resource import Column, Kind, Resource

MASKED_TEXT = "•••"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value ready for a template."""

    column: Column
    text: str
    is_masked: bool = False
    is_number: bool = False
    tone: str = ""
    url: str = ""


def cell(resource: Resource[Any], column: Column, row: Row, url: str = "") -> Cell:
    """The value of a column in a row, written for people."""
    root = column.source.split("__", 1)[0]
    if column.source in row.masked or root in row.masked:
        return Cell(column, MASKED_TEXT, is_masked=True)
    value = row.get(column.source)
    kind = resource.kind_of(column)
    return Cell(
        column,
        text_of(resource, column, value),
        is_number=kind in (Kind.NUMBER, Kind.KM, Kind.MONEY),
        tone=column.badge.get(str(value), "") if column.badge else "",
        url=url if column.link else "",
    )


def text_of(resource: Resource[Any], column: Column, value: Any) -> str:
    """A value in the reader's language; empty for none."""
    if value is None or value == "":
        return ""
    if column.write is not None:
        return column.write(value)
    kind = resource.kind_of(column)
    if kind is Kind.CHOICE:
        return resource.choices_of(column.source).get(value, str(value))
    if isinstance(value, list) and kind is not Kind.NUMBERS:
        return ", ".join(str(item) for item in value)
    text = _WRITERS.get(kind, str)(value)
    return f"{text} {column.unit}" if column.unit else text


def numbers_text(values: Any) -> str:
    """``[33, 33, 33, 40]`` → ``3×33 + 40``: a list of numbers as drawings write it."""
    if not isinstance(values, list):
        return str(values)
    runs = [(value, len(list(same))) for value, same in groupby(values)]
    return " + ".join(
        f"{count}×{number_text(value)}" if count > 1 else number_text(value)
        for value, count in runs
    )


def _date(value: Any) -> str:
    if isinstance(value, str):  # in JSON
        with suppress(ValueError):
            value = date.fromisoformat(value)
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)


def _datetime(value: Any) -> str:
    if not isinstance(value, datetime):
        return str(value)
    return timezone.localtime(value).strftime("%H:%M %d/%m/%Y")


def _boolean(value: Any) -> str:
    return _("Có") if value else _("Không")


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.NUMBER: number_text,
    Kind.MONEY: number_text,
    Kind.NUMBERS: numbers_text,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.KM: chainage_text,
    Kind.BOOLEAN: _boolean,
}


def plain_of(value: Any) -> Any:
    """The value as JSON and spreadsheets carry it: units in the column's name, no formatting."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value
