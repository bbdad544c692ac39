"""The menu of the working screens and of the public portal, from what the domains registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store
from sen.kernel.web.register.links import list_url
from sen.kernel.web.register.resource import Label, resources


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page that is no register; ``permission`` empty: everyone who signed in."""

    name: str
    title: Label
    url: str
    icon: str = "layers"
    group: str = ""
    permission: str = ""
    order: int = 100
    pinned: bool = False


entries: Store[MenuEntry] = Store("menu entry")

SYSTEM_GROUP = "he-thong"


def add_entry(entry: MenuEntry) -> MenuEntry:
    """Put a page into the menu; for ``web/urls.py`` of domains and of the kernel."""
    return entries.add(entry.name, entry)


add_entry(MenuEntry("home", _("Bàn làm việc"), "/ql/", "layout-dashboard", order=0, pinned=True))
add_entry(MenuEntry("map", _("Bản đồ"), "/ql/ban-do/", "map", order=1, pinned=True))


def menu_for(request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of the working menu that hold something for this actor."""
    actor = actor_of(request)
    english = get_language() == "en"
    groups: list[dict[str, Any]] = [{"title": "", "items": _entries(request, actor, "")}]
    for manifest in sorted(settings.MANIFESTS, key=lambda m: (m.menu_order, m.tier, m.code)):
        items = [
            *_registers(request, actor, manifest.code),
            *_entries(request, actor, manifest.code),
        ]
        title = manifest.name_en if english else manifest.name_vi
        groups.append({"title": title, "items": items})
    groups.append({"title": _("Hệ thống"), "items": _entries(request, actor, SYSTEM_GROUP)})
    return [group for group in groups if group["items"]]


def _registers(request: HttpRequest, actor: Actor, domain: str) -> list[dict[str, Any]]:
    found = [r for r in resources if r.domain == domain and r.in_menu and r.may(actor, "view")]
    return folded(
        [
            (str(r.menu_group), _item(request, r.title, list_url(r), r.icon))
            for r in sorted(found, key=lambda r: r.menu_order)
        ]
    )


def folded(named: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Items with those of one group name under one heading, at the place of the first of them."""
    lines: list[dict[str, Any]] = []
    heads: dict[str, dict[str, Any]] = {}
    for name, item in named:
        if not name:
            lines.append(item)
            continue
        if name not in heads:
            heads[name] = {"title": name, "icon": item["icon"], "children": [], "active": False}
            lines.append(heads[name])
        heads[name]["children"].append(item)
        heads[name]["active"] |= bool(item.get("active"))
    return lines


def _entries(request: HttpRequest, actor: Actor, group: str) -> list[dict[str, Any]]:
    found = [
        e for e in entries if e.group == group and (not e.permission or actor.may(e.permission))
    ]
    return [
        _item(request, e.title, e.url, e.icon, e.pinned)
        for e in sorted(found, key=lambda e: e.order)
    ]


def _item(
    request: HttpRequest, title: Label, url: str, icon: str, pinned: bool = False
) -> dict[str, Any]:
    active = request.path == url if url == "/ql/" else request.path.startswith(url)
    return {"title": title, "url": url, "icon": icon, "active": active, "pinned": pinned}


def public_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The portal's own short menu."""
    items = (
        (_("Trang chủ"), "/", "house"),
        (_("Bản đồ"), "/ban-do/", "map"),
        (_("Tra cứu"), "/tra-cuu/", "search"),
    )
    return [
        {"title": title, "url": url, "icon": icon, "active": request.path == url}
        for title, url, icon in items
    ]
