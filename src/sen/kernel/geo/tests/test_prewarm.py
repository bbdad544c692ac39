from __future__ import annotations

from sen.kernel.access.scope import ANONYMOUS, DataClass
from sen.kernel.geo import cache
from sen.kernel.geo.layers import Layer
from sen.kernel.geo.prewarm import prewarm, tidy
from sen.kernel.geo.tests.conftest import make_things
from sen.kernel.geo.tests.test_tiles import drawn
from sen.kernel.testing.house import build_house, official


def test_prewarming_draws_what_everybody_sees_once(committed: None, layer: Layer) -> None:
    make_things(build_house())
    (first,) = prewarm(names=["things"], max_zoom=10)
    # Zooms 5 to 10; the two places lie in one tile up to zoom 8.
    assert (first.tiles, first.filled) == (8, 8)
    (kept,) = cache.usage()
    assert (kept.layer, kept.scopes, kept.tiles) == (f"things-{layer.digest}", 1, 8)
    stamps = {path: path.stat().st_mtime_ns for path in cache.root().rglob("*") if path.is_file()}
    prewarm(names=["things"], max_zoom=10)
    assert stamps == {p: p.stat().st_mtime_ns for p in cache.root().rglob("*") if p.is_file()}


def test_the_cache_is_cleared_by_layer_and_pruned_by_size(committed: None, layer: Layer) -> None:
    make_things(build_house())
    clerk = official("guarded.thing.view", clearance=DataClass.INTERNAL)
    drawn(layer, ANONYMOUS)
    drawn(layer, clerk)
    stranger = cache.root() / "another-database" / "things-000000" / "p" / "1" / "1"
    stranger.mkdir(parents=True)
    (stranger / "1").write_bytes(b"x")
    assert tidy() == 1
    assert cache.clear("other") == 0
    assert cache.prune(0) == 2
    drawn(layer, ANONYMOUS)
    assert cache.clear("things") == 1
    assert cache.usage() == []
