"""The detail page of every register, and what all its pages share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.web.register import listing, values
from sen.kernel.web.register.links import PUBLIC, base_of, detail_url, list_url
from sen.kernel.web.register.panels import PanelContext, shown_panels
from sen.kernel.web.register.proposing import book_for
from sen.kernel.web.register.resource import Resource, resource_at

ACTS = ("view", "add", "change", "delete", "export", "import")


def resource_for(request: HttpRequest, path: str, act: str = "view") -> Resource[Any]:
    """The register of an address, if the actor may do ``act`` in it.

    Raises:
        Http404: no such register, or one whose existence is not for this actor to know.
    """
    resource = resource_at(path)
    if resource is None or not resource.may(actor_of(request), act):
        raise Http404(_("Không có danh mục này hoặc bạn chưa được cấp quyền xem."))
    return resource


def row_for(resource: Resource[Any], actor: Actor, row_id: int, act: str = "view") -> ScopedModel:
    """One row on which the actor may do ``act``.

    Raises:
        Http404: it does not exist, or not for this actor: the two look the same from outside.
    """
    row = resource.rows(actor, act).filter(pk=row_id).first()
    if not isinstance(row, ScopedModel):
        raise Http404(_("Không tìm thấy bản ghi, hoặc bạn chưa được cấp quyền xem."))
    return row


def needs_sign_in(request: HttpRequest) -> bool:
    """Working screens are for people who signed in; the public side shows what is public."""
    return base_of(request) != PUBLIC and not actor_of(request).is_authenticated


def to_sign_in(request: HttpRequest) -> HttpResponse:
    from urllib.parse import urlencode

    from django.conf import settings

    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")


def shell_of(request: HttpRequest) -> str:
    return "sen/public.html" if base_of(request) == PUBLIC else "sen/shell.html"


def rights_of(resource: Resource[Any], actor: Actor) -> dict[str, bool]:
    """What the page may offer; a button without a service behind it is never shown."""
    rights = {act: resource.may(actor, act) for act in ACTS}
    rights["add"] = rights["add"] and resource.create is not None
    rights["change"] = rights["change"] and resource.update is not None
    rights["delete"] = rights["delete"] and resource.delete is not None
    rights["import"] = rights["import"] and bool(resource.importer)
    return rights


def offers_of(
    resource: Resource[Any],
    actor: Actor,
    rights: dict[str, bool],
    row: ScopedModel | None = None,
) -> dict[str, bool]:
    """What the person may not do at once but propose for others to approve."""
    return {
        act: not rights[act]
        and (row is None or resource.takes(row, act))
        and book_for(actor, resource, act) is not None
        for act in ("add", "change", "delete")
    }


def detail_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Everything about one row: its own sections, and what other domains have to say of it."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    actor = actor_of(request)
    row, read = listing.read_one(resource, actor, row_id)
    if row is None or read is None:
        raise Http404(_("Không tìm thấy bản ghi, hoặc bạn chưa được cấp quyền xem."))
    base = base_of(request)
    rights = {
        act: allowed and (act == "view" or resource.may_on(actor, act, row))
        for act, allowed in rights_of(resource, actor).items()
    }
    column = resource.columns_by_name.get(resource.label_path)
    named = values.text_of(resource, column, read.get(column.source)) if column else ""
    label = named or read.get(resource.label_path) or str(row)
    context: dict[str, Any] = {
        "shell": shell_of(request),
        "resource": resource,
        "row": row,
        "label": label,
        "page_title": label,
        "glance": [
            values.cell(resource, resource.columns_by_name[name], read) for name in resource.glance
        ],
        "breadcrumbs": [*crumbs(resource, base, link=True), {"title": str(row), "url": ""}],
        "sections": _sections(resource, read),
        "rights": rights,
        "offers": offers_of(resource, actor, rights, row) if base != PUBLIC else {},
        "base": base,
        "is_public": base == PUBLIC,
        "url": detail_url(resource, row.pk, base),
    }
    if request.GET.get("partial") == "card":
        return render(request, "sen/register/card.html", context)
    context["panels"] = shown_panels(PanelContext(request, actor, resource, row))
    return render(request, "sen/register/detail.html", context)


def crumbs(resource: Resource[Any], base: str, *, link: bool = False) -> list[dict[str, Any]]:
    from django.apps import apps

    return [
        {"title": apps.get_app_config(resource.domain).verbose_name, "url": ""},
        {"title": resource.title, "url": list_url(resource, base) if link else ""},
    ]


def _sections(resource: Resource[Any], row: listing.Row) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for section in resource.detail_sections:
        filled, empty = [], []
        for name in section.names:
            column = resource.columns_by_name.get(name)
            if column is None:  # a name of the form alone
                continue
            label, cell = resource.label_of(column), values.cell(resource, column, row)
            if cell.text:
                filled.append((label, cell))
            else:
                empty.append(label)
        shown.append({"title": section.title, "cells": filled, "empty": empty})
    return shown
