"""Panels: what one domain shows on the page of another domain's object.

    @panel("assets.bridges", title=_("Cảm biến"), order=30)
    def sensors(page: PanelContext) -> PanelBody | None: ...

The lower domain never learns of the upper one; the page asks the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, slots=True)
class PanelBody:
    """What a panel shows; ``None`` instead of it hides the panel."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


Maker = Callable[[PanelContext], PanelBody | None]


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
    on: str, *, title: Label, order: int = 100, wide: bool = False, permission: str = ""
) -> Callable[[Maker], Maker]:
    """Decorator for ``web/panels.py``. Below an order of 0 it stands above the sections."""

    def decorate(make: Maker) -> Maker:
        name = f"{make.__module__}.{make.__qualname__}"
        panels.add(name, Panel(name, on, title, order, wide, make, permission))
        return make

    return decorate


def shown_panels(page: PanelContext) -> list[ShownPanel]:
    """The panels of one page that have something to show to this actor, in order."""
    shown: list[ShownPanel] = []
    for item in sorted(panels, key=lambda p: (p.order, p.name)):
        if not item.belongs_to(page.resource):
            continue
        if item.permission and not page.actor.may(item.permission):
            continue
        body = item.make(page)
        if body is not None:
            html = render_to_string(body.template, dict(body.context), request=page.request)
            shown.append(
                ShownPanel(item.name, str(item.title), item.wide, html, first=item.order < 0)
            )
    return shown
