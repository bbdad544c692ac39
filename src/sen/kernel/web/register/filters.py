"""URL parameters into conditions, with an error in words when a value makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat
from django.db.models.lookups import Contains, StartsWith
from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.kernel.access.models import Tree
from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Filter, FilterKind, Label, Resource
from sen.lib.text import fold

#: A text filter over another model takes so many of its rows.
RELATED_AT_MOST = 1000
LARGEST_ID: Final = 2**63 - 1
#: Letters from which on a word is found inside of other words.
SHORTEST_INSIDE: Final = 3
#: Powers of ten between which a number is taken seriously.
MAGNITUDES: Final = range(-15, 16)
LONGEST_NUMBER: Final = 40


class FilterError(ValueError):
    """A filter value that cannot be understood; the text is shown beside the filter."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter of every register with a parameter of its own, such as the faults of one check.

    ``condition`` raises :class:`FilterError` for a value that means nothing; ``words`` is what
    the chip above the list says.
    """

    name: str
    label: Label
    condition: Callable[[Resource[Any], str], Q]
    words: Callable[[Resource[Any], str], str]


narrowings: Store[Narrowing] = Store("narrowing of lists")


def narrowed(resource: Resource[Any], query: QueryDict) -> tuple[Q, dict[str, str]]:
    """All narrowings of a query, and those that made no sense."""
    condition = Q()
    errors: dict[str, str] = {}
    for narrowing in narrowings:
        if value := query.get(narrowing.name, ""):
            try:
                condition &= narrowing.condition(resource, value)
            except FilterError as error:
                errors[narrowing.name] = str(error)
    return condition, errors


def kind_of_filter(resource: Resource[Any], item: Filter) -> FilterKind:
    """The declared kind, or the one that follows from the model field."""
    if item.kind is not None:
        return item.kind
    model_field = resource.model_field(item.source)
    if model_field is None:
        return FilterKind.TEXT
    if model_field.choices:
        return FilterKind.CHOICE
    for cls, kind in _KINDS:
        if isinstance(model_field, cls):
            return kind
    return FilterKind.TEXT


_KINDS: tuple[tuple[type[models.Field[Any, Any]], FilterKind], ...] = (
    (models.BooleanField, FilterKind.BOOLEAN),
    (models.DateField, FilterKind.DATES),
    (models.IntegerField, FilterKind.RANGE),
    (models.FloatField, FilterKind.RANGE),
    (models.DecimalField, FilterKind.RANGE),
    (models.ForeignKey, FilterKind.REFERENCE),
)


def filter_q(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    """The condition that the query's values for one filter make; empty when not asked.

    Raises:
        FilterError: a value is not of the filter's kind.
    """
    kind = kind_of_filter(resource, item)
    if any("\x00" in value for value in query.getlist(item.name)):
        raise FilterError(_("Có ký tự không đọc được; hãy gõ lại."))
    return _MAKERS[kind](resource, item, query)


def _choice(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    asked = [value for value in query.getlist(item.name) if value]
    if not asked:
        return Q()
    known = {str(value): value for value in resource.choices_of(item.source)}
    unknown = [value for value in asked if known and value not in known]
    if unknown:
        raise FilterError(_("Không có giá trị “%(value)s”.") % {"value": unknown[0]})
    return Q(**{f"{item.source}__in": [known.get(value, value) for value in asked]})


def _reference(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    asked = [value for value in query.getlist(item.name) if value]
    if not asked:
        return Q()
    try:
        ids = [int(value) for value in asked]
    except ValueError as error:
        raise FilterError(_("Mã tham chiếu phải là số.")) from error
    if any(abs(row_id) > LARGEST_ID for row_id in ids):
        raise FilterError(_("Không có mã tham chiếu này."))
    model_field = resource.model_field(item.source)
    related = getattr(model_field, "related_model", None)
    if item.subtree and isinstance(related, type) and issubclass(related, Tree):
        below = Q()
        for path in related._default_manager.filter(pk__in=ids).values_list("path", flat=True):
            below |= Q(path__startswith=path)
        ids = list(related._default_manager.filter(below).values_list("pk", flat=True))
    return Q(**{f"{item.source}__in_array": ids})


def _range(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    condition = Q()
    for suffix, lookup in (("min", "gte"), ("max", "lte")):
        text = query.get(f"{item.name}_{suffix}", "").strip()
        if text:
            number = number_from(text)
            value = float(number) if resource.is_json(item.source) else number
            condition &= Q(**{f"{item.source}__{lookup}": value})
    return condition


def _dates(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    condition = Q()
    for suffix, lookup in (("min", "gte"), ("max", "lte")):
        text = query.get(f"{item.name}_{suffix}", "").strip()
        if not text:
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise FilterError(_("Ngày phải ở dạng năm-tháng-ngày, ví dụ 2026-11-24.")) from error
        value = day.isoformat() if resource.is_json(item.source) else day
        condition &= Q(**{f"{item.source}__{lookup}": value})
    return condition


def _boolean(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    text = query.get(item.name, "")
    if text not in ("", "0", "1"):
        raise FilterError(_("Chọn có (1) hoặc không (0)."))
    return Q(**{item.source: text == "1"}) if text else Q()


def _text(resource: Resource[Any], item: Filter, query: QueryDict) -> Q:
    text = query.get(item.name, "").strip()
    if not text:
        return Q()
    head, _sep, rest = item.source.partition("__")
    related: Any = getattr(resource.model_field(head), "related_model", None)
    if not rest or related is None:
        return Q(**{f"{item.source}__icontains": text})
    # The few rows meant first, then this list by its own index instead of a join over all of it.
    ids = _ids_meant(related, rest, text)
    return Q(**{head: ids[0]}) if len(ids) == 1 else Q(**{f"{head}__in_array": ids})


def _ids_meant(related: Any, path: str, text: str) -> list[int]:
    """Rows whose value is the text; if there are none, those that hold it or are found by it."""
    rows = related._base_manager.values_list("pk", flat=True)
    exact = list(rows.filter(**{f"{path}__iexact": text})[:RELATED_AT_MOST])
    if exact:
        return exact
    meant = Q(**{f"{path}__icontains": text})
    if any(field.name == "search" for field in related._meta.fields):
        meant |= Q(search__contains=fold(text))
    return list(rows.filter(meant)[:RELATED_AT_MOST])


_MAKERS = {
    FilterKind.CHOICE: _choice,
    FilterKind.REFERENCE: _reference,
    FilterKind.RANGE: _range,
    FilterKind.DATES: _dates,
    FilterKind.BOOLEAN: _boolean,
    FilterKind.TEXT: _text,
}


def number_from(text: str) -> Decimal:
    """A number as people type it: ``12,5`` and ``12.5`` are the same.

    Raises:
        FilterError: it is no number.
    """
    try:
        value = Decimal(text.replace(" ", "").replace(",", "."))
    except InvalidOperation as error:
        raise FilterError(_("“%(value)s” không phải là số.") % {"value": text}) from error
    if not value.is_finite():
        raise FilterError(_("“%(value)s” không phải là số.") % {"value": text})
    if len(text) > LONGEST_NUMBER or (value and value.adjusted() not in MAGNITUDES):
        raise FilterError(_("Số quá lớn hoặc quá nhỏ."))
    return value


def search_q(text: str, *, by_index: bool = True) -> Q:
    """Every word of the folded text somewhere in the row's ``search`` column.

    Words of one and two letters are beginnings of words: the trigram index knows those.

    Args:
        text: as typed.
        by_index: ``False`` where few rows are asked: they are read and looked at, which is faster
            than fetching all rows with a common word from the trigram index.
    """
    column = F("search") if by_index else Concat(F("search"), Value(""), output_field=TextField())
    condition = Q()
    for word in fold(text.replace("\x00", " ")).split():
        if len(word) < SHORTEST_INSIDE:
            condition &= Q(StartsWith(column, word)) | Q(Contains(column, f" {word}"))
        else:
            condition &= Q(Contains(column, word))
    return condition
