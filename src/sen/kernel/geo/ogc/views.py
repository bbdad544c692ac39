"""Operations of OGC API Features and Tiles."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError
from sen.kernel.geo import tiles
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.ogc import documents, items, transactions
from sen.kernel.geo.ogc.answers import (
    BASE,
    View,
    as_bytes,
    as_json,
    as_page,
    base_of,
    form_of,
    layer_of,
    ogc_view,
)
from sen.kernel.geo.ogc.documents import GEOJSON, HTML, OPENAPI, TILEJSON, TMS, link
from sen.kernel.geo.ogc.openapi import openapi
from sen.kernel.geo.ogc.openapi import queryables as schema_of
from sen.kernel.geo.ogc.parameters import ItemsQuery, item_crs, items_query, only, wrong

MAX_ID = 2**63 - 1


@ogc_view
def landing(request: HttpRequest) -> HttpResponse:
    only(request.GET, {"f"})
    document = documents.landing(base_of(request))
    if form_of(request, "json", "html") == "json":
        return as_json(request, document)
    entries = [
        {"href": f"{BASE}/collections?f=html", "title": _("Các bộ dữ liệu")},
        {"href": f"{BASE}/api?f=html", "title": _("Tài liệu giao diện")},
        {"href": f"{BASE}/conformance?f=html", "title": _("Các lớp tuân thủ")},
        {"href": f"{BASE}/tileMatrixSets?f=html", "title": _("Lưới ô bản đồ")},
    ]
    about = document["description"]
    return as_page(request, "links", document["title"], [], description=about, entries=entries)


@ogc_view
def api(request: HttpRequest) -> HttpResponse:
    only(request.GET, {"f"})
    document = openapi(base_of(request), actor_of(request))
    if form_of(request, "json", "html") == "json":
        return as_json(request, document, OPENAPI)
    entries = [
        {
            "href": f"{BASE}{path}" if "{" not in path else "?f=json",
            "title": path,
            "note": operation["get"]["summary"],
        }
        for path, operation in document["paths"].items()
    ]
    return as_page(
        request,
        "links",
        document["info"]["title"],
        [],
        entries=entries,
        description=document["info"]["description"],
    )


@ogc_view
def conformance(request: HttpRequest) -> HttpResponse:
    only(request.GET, {"f"})
    if form_of(request, "json", "html") == "json":
        return as_json(request, {"conformsTo": documents.CONFORMANCE})
    entries = [{"href": uri, "title": uri} for uri in documents.CONFORMANCE]
    return as_page(request, "links", _("Các lớp tuân thủ"), [], entries=entries)


@ogc_view
def collections(request: HttpRequest) -> HttpResponse:
    only(request.GET, {"f"})
    document = documents.collections(base_of(request), actor_of(request))
    if form_of(request, "json", "html") == "json":
        return as_json(request, document)
    entries = [
        {
            "href": f"{BASE}/collections/{found['id']}?f=html",
            "title": found["title"],
            "note": found["id"],
        }
        for found in document["collections"]
    ]
    return as_page(request, "links", _("Các bộ dữ liệu"), [], entries=entries)


@ogc_view
def collection(request: HttpRequest, name: str) -> HttpResponse:
    only(request.GET, {"f"})
    layer = layer_of(request, name)
    document = documents.collection(base_of(request), layer, actor_of(request))
    if form_of(request, "json", "html") == "json":
        return as_json(request, document)
    box = document.get("extent", {}).get("spatial", {}).get("bbox", [None])[0]
    facts = [
        (_("Mã"), layer.name),
        (_("Phạm vi (kinh độ, vĩ độ)"), ", ".join(map(str, box)) if box else None),
        (_("Thuộc tính"), ", ".join(layer.fields)),
        (_("Hệ tọa độ"), ", ".join(document["crs"])),
    ]
    return as_page(
        request,
        "collection",
        document["title"],
        _crumbs(),
        layer=layer,
        facts=facts,
        here=f"{BASE}/collections/{layer.name}",
    )


@ogc_view
def queryables(request: HttpRequest, name: str) -> HttpResponse:
    """What the filters of a collection may ask for."""
    only(request.GET, {"f"})
    layer = layer_of(request, name)
    document = schema_of(base_of(request), layer, actor_of(request))
    if form_of(request, "json", "html") == "json":
        return as_json(request, document, documents.SCHEMA)
    entries = [
        {
            "href": "?f=json",
            "title": said,
            "note": f"{found.get('title', '')} ({found.get('type', found.get('format', ''))})",
        }
        for said, found in document["properties"].items()
    ]
    crumbs = _crumbs(layer, document["title"])
    return as_page(request, "links", _("Thuộc tính để lọc"), crumbs, entries=entries)


def _crumbs(layer: Layer | None = None, title: str = "") -> list[tuple[str, str]]:
    found = [(f"{BASE}/collections?f=html", _("Các bộ dữ liệu"))]
    if layer is not None:
        found.append((f"{BASE}/collections/{layer.name}?f=html", title))
    return found


def _features(request: HttpRequest, name: str) -> HttpResponse:
    """``/items``: one page of features; POST enters one."""
    if request.method == "POST":
        return transactions.create(request, name)
    if request.method == "OPTIONS":
        return transactions.options(request, name, one=False)
    layer = layer_of(request, name)
    query = items_query(layer, request.GET)
    form = form_of(request, "json", "html")
    page = items.items(layer.access(actor_of(request)), query)
    if form == "html":
        return _features_page(request, layer, page)
    base = base_of(request)
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "numberReturned": page.returned,
    }
    if page.matched is not None:
        head["numberMatched"] = page.matched
    head["links"] = _page_links(request, f"{base}/collections/{layer.name}", page)
    body = orjson.dumps(head)[:-1] + b',"features":[' + page.features + b"]}"
    return _geojson(request, body, query)


def _geojson(request: HttpRequest, body: bytes, query: ItemsQuery) -> HttpResponse:
    return as_bytes(request, body, GEOJSON, Content_Crs=f"<{query.crs.uri}>")


def _page_links(request: HttpRequest, here: str, page: items.Items) -> list[dict[str, Any]]:
    query = request.GET.copy()
    query.pop("f", None)
    rest = query.urlencode()
    url = f"{here}/items?{rest}&" if rest else f"{here}/items?"
    found = [
        link(f"{url}f=json", "self", GEOJSON),
        link(f"{url}f=html", "alternate", HTML),
        link(f"{here}?f=json", "collection", documents.JSON),
    ]
    if page.has_more:
        query["after"] = str(page.last_id)
        found.append(link(f"{here}/items?{query.urlencode()}&f=json", "next", GEOJSON))
    return found


def _with(request: HttpRequest, url: str, **changes: str) -> str:
    query = request.GET.copy()
    for name, text in changes.items():
        query[name] = text
    return f"{url}?{query.urlencode()}"


def _features_page(request: HttpRequest, layer: Layer, page: items.Items) -> HttpResponse:
    title = documents.title_of(layer, actor_of(request))
    here = f"{BASE}/collections/{layer.name}/items"
    rows = [
        {
            "id": feature["id"],
            "url": f"{here}/{feature['id']}?f=html",
            "cells": list(feature["properties"].values()),
        }
        for feature in orjson.loads(b"[" + page.features + b"]")
    ]
    return as_page(
        request,
        "items",
        title,
        _crumbs(layer, title),
        names=list(layer.fields),
        rows=rows,
        count_text=_count_text(page),
        first_url=f"{here}?f=html",
        next_url=_with(request, here, f="html", after=str(page.last_id)) if page.has_more else "",
    )


def _count_text(page: items.Items) -> str:
    if page.matched is None:
        text = _("Hiện %(shown)s trên hơn %(cap)s đối tượng")
        return text % {"shown": page.returned, "cap": items.COUNT_CAP}
    text = _("Hiện %(shown)s trên %(all)s đối tượng")
    return text % {"shown": page.returned, "all": page.matched}


def _feature(request: HttpRequest, name: str, feature_id: int) -> HttpResponse:
    """One feature; PUT and PATCH write it, DELETE takes it out."""
    if request.method in ("PUT", "PATCH"):
        return transactions.change(request, name, feature_id)
    if request.method == "DELETE":
        return transactions.delete(request, name, feature_id)
    if request.method == "OPTIONS":
        return transactions.options(request, name, one=True)
    layer = layer_of(request, name)
    crs = item_crs(request.GET)
    form = form_of(request, "json", "html")
    found = None
    if feature_id <= MAX_ID:
        found = items.item(layer.access(actor_of(request)), feature_id, crs)
    if found is None:
        raise NotFoundError(_("đối tượng"), feature_id)
    text, version = found
    if form == "html":
        return _feature_page(request, layer, orjson.loads(text))
    here = f"{base_of(request)}/collections/{layer.name}"
    links = [
        link(_with(request, f"{here}/items/{feature_id}", f="json"), "self", GEOJSON),
        link(_with(request, f"{here}/items/{feature_id}", f="html"), "alternate", HTML),
        link(f"{here}?f=json", "collection", documents.JSON),
    ]
    body = text[:-1] + b',"links":' + orjson.dumps(links) + b"}"
    return as_bytes(request, body, GEOJSON, version=version, Content_Crs=f"<{crs.uri}>")


def _feature_page(request: HttpRequest, layer: Layer, found: dict[str, Any]) -> HttpResponse:
    title = documents.title_of(layer, actor_of(request))
    here = f"{BASE}/collections/{layer.name}"
    crumbs = [*_crumbs(layer, title), (f"{here}/items?f=html", _("Đối tượng"))]
    point = _first_point((found["geometry"] or {}).get("coordinates"))
    return as_page(
        request,
        "item",
        f"{title} {found['id']}",
        crumbs,
        layer=layer,
        facts=list(found["properties"].items()),
        focus=f"{point[0]},{point[1]},15" if point else "",
    )


def _first_point(coordinates: Any) -> list[float] | None:
    while isinstance(coordinates, list) and coordinates and isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return coordinates if isinstance(coordinates, list) and len(coordinates) >= 2 else None


features: View = ogc_view(_features, "POST", "OPTIONS")
feature: View = ogc_view(_feature, "PUT", "PATCH", "DELETE", "OPTIONS")
#: These read with one statement, which brings its own transaction along.
for _view in (features, feature):
    _view.sen_no_transaction = True  # type: ignore[attr-defined]


@ogc_view
def tile_matrix_sets(request: HttpRequest) -> HttpResponse:
    only(request.GET, {"f"})
    if form_of(request, "json", "html") == "json":
        return as_json(request, documents.tile_matrix_sets(base_of(request)))
    entries = [{"href": f"{BASE}/tileMatrixSets/{TMS}?f=html", "title": TMS}]
    return as_page(request, "links", _("Lưới ô bản đồ"), [], entries=entries)


@ogc_view
def tile_matrix_set(request: HttpRequest, tms: str) -> HttpResponse:
    only(request.GET, {"f"})
    _known_grid(tms)
    document = documents.tile_matrix_set()
    if form_of(request, "json", "html") == "json":
        return as_json(request, document)
    entries = [
        {
            "href": "?f=json",
            "title": f"{matrix['id']}",
            "note": f"1 : {matrix['scaleDenominator']:.0f}",
        }
        for matrix in document["tileMatrices"]
    ]
    return as_page(request, "links", TMS, [], entries=entries)


def _known_grid(tms: str) -> None:
    if tms != TMS:
        raise NotFoundError(_("lưới ô bản đồ"), tms)


@ogc_view
def tilesets(request: HttpRequest, name: str) -> HttpResponse:
    only(request.GET, {"f"})
    layer = layer_of(request, name)
    if form_of(request, "json", "html") == "json":
        return as_json(request, documents.tilesets(base_of(request), layer, actor_of(request)))
    title = documents.title_of(layer, actor_of(request))
    entries = [{"href": f"{BASE}/collections/{layer.name}/tiles/{TMS}?f=html", "title": TMS}]
    return as_page(request, "links", _("Ô bản đồ véc-tơ"), _crumbs(layer, title), entries=entries)


@ogc_view
def tileset(request: HttpRequest, name: str, tms: str) -> HttpResponse:
    only(request.GET, {"f"})
    layer = layer_of(request, name)
    _known_grid(tms)
    form = form_of(request, "json", "html", "tilejson")
    base, actor = base_of(request), actor_of(request)
    if form == "tilejson":
        return as_json(request, documents.tilejson(base, layer, actor), TILEJSON)
    document = documents.tileset(base, layer, actor)
    if form == "json":
        return as_json(request, document)
    entries = [{"href": "?f=tilejson", "title": "TileJSON"}]
    return as_page(request, "links", TMS, _crumbs(layer, document["title"]), entries=entries)


@ogc_view
def tile(request: HttpRequest, name: str, tms: str, z: int, y: int, x: int) -> HttpResponse:
    only(request.GET, {"f"})
    if request.GET.get("f", "mvt") != "mvt":
        raise wrong("f", _("ô bản đồ chỉ có dạng mvt"))
    layer = layer_of(request, name)
    _known_grid(tms)
    shown = tiles.TileSet(name, (layer.access(actor_of(request)),))
    address = tiles.Address(shown, "", z, x, y)
    if not address.exists:
        raise NotFoundError(_("ô bản đồ"), f"{z}/{y}/{x}")
    response = tiles.respond(request, address)
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Accept-Encoding, Cookie, Authorization"
    return response


tile.sen_no_transaction = True  # type: ignore[attr-defined]


@ogc_view
def missing(request: HttpRequest, path: str) -> HttpResponse:
    raise NotFoundError(_("địa chỉ"), f"{BASE}/{path}")
