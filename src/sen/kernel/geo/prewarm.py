"""Drawing the tiles of small zooms before anybody asks: they cost most and everybody needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo import cache
from sen.kernel.geo.changes import changes
from sen.kernel.geo.layers import GROUND, LayerAccess, layers
from sen.kernel.geo.reading import read
from sen.kernel.geo.sql import Sql, quote, row_condition
from sen.kernel.geo.tiles import TileSet, tile_of, tileset

DEFAULT_ZOOM: Final = 12
#: Bytes that the cache may take on disk; the longest unwritten tiles go first.
MAX_BYTES: Final = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Prewarmed:
    """What was done for one layer; ``filled`` tiles hold something."""

    layer: str
    tiles: int
    filled: int


def prewarm(
    *,
    names: list[str] | None = None,
    max_zoom: int = DEFAULT_ZOOM,
    progress: Callable[[Prewarmed], None] | None = None,
) -> list[Prewarmed]:
    """Draw the public tiles of layers up to a zoom; what is fresh already stays.

    Raises:
        KeyError: a name is no layer.
    """
    chosen = names or tileset_names()
    done: list[Prewarmed] = []
    for name in chosen:
        shown = tileset(name, ANONYMOUS)
        if shown is None:
            raise KeyError(name)
        done.append(_prewarm(shown, max_zoom))
        if progress is not None:
            progress(done[-1])
    return done


def tileset_names() -> list[str]:
    """What maps ask for: the ground in one, every other layer for itself."""
    names = [layer.name for layer in layers if not layer.basemap]
    return [GROUND, *names] if len(names) < len(layers) else names


def _prewarm(shown: TileSet, max_zoom: int) -> Prewarmed:
    tiles = filled = 0
    for zoom in range(shown.minzoom, min(max_zoom, shown.maxzoom) + 1):
        wanted = {
            tile
            for access in shown.accesses
            if access.layer.minzoom <= zoom and not access.is_empty
            for tile in _tiles_with_rows(access, zoom)
        }
        for x, y in sorted(wanted):
            tiles += 1
            filled += bool(tile_of(shown, zoom, x, y))
    return Prewarmed(shown.name, tiles, filled)


def _tiles_with_rows(access: LayerAccess, zoom: int) -> Iterator[tuple[int, int]]:
    """Tiles that boxes of public rows touch."""
    table = quote(access.layer.table)
    where = row_condition(access)
    edge = "floor(least({top}, greatest(0, ({half} {sign} {metres}) / {side})))::int"
    half = 20037508.342789244
    side = 2 * half / 2**zoom

    def tile(function: str, sign: str) -> str:
        metres = f"{function}({table}.geom_3857)"
        return edge.format(top=2**zoom - 1, half=half, sign=sign, metres=metres, side=side)

    text = f"""
SELECT DISTINCT x, y FROM (
  SELECT {tile("ST_XMin", "+")} AS x0, {tile("ST_XMax", "+")} AS x1,
         {tile("ST_YMax", "-")} AS y0, {tile("ST_YMin", "-")} AS y1
  FROM {table} WHERE {table}.geom_3857 IS NOT NULL AND {where.text}) box,
  generate_series(x0, x1) x, generate_series(y0, y1) y"""  # noqa: S608  names of the registry
    found = read(ANONYMOUS, Sql(text, where.params))
    yield from ((int(x), int(y)) for x, y in found)


def tidy(max_bytes: int = MAX_BYTES) -> int:
    """Remove tiles of databases that are gone, and the oldest beyond the limit."""
    return cache.prune(max_bytes, changes.identity)
