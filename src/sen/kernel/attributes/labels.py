"""Texts of catalogues and values of attributes in the language of whoever reads them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sen.kernel.attributes.catalogue import Attribute, Kind, Text
from sen.kernel.attributes.values import ValueFault
from sen.kernel.numbers import number_text


def said(text: Text) -> str:
    """The text in the language of the running request."""
    return text.said(get_language())


_lazy_said = lazy(said, str)


def label(text: Text) -> str:
    """The text, looked up anew each time when it is shown."""
    return _lazy_said(text)


def said_value(item: Attribute, value: Any) -> Any:
    """A stored value as a person reads it, with its unit; None for none."""
    if value is None:
        return None
    if item.kind is Kind.CHOICE:
        return said(item.choices[value]) if value in item.choices else value
    if item.kind is Kind.BOOLEAN:
        return _("Có") if value else _("Không")
    if item.kind is Kind.DATE:
        return "/".join(reversed(str(value).split("-")))
    if item.kind is Kind.NUMBERS and isinstance(value, list):
        return f"{_runs(value)} {item.unit}".strip()
    if item.is_number:
        return f"{number_text(value)} {item.unit}".strip()
    return value


def _runs(values: list[Any]) -> str:
    runs = [(number_text(value), len(list(same))) for value, same in groupby(values)]
    return " + ".join(f"{count}×{text}" if count > 1 else text for text, count in runs)


def fault_text(fault: ValueFault) -> str:
    """What is wrong, in words for a person."""
    return _(fault.template) % fault.params
