"""The OpenAPI 3.0 document of the OGC API, for the layers that the actor may see."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import Layer, visible_layers
from sen.kernel.geo.ogc import writing
from sen.kernel.geo.ogc.cql2.reading import LANGUAGES, MAX_LENGTH
from sen.kernel.geo.ogc.crs import CRS84, SYSTEMS
from sen.kernel.geo.ogc.documents import GEOJSON, HTML, JSON, TILEJSON, TMS, title_of
from sen.kernel.geo.ogc.parameters import LIMIT_DEFAULT, LIMIT_MAX
from sen.kernel.geo.sql import last_field
from sen.kernel.geo.tiles import MEDIA_TYPE

Document = dict[str, Any]

_TYPES: Final[tuple[tuple[type[models.Field[Any, Any]], Document], ...]] = (
    (models.BooleanField, {"type": "boolean"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.IntegerField, {"type": "integer"}),
    (models.ForeignKey, {"type": "integer"}),
    (models.FloatField, {"type": "number"}),
    (models.DecimalField, {"type": "number"}),
)


def type_of(layer: Layer, path: str) -> Document:
    """The JSON type of a property."""
    item = last_field(layer.model, path)
    return next((dict(said) for kind, said in _TYPES if isinstance(item, kind)), {"type": "string"})


def queryables(base: str, layer: Layer, actor: Actor) -> Document:
    """What filters may ask for, as a JSON Schema."""
    shape = {"x-ogc-role": "primary-geometry", "format": f"geometry-{layer.geometry_kind}-any"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{layer.name}/queryables",
        "type": "object",
        "title": title_of(layer, actor),
        "properties": {
            "id": {"type": "integer", "x-ogc-role": "id"},
            **{name: queryable(layer, path) for name, path in layer.fields.items()},
            "geom": {"title": _("Vị trí"), **shape},
        },
        "additionalProperties": False,
    }


def queryable(layer: Layer, path: str) -> Document:
    """One property: its words on screens, its type, and its values if they are listed."""
    found = type_of(layer, path)
    item = last_field(layer.model, path)
    if item is not None:
        found["title"] = str(item.verbose_name)
        if item.flatchoices:
            found["oneOf"] = [
                {"const": code, "title": str(label)} for code, label in item.flatchoices
            ]
    return found


def openapi(base: str, actor: Actor) -> Document:
    """The whole document."""
    paths: Document = {
        "/": _get("getLanding", _("Trang đầu"), _ok(JSON, HTML), [_f("json", "html")]),
        "/conformance": _get(
            "getConformance", _("Các lớp tuân thủ"), _ok(JSON, HTML), [_f("json", "html")]
        ),
        "/collections": _get(
            "getCollections", _("Các bộ dữ liệu"), _ok(JSON, HTML), [_f("json", "html")]
        ),
        "/tileMatrixSets": _get(
            "getTileMatrixSets", _("Lưới ô bản đồ"), _ok(JSON, HTML), [_f("json", "html")]
        ),
        f"/tileMatrixSets/{TMS}": _get(
            "getTileMatrixSet", TMS, _ok(JSON, HTML), [_f("json", "html")]
        ),
    }
    for layer in visible_layers(actor):
        paths |= _layer_paths(layer, actor)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": _("Dịch vụ dữ liệu không gian giao thông"),
            "version": "1.0.0",
            "description": _(
                "OGC API Features 1.0 (Core, CRS, lọc theo CQL2) và OGC API Tiles 1.0."
            ),
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": _SCHEMAS, "responses": _responses()},
    }


def _layer_paths(layer: Layer, actor: Actor) -> Document:
    here = f"/collections/{layer.name}"
    name, title = layer.name.replace("-", "_"), title_of(layer, actor)
    one = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
    }
    both = _ok(JSON, HTML)
    items = _ok(GEOJSON, HTML, {"$ref": "#/components/schemas/featureCollectionGeoJSON"})
    item = _ok(GEOJSON, HTML, {"$ref": "#/components/schemas/featureGeoJSON"})
    to_items, to_item = writing.operations(layer, actor, title, one)
    return {
        here: _get(f"describe_{name}", title, both, [_f("json", "html")], name),
        f"{here}/items": _get(f"items_{name}", title, items, _items_parameters(layer), name)
        | to_items,
        f"{here}/items/{{featureId}}": _get(
            f"item_{name}", title, item, [one, _crs("crs"), _f("json", "html")], name
        )
        | to_item,
        f"{here}/queryables": _get(f"queryables_{name}", title, both, [_f("json", "html")], name),
        f"{here}/tiles": _get(f"tilesets_{name}", title, both, [_f("json", "html")], name),
        f"{here}/tiles/{TMS}": _get(
            f"tileset_{name}",
            title,
            both,
            [_f("json", "html", "tilejson")],
            name,
        ),
        f"{here}/tiles/{TMS}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": _get(
            f"tile_{name}", title, _tile_responses(), _tile_parameters(layer), name
        ),
    }


def _get(
    operation: str, summary: str, responses: Document, parameters: list[Document], tag: str = "api"
) -> Document:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": [tag],
            "parameters": parameters,
            "responses": responses
            | {
                "400": {"$ref": "#/components/responses/InvalidParameter"},
                "404": {"$ref": "#/components/responses/NotFound"},
                "500": {"$ref": "#/components/responses/ServerError"},
            },
        }
    }


def _ok(kind: str, html: str, schema: Document | None = None) -> Document:
    body = {"schema": schema or {"type": "object"}}
    content = {kind: body, html: {"schema": {"type": "string"}}}
    if kind == JSON:
        content[TILEJSON] = body
    return {"200": {"description": _("Thành công"), "content": content}}


def _tile_responses() -> Document:
    content = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    return {
        "200": {"description": _("Ô bản đồ"), "content": content},
        "204": {"description": _("Ô trống")},
    }


def _f(*known: str) -> Document:
    schema = {"type": "string", "enum": list(known)}
    return {"name": "f", "in": "query", "schema": schema, "description": _("Dạng trả về")}


def _crs(name: str) -> Document:
    schema = {
        "type": "string",
        "format": "uri",
        "enum": [system.uri for system in SYSTEMS],
        "default": CRS84.uri,
    }
    return {"name": name, "in": "query", "schema": schema, "description": _("Hệ tọa độ")}


def _items_parameters(layer: Layer) -> list[Document]:
    box = {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    found: list[Document] = [
        _f("json", "html"),
        {
            "name": "limit",
            "in": "query",
            "schema": {
                "type": "integer",
                "minimum": 1,
                "maximum": LIMIT_MAX,
                "default": LIMIT_DEFAULT,
            },
        },
        {"name": "after", "in": "query", "schema": {"type": "integer"}},
        {"name": "bbox", "in": "query", "style": "form", "explode": False, "schema": box},
        _crs("bbox-crs"),
        {"name": "datetime", "in": "query", "schema": {"type": "string"}},
        _crs("crs"),
        {
            "name": "filter",
            "in": "query",
            "schema": {"type": "string", "maxLength": MAX_LENGTH},
            "description": _(
                "Bộ lọc CQL2, ví dụ: length_m > 100 AND CASEI(name) LIKE CASEI('cầu%')"
            ),
        },
        {
            "name": "filter-lang",
            "in": "query",
            "schema": {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]},
        },
        _crs("filter-crs"),
    ]
    for name, path in layer.fields.items():
        found.append({"name": name, "in": "query", "schema": type_of(layer, path)})
    return found


def _tile_parameters(layer: Layer) -> list[Document]:
    top = 2**layer.maxzoom - 1
    limits = {"tileMatrix": layer.maxzoom, "tileRow": top, "tileCol": top}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": most},
        }
        for name, most in limits.items()
    ]


def _responses() -> Document:
    body = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {
        "InvalidParameter": {"description": _("Tham số sai"), "content": body},
        "NotFound": {"description": _("Không có"), "content": body},
        "ServerError": {"description": _("Lỗi của hệ thống"), "content": body},
    }


_LINK: Final[Document] = {
    "type": "object",
    "required": ["href"],
    "properties": {
        "href": {"type": "string"},
        "rel": {"type": "string"},
        "type": {"type": "string"},
        "title": {"type": "string"},
    },
}
_GEOMETRY: Final[Document] = {
    "type": "object",
    "nullable": True,
    "required": ["type", "coordinates"],
    "properties": {
        "type": {
            "type": "string",
            "enum": [
                "Point",
                "MultiPoint",
                "LineString",
                "MultiLineString",
                "Polygon",
                "MultiPolygon",
                "GeometryCollection",
            ],
        },
        "coordinates": {"type": "array", "items": {}},
    },
}
_SCHEMAS: Final[Document] = {
    "problem": {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
    "featureGeoJSON": {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": _GEOMETRY,
            "properties": {"type": "object", "nullable": True},
            "links": {"type": "array", "items": _LINK},
        },
    },
    "featureCollectionGeoJSON": {
        "type": "object",
        "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
            "links": {"type": "array", "items": _LINK},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
}
