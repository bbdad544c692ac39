"""Panels: what one domain shows on the page of another domain's object.

    @panel("assets.bridges", title=_("Cảm biến"), order=30)
    def sensors(page: PanelContext) -> PanelBody | None: ...

The lower domain never learns of the upper one; the page asks the store.

Most rows have nothing in most panels. A panel therefore names the rows that it would read
(``asks``); one statement tells for all panels of a page which of them exist, and a panel reads
only those: ``rows = list(query[:20]) if page.has("rows") else []``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.template.loader import render_to_string

from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.resource import Label, Resource


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What a panel may look at."""

    request: HttpRequest
    actor: Actor
    resource: Resource[Any]
    row: ScopedModel
    #: Names of what the panel asked for and what exists; None: nobody looked.
    present: frozenset[str] | None = None

    def has(self, name: str) -> bool:
        """Whether there is any row of what the panel asks for under a name."""
        return self.present is None or name in self.present


@dataclass(frozen=True, slots=True)
class PanelBody:
    """What a panel shows; ``None`` instead of it hides the panel."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


Maker = Callable[[PanelContext], PanelBody | None]
#: Name → the rows that a panel would read; None where they do not concern the page.
Asks = Mapping[str, Callable[[PanelContext], QuerySet[Any, Any] | None]]
#: The same where the names hang on the page.
AsksOfPage = Callable[[PanelContext], Mapping[str, QuerySet[Any, Any]]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One registered panel; ``on`` is a register's key or a domain's ``<domain>.*``."""

    name: str
    on: str
    title: Label
    order: int
    wide: bool
    make: Maker
    permission: str = ""
    asks: Asks | AsksOfPage = field(default_factory=dict)

    def belongs_to(self, resource: Resource[Any]) -> bool:
        return self.on in ("*", resource.key, f"{resource.domain}.*", resource.rule.resource)


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel rendered for one page; ``first`` puts it above the page's own sections."""

    name: str
    title: str
    wide: bool
    html: str
    first: bool = False


panels: Store[Panel] = Store("panel")


def panel(
    on: str,
    *,
    title: Label,
    order: int = 100,
    wide: bool = False,
    permission: str = "",
    asks: Asks | AsksOfPage | None = None,
) -> Callable[[Maker], Maker]:
    """Decorator for ``web/panels.py``. Below an order of 0 it stands above the sections."""

    def decorate(make: Maker) -> Maker:
        name = f"{make.__module__}.{make.__qualname__}"
        panels.add(name, Panel(name, on, title, order, wide, make, permission, asks or {}))
        return make

    return decorate


def shown_panels(page: PanelContext) -> list[ShownPanel]:
    """The panels of one page that have something to show to this actor, in order."""
    chosen = [
        item
        for item in sorted(panels, key=lambda p: (p.order, p.name))
        if item.belongs_to(page.resource)
        and (not item.permission or page.actor.may(item.permission))
    ]
    present = _present(page, chosen)
    shown: list[ShownPanel] = []
    for item in chosen:
        own = frozenset(name for panel_name, name in present if panel_name == item.name)
        body = item.make(replace(page, present=own if item.asks else None))
        if body is not None:
            html = render_to_string(body.template, dict(body.context), request=page.request)
            shown.append(
                ShownPanel(item.name, str(item.title), item.wide, html, first=item.order < 0)
            )
    return shown


def _present(page: PanelContext, chosen: Sequence[Panel]) -> set[tuple[str, str]]:
    """Panel and name of everything asked for that exists, in one statement."""
    asked: list[tuple[str, str]] = []
    parts: list[str] = []
    params: list[Any] = []
    for item in chosen:
        for name, rows in _asked(page, item).items():
            one = rows.order_by().annotate(sen_one=Value(1)).values_list("sen_one")[:1]
            try:
                sql, values = one.query.sql_with_params()
            except EmptyResultSet:
                continue
            asked.append((item.name, name))
            parts.append(f"EXISTS ({sql})")
            params += values
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        answers = cursor.fetchone() or ()
    return {key for key, exists in zip(asked, answers, strict=True) if exists}


def _asked(page: PanelContext, item: Panel) -> dict[str, QuerySet[Any, Any]]:
    if callable(item.asks):
        return dict(item.asks(page))
    found = {name: ask(page) for name, ask in item.asks.items()}
    return {name: rows for name, rows in found.items() if rows is not None}
