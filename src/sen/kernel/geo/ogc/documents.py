"""Documents of the OGC API, derived from the registry: landing, conformance, collections, tiles."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from django.utils.translation import gettext as _

from sen.kernel.access.scope import Actor
from sen.kernel.geo.layers import GeometryKind, Layer, visible_layers
from sen.kernel.geo.ogc.crs import CRS84, SYSTEMS
from sen.kernel.geo.ogc.items import extent
from sen.kernel.geo.tiles import MEDIA_TYPE

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
TILEJSON: Final = "application/vnd.mapbox.tile+json"
TMS: Final = "WebMercatorQuad"
TMS_URI: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
_HALF: Final = 20037508.342789244
_PIXEL_M: Final = 0.00028

CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/features",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilejson",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
)


def link(href: str, rel: str, kind: str, title: str = "", **more: Any) -> dict[str, Any]:
    """A link object."""
    found: dict[str, Any] = {"href": href, "rel": rel, "type": kind}
    return found | ({"title": title} if title else {}) | more


def both(href: str, kind: str = JSON, title: str = "") -> list[dict[str, Any]]:
    """``self`` in JSON and ``alternate`` in HTML."""
    return [
        link(f"{href}?f=json", "self", kind, title),
        link(f"{href}?f=html", "alternate", HTML, title),
    ]


def landing(base: str) -> dict[str, Any]:
    """The landing page."""
    return {
        "title": _("Dịch vụ dữ liệu không gian giao thông"),
        "description": _(
            "Các lớp dữ liệu hạ tầng giao thông theo chuẩn OGC API Features và OGC API Tiles. "
            "Mỗi người chỉ thấy dữ liệu mà mình được phép xem."
        ),
        "attribution": _("Sen, nền tảng hạ tầng giao thông của tỉnh"),
        "links": [
            *both(f"{base}/"),
            link(f"{base}/api?f=json", "service-desc", OPENAPI, _("Mô tả giao diện (OpenAPI)")),
            link(f"{base}/api?f=html", "service-doc", HTML, _("Tài liệu giao diện")),
            link(f"{base}/conformance?f=json", "conformance", JSON, _("Các lớp tuân thủ")),
            link(f"{base}/collections?f=json", "data", JSON, _("Các bộ dữ liệu")),
            link(
                f"{base}/tileMatrixSets?f=json", f"{_REL}tiling-schemes", JSON, _("Lưới ô bản đồ")
            ),
        ],
    }


def collections(base: str, actor: Actor) -> dict[str, Any]:
    """Every layer of which the actor may see rows."""
    return {
        "links": both(f"{base}/collections"),
        "crs": [system.uri for system in SYSTEMS],
        "collections": [collection(base, layer, actor) for layer in visible_layers(actor)],
    }


def collection(base: str, layer: Layer, actor: Actor) -> dict[str, Any]:
    """One layer as a collection."""
    here = f"{base}/collections/{layer.name}"
    found: dict[str, Any] = {
        "id": layer.name,
        "title": title_of(layer, actor),
        "description": str(layer.description or title_of(layer, actor)),
        "itemType": "feature",
        "crs": [system.uri for system in SYSTEMS],
        "storageCrs": CRS84.uri,
        "links": [
            *both(here),
            link(f"{here}/items?f=json", "items", GEOJSON, _("Đối tượng")),
            link(f"{here}/items?f=html", "items", HTML, _("Đối tượng")),
            link(f"{here}/queryables?f=json", f"{_REL}queryables", SCHEMA, _("Thuộc tính để lọc")),
            link(f"{here}/tiles?f=json", f"{_REL}tilesets-vector", JSON, _("Ô bản đồ véc-tơ")),
        ],
    }
    if layer.attribution:
        found["attribution"] = str(layer.attribution)
    box = extent(layer.access(actor))
    if box is not None:
        found["extent"] = {"spatial": {"bbox": [box], "crs": CRS84.uri}}
    return found


def title_of(layer: Layer, actor: Actor) -> str:
    return str(layer.title if actor.is_authenticated else layer.public_title or layer.title)


def tile_matrix_sets(base: str) -> dict[str, Any]:
    here = f"{base}/tileMatrixSets"
    return {
        "links": both(here),
        "tileMatrixSets": [
            {
                "id": TMS,
                "title": TMS,
                "uri": TMS_URI,
                "crs": MERCATOR,
                "links": both(f"{here}/{TMS}"),
            }
        ],
    }


def tile_matrix_set() -> dict[str, Any]:
    """The grid of all web maps."""
    matrices: list[dict[str, Any]] = []
    for zoom in range(25):
        cell_m = 2 * _HALF / 256 / 2**zoom
        matrices.append(
            {
                "id": str(zoom),
                "scaleDenominator": cell_m / _PIXEL_M,
                "cellSize": cell_m,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-_HALF, _HALF],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 2**zoom,
                "matrixHeight": 2**zoom,
            }
        )
    return {
        "id": TMS,
        "title": TMS,
        "uri": TMS_URI,
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    }


def tilesets(base: str, layer: Layer, actor: Actor) -> dict[str, Any]:
    """The one tileset of a layer, as a list."""
    here = f"{base}/collections/{layer.name}/tiles"
    return {
        "links": both(here),
        "tilesets": [
            {
                "title": title_of(layer, actor),
                "dataType": "vector",
                "crs": MERCATOR,
                "tileMatrixSetURI": TMS_URI,
                "links": [
                    *both(f"{here}/{TMS}"),
                    link(f"{base}/tileMatrixSets/{TMS}?f=json", f"{_REL}tiling-scheme", JSON, TMS),
                    _item_link(here),
                ],
            }
        ],
    }


def _item_link(here: str) -> dict[str, Any]:
    template = f"{here}/{TMS}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return link(template, "item", MEDIA_TYPE, _("Ô bản đồ véc-tơ"), templated=True)


def tileset(base: str, layer: Layer, actor: Actor) -> dict[str, Any]:
    """What a client must know before it asks for tiles."""
    here = f"{base}/collections/{layer.name}/tiles"
    found: dict[str, Any] = {
        "title": title_of(layer, actor),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": TMS_URI,
        "layers": [
            {
                "id": layer.name,
                "dataType": "vector",
                "geometryDimension": _DIMENSION[layer.geometry_kind],
                "minTileMatrix": str(layer.minzoom),
                "maxTileMatrix": str(layer.maxzoom),
            }
        ],
        "links": [
            *both(f"{here}/{TMS}"),
            link(f"{here}/{TMS}?f=tilejson", "describedby", TILEJSON, "TileJSON"),
            link(f"{base}/tileMatrixSets/{TMS}?f=json", f"{_REL}tiling-scheme", JSON, TMS),
            _item_link(here),
        ],
    }
    box = extent(layer.access(actor))
    if box is not None:
        found["boundingBox"] = {
            "crs": CRS84.uri,
            "lowerLeft": list(box[:2]),
            "upperRight": list(box[2:]),
        }
    return found


_DIMENSION: Final = {GeometryKind.POINT: 0, GeometryKind.LINE: 1, GeometryKind.POLYGON: 2}


def tilejson(base: str, layer: Layer, actor: Actor) -> dict[str, Any]:
    """TileJSON 3.0 of a layer."""
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": title_of(layer, actor),
        "scheme": "xyz",
        "tiles": [f"{base}/collections/{quote(layer.name)}/tiles/{TMS}/{{z}}/{{y}}/{{x}}"],
        "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom,
        "vector_layers": [
            {
                "id": layer.name,
                "description": title_of(layer, actor),
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
                "fields": {path: path for path in layer.tile_fields},
            }
        ],
    }
    if layer.attribution:
        found["attribution"] = str(layer.attribution)
    box = extent(layer.access(actor))
    return found | ({"bounds": list(box)} if box is not None else {})
