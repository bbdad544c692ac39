"""Vector tiles: drawn by PostGIS, kept as files, stale only where something changed."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from isal import igzip

from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.geo import cache
from sen.kernel.geo.cache import TileKey
from sen.kernel.geo.changes import changes
from sen.kernel.geo.layers import GROUND, PUBLIC, LayerAccess, layers
from sen.kernel.geo.reading import read_one
from sen.kernel.geo.sql import Sql, condition, literal, quote, row_condition, tile_value

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
EXTENT: Final = 4096
#: Units of the extent drawn beyond each edge, so that lines and symbols meet their other half.
BUFFER: Final = 64
YEAR_S: Final = 31_536_000
_SNAPSHOT: Final = (
    "CASE WHEN pg_current_xact_id_if_assigned() IS NULL "
    "THEN pg_current_snapshot()::text ELSE '' END"
)
#: As small as the fourth level of zlib in a seventh of its time.
_EFFORT: Final = 2
#: Seconds for which an answer to an outdated address may be reused.
STALE_S: Final = 30


@dataclass(frozen=True)
class TileSet:
    """What one address of tiles shows: one layer, or several as layers of the same tile."""

    name: str
    accesses: tuple[LayerAccess, ...]

    @cached_property
    def minzoom(self) -> int:
        return min(access.layer.minzoom for access in self.accesses)

    @cached_property
    def maxzoom(self) -> int:
        return max(access.layer.maxzoom for access in self.accesses)

    @cached_property
    def is_empty(self) -> bool:
        """Whether the actor may see no row at all; the tiles then do not exist for them."""
        return all(access.is_empty for access in self.accesses)

    @cached_property
    def is_public(self) -> bool:
        return all(access.is_public for access in self.accesses)

    @cached_property
    def scope(self) -> str:
        """Names the scopes together: ``p`` for what everybody sees. Part of every cache key."""
        if self.is_public:
            return PUBLIC
        return _digest("".join(access.digest for access in self.accesses), 16)

    @cached_property
    def declaration(self) -> str:
        """Changes with the declaration of any layer."""
        if len(self.accesses) == 1:
            return self.accesses[0].layer.digest
        return _digest("".join(access.layer.digest for access in self.accesses), 6)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Tables whose changes make the tiles stale; changes of quoted rows are noted there too."""
        return tuple(dict.fromkeys(access.layer.table for access in self.accesses))

    @cached_property
    def reader(self) -> Actor:
        return ANONYMOUS if self.is_public else self.accesses[0].actor

    def epoch(self, at_least: int = 0) -> str:
        """The part of a tile's URL that names scope, declaration and version of what it shows."""
        version = changes.version(self.sources, at_least)
        return f"{self.scope}-{self.declaration}-{version}"

    @property
    def url(self) -> str:
        """The URL template of the tiles as they are now."""
        return f"/tiles/{self.name}/{self.epoch()}/{{z}}/{{x}}/{{y}}.mvt"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def tileset(name: str, actor: Actor) -> TileSet | None:
    """The tiles of that name as an actor sees them; what is on the ground everybody sees."""
    if name == GROUND:
        grounds = tuple(layer.access(ANONYMOUS) for layer in layers if layer.basemap)
        return TileSet(GROUND, grounds) if grounds else None
    layer = layers.get(name)
    return None if layer is None else TileSet(name, (layer.access(actor),))


@dataclass(frozen=True, slots=True)
class Address:
    """A tile as its URL names it."""

    tiles: TileSet
    epoch: str
    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        side = 1 << self.z if self.z <= self.tiles.maxzoom else 0
        return 0 <= self.x < side and 0 <= self.y < side

    @property
    def version(self) -> int:
        """The version that the URL was made for; 0 when it names none."""
        text = self.epoch.rpartition("-")[2]
        return int(text) if text.isdecimal() and len(text) < 19 else 0


@dataclass(frozen=True, slots=True)
class _Statement:
    """The SQL of one layer of a tile; z, x, y go twice between the two groups of parameters."""

    text: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]

    def at(self, z: int, x: int, y: int) -> list[Any]:
        return [*self.before, z, x, y, z, x, y, *self.after]


_statements: dict[tuple[str, str, int, str], _Statement] = {}


def _statement(access: LayerAccess, zoom: int) -> _Statement:
    """The statement for an access and a zoom, built once per scope."""
    zoom_key, zoom_q = access.layer.zoom_condition(zoom)
    key = (access.layer.name, access.layer.digest, zoom_key, access.digest)
    known = _statements.get(key)
    if known is None:
        if len(_statements) > 1000:
            _statements.clear()
        known = _statements[key] = _build(access, zoom_q, None)
    return known


