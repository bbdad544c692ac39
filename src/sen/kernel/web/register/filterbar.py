"""The filter bar of a list: its fields as the query left them, and a chip for each in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.web.register.filters import kind_of_filter, narrowings
from sen.kernel.web.register.links import with_query
from sen.kernel.web.register.listing import Page
from sen.kernel.web.register.resource import Filter, FilterKind, Resource


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class BarField:
    """One filter as the template draws it."""

    name: str
    label: str
    kind: str
    unit: str
    options: tuple[Option, ...] = ()
    value: str = ""
    low: str = ""
    high: str = ""
    error: str = ""
    suggest_url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    fields: tuple[BarField, ...]
    chips: tuple[dict[str, str], ...]
    clear_url: str
    q: str


#: References with more rows than this are looked up while typing instead of listed.
LISTED_AT_MOST = 150


def bar_for(resource: Resource[Any], actor: Actor, query: QueryDict, page: Page) -> Bar:
    """The bar; at most one statement for each listed reference."""
    fields = tuple(_field(resource, item, query, page) for item in resource.filters)
    chips = tuple(
        chip
        for item, field in zip(resource.filters, fields, strict=True)
        for chip in _chips(item, field, query)
    )
    chips += tuple(_narrowing_chips(resource, query))
    text = query.get("q", "")
    if text:
        chips = (
            {"label": _("Tìm"), "value": text, "remove_url": with_query(query, q=None, after=None)},
            *chips,
        )
    return Bar(fields, chips, "?" if chips else "", text)


def _narrowing_chips(resource: Resource[Any], query: QueryDict) -> Iterator[dict[str, str]]:
    for narrowing in narrowings:
        if value := query.get(narrowing.name, ""):
            url = with_query(query, **dict.fromkeys((narrowing.name, "after", "before")))
            words = narrowing.words(resource, value)
            yield {"label": str(narrowing.label), "value": words, "remove_url": url}


def _field(resource: Resource[Any], item: Filter, query: QueryDict, page: Page) -> BarField:
    kind = kind_of_filter(resource, item)
    asked = set(query.getlist(item.name))
    options: tuple[Option, ...] = ()
    if kind is FilterKind.CHOICE:
        choices = resource.choices_of(item.source)
        options = tuple(Option(str(v), label, str(v) in asked) for v, label in choices.items())
    elif kind is FilterKind.BOOLEAN:
        options = tuple(
            Option(v, label, v in asked) for v, label in (("1", _("Có")), ("0", _("Không")))
        )
    elif kind is FilterKind.REFERENCE:
        options = _reference_options(resource, item, asked)
    return BarField(
        name=item.name,
        label=resource.label_of(item),
        kind=kind.value,
        unit=item.unit,
        options=options,
        value=query.get(item.name, ""),
        low=query.get(f"{item.name}_min", ""),
        high=query.get(f"{item.name}_max", ""),
        error=page.errors.get(item.name, ""),
    )


def _reference_options(
    resource: Resource[Any], item: Filter, asked: set[str]
) -> tuple[Option, ...]:
    model_field = resource.model_field(item.source)
    related: Any = getattr(model_field, "related_model", None)
    if related is None:
        return ()
    rows = related._base_manager.order_by(item.title).values_list("pk", item.title)
    listed = rows[: LISTED_AT_MOST + 1]
    return tuple(Option(str(pk), str(title), str(pk) in asked) for pk, title in listed)


def _chips(item: Filter, field: BarField, query: QueryDict) -> list[dict[str, str]]:
    off: dict[str, str | None] = dict.fromkeys((item.name, "after", "before"))
    chosen = [option.label for option in field.options if option.selected]
    if field.kind in ("range", "dates"):
        off |= {f"{item.name}_min": None, f"{item.name}_max": None}
        if field.low or field.high:
            chosen = [f"{field.low or '…'} – {field.high or '…'} {field.unit}".strip()]
    elif field.kind == "text" and field.value:
        chosen = [field.value]
    if not chosen:
        return []
    url = with_query(query, **off)
    return [{"label": field.label, "value": ", ".join(chosen), "remove_url": url}]
