"""The list page of every register: table or cards, filters, saved views, map."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import layers
from sen.kernel.numbers import number_text
from sen.kernel.web.register import listing, values
from sen.kernel.web.register.extras import extras_of
from sen.kernel.web.register.filterbar import bar_for
from sen.kernel.web.register.filters import narrowings
from sen.kernel.web.register.links import PUBLIC, base_of, detail_url, with_query
from sen.kernel.web.register.resource import Column, Resource
from sen.kernel.web.register.saved import saved_views
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    offers_of,
    resource_for,
    rights_of,
    shell_of,
    to_sign_in,
)

EXPORTS: Final = (
    ("xlsx", "Excel (XLSX)", "file-spreadsheet"),
    ("csv", "CSV", "file-text"),
    ("geojson", "GeoJSON", "map"),
    ("gpkg", "GeoPackage", "map"),
    ("fgb", "FlatGeobuf", "map"),
    ("kml", "KML", "map"),
    ("shp.zip", "Shapefile (zip)", "map"),
)
#: Parameters of the list that are no filters; the filter form carries them along.
KEPT: Final = ("sort", "cols", "size", "view")


def list_page(request: HttpRequest, path: str) -> HttpResponse:
    """The register with the filters of the address; only the table for htmx."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path)
    chosen = request.GET.getlist("col")
    if chosen:
        # The column menu is a plain form; its answer becomes part of the address.
        known = [name for name in chosen if name in resource.columns_by_name]
        query = request.GET.copy()
        query.pop("col")
        return redirect(request.path + with_query(query, cols=",".join(known)))
    actor = actor_of(request)
    is_partial = request.headers.get("HX-Target") == "bang"
    page = listing.page(resource, actor, request.GET)
    context = _frame(request, resource, actor) | _table(request, resource, actor, page)
    template = "sen/register/table.html" if is_partial else "sen/register/list.html"
    response = render(request, template, context)
    response.headers["Vary"] = "HX-Target, Cookie"
    return response


def _frame(request: HttpRequest, resource: Resource[Any], actor: Actor) -> dict[str, Any]:
    base = base_of(request)
    is_public = base == PUBLIC
    rights = rights_of(resource, actor)
    rights["export"] = is_public or rights["export"]
    offers = {} if is_public else offers_of(resource, actor, rights)
    return {
        "shell": shell_of(request),
        "resource": resource,
        "page_title": resource.title,
        "breadcrumbs": crumbs(resource, base),
        "base": base,
        "is_public": is_public,
        "rights": rights,
        "offers": offers,
        "exports": EXPORTS if resource.model_field("geom") is not None else EXPORTS[:2],
        "extras": extras_of(resource).items(),
        "views": [] if is_public else saved_views(resource, actor),
        "can_import": rights["import"] or _may_propose_a_file(resource, offers),
        "can_bulk": bool(resource.bulk)
        and not is_public
        and (rights["change"] or bool(offers.get("change"))),
    }


def _may_propose_a_file(resource: Resource[Any], offers: dict[str, bool]) -> bool:
    """Whether the wizard takes a file whose rows go into a change-set."""
    writes = resource.create is not None and resource.update is not None
    return writes and bool(resource.importer) and bool(offers.get("change"))


def _table(
    request: HttpRequest, resource: Resource[Any], actor: Actor, page: listing.Page
) -> dict[str, Any]:
    base, query = base_of(request), request.GET
    labels = {column.name: resource.label_of(column) for column in resource.columns}
    has_map = resource.layer in layers
    return {
        "page": page,
        "rows": [_row(resource, row, page.columns, labels, base) for row in page.rows],
        "heads": [_head(resource, column, page, request) for column in page.columns],
        "bar": bar_for(resource, actor, query, page),
        "pager": _pager(page, request),
        "query": query.urlencode(),
        "kept": [(name, query[name]) for name in (*KEPT, *narrowings.names()) if query.get(name)],
        "column_kept": [
            (name, value)
            for name, found in query.lists()
            for value in found
            if name not in ("cols", "after", "before")
        ],
        "column_choices": [
            {"name": name, "label": label, "on": resource.columns_by_name[name] in page.columns}
            for name, label in labels.items()
        ],
        "view": query.get("view", ""),
        "mistakes": [
            (resource.label_of(item), page.errors[item.name])
            for item in resource.filters
            if item.name in page.errors
        ],
        "map_url": with_query(query, view="map", after=None, before=None) if has_map else "",
        "table_url": with_query(query, view=None),
    }


def _row(
    resource: Resource[Any],
    row: listing.Row,
    columns: tuple[Column, ...],
    labels: dict[str, str],
    base: str,
) -> dict[str, Any]:
    url = detail_url(resource, row.id, base)
    cells = [(labels[column.name], values.cell(resource, column, row, url)) for column in columns]
    name = next((cell.text for _label, cell in cells if cell.url), str(row.id))
    return {"id": row.id, "label": name, "cells": cells}


def _head(
    resource: Resource[Any], column: Column, page: listing.Page, request: HttpRequest
) -> dict[str, Any]:
    active = column.source == page.order.path
    ascending = active and not page.order.descending
    sort = f"-{column.name}" if ascending else column.name
    return {
        "name": column.name,
        "label": resource.label_of(column),
        "unit": column.unit,
        "is_number": resource.kind_of(column).value in ("number", "km", "money"),
        "sort_url": with_query(request.GET, sort=sort, after=None, before=None)
        if column.sort
        else "",
        "sorted": ("ascending" if ascending else "descending") if active else "",
    }


def _pager(page: listing.Page, request: HttpRequest) -> dict[str, Any]:
    count = number_text(page.count)
    text = (
        _("Hơn %(count)s kết quả") % {"count": count}
        if page.count_is_capped
        else _("%(count)s kết quả") % {"count": count}
    )
    query = request.GET
    return {
        "text": text,
        "prev_url": with_query(query, before=page.previous_cursor, after=None)
        if page.previous_cursor
        else "",
        "next_url": with_query(query, after=page.next_cursor, before=None)
        if page.next_cursor
        else "",
        "sizes": [
            {
                "n": n,
                "url": with_query(query, size=str(n), after=None, before=None),
                "active": n == page.size,
            }
            for n in listing.PAGE_SIZES
        ],
    }