def _build(access: LayerAccess, zoom_q: Q | None, filter_q: Q | None) -> _Statement:
    layer = access.layer
    table = quote(layer.table)
    values = [(path, tile_value(layer, path, access.scopes)) for path in layer.tile_fields]
    columns = "".join(f", {found.text} AS {quote(path)}" for path, found in values)
    where = row_condition(access)
    for q in (zoom_q, filter_q):
        if q is not None:
            where &= condition(layer.model, q)
    text = f"""(
  SELECT ST_AsMVT(m, {literal(layer.name)}, {EXTENT}, 'g', 'id') FROM (
    SELECT {table}."id" AS id{columns},
      ST_AsMVTGeom({table}.geom_3857, ST_TileEnvelope(%s, %s, %s), {EXTENT}, {BUFFER}, true) AS g
    FROM {table}
    WHERE {table}.geom_3857 && ST_TileEnvelope(%s, %s, %s, margin => {BUFFER / EXTENT})
      AND {where.text}) m)"""  # noqa: S608  names of the registry, values bound
    before = tuple(param for _, found in values for param in found.params)
    return _Statement(text, before, tuple(where.params))


def draw(shown: TileSet, z: int, x: int, y: int, q: Q | None = None) -> tuple[bytes, str]:
    """Draw a tile with the rights of the actor.

    Returns the tile (gzip; empty when nothing lies there) and the snapshot that it was read in,
    which is empty in a transaction that wrote: what it drew may never come to be.
    """
    statements = [
        _statement(access, z) if q is None else _build(access, access.layer.zoom_condition(z)[1], q)
        for access in shown.accesses
        if access.layer.minzoom <= z and not access.is_empty
    ]
    # Layers of a tile may simply follow each other; one statement reads them in one snapshot.
    body = " || ".join(f"coalesce({statement.text}, '')" for statement in statements) or "''::bytea"
    params = [param for statement in statements for param in statement.at(z, x, y)]
    seen, found = read_one(shown.reader, Sql(f"SELECT {_SNAPSHOT}, {body}", params))
    raw = bytes(found)
    return (igzip.compress(raw, _EFFORT, mtime=0) if raw else b""), seen


def tile_of(shown: TileSet, z: int, x: int, y: int) -> bytes:
    """The cached tile while nothing in it changed, else a new one."""
    known = cached(shown, z, x, y)
    return known if known is not None else drawn(shown, z, x, y)


def drawn(shown: TileSet, z: int, x: int, y: int) -> bytes:
    """A new tile, kept for the next who asks."""
    body, snapshot = draw(shown, z, x, y)
    if body and snapshot:
        cache.write(_key(shown, z, x, y), body, snapshot)
    return body


def cached(shown: TileSet, z: int, x: int, y: int) -> bytes | None:
    """The cached tile while nothing in it changed."""
    known = cache.read(_key(shown, z, x, y))
    if known is None or not changes.saw_all(known.snapshot, shown.sources, z, x, y):
        return None
    return known.body


def _key(shown: TileSet, z: int, x: int, y: int) -> TileKey:
    folder = f"{shown.name}-{shown.declaration}"
    return TileKey(changes.identity, folder, shown.scope, z, x, y)


def respond(request: HttpRequest, address: Address, q: Q | None = None) -> HttpResponse:
    """The answer to a tile request: 200, 204 for nothing there, 304, or 404."""
    shown = address.tiles
    if shown.is_empty or not address.exists:
        return HttpResponse("Không có ô bản đồ này.", status=404, content_type="text/plain")
    current = shown.epoch(at_least=address.version)
    if address.z < shown.minzoom:
        body = b""
    elif q is None:
        body = tile_of(shown, address.z, address.x, address.y)
    else:
        body, _ = draw(shown, address.z, address.x, address.y, q)
    response = _answer(request, body)
    is_current = q is None and address.epoch == current
    response["Cache-Control"] = cache_control(shown, is_current=is_current)
    response["Vary"] = "Accept-Encoding" if shown.is_public else "Accept-Encoding, Cookie"
    return response


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    if not body:
        return HttpResponse(status=204)
    etag = etag_of(body)
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": etag})
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(body, content_type=MEDIA_TYPE)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(body), content_type=MEDIA_TYPE)
    response["ETag"] = etag
    response["Content-Length"] = str(len(response.content))
    return response


def cache_control(shown: TileSet, *, is_current: bool) -> str:
    who = "public" if shown.is_public else "private"
    if is_current:
        return f"{who}, max-age={YEAR_S}, immutable"
    return f"{who}, max-age={STALE_S}" if shown.is_public else "private, no-cache"


def is_public_epoch(text: str) -> bool:
    """Whether a tile's URL asks for what everybody may see, whoever asks."""
    return text.startswith(f"{PUBLIC}-")
