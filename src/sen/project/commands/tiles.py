"""``./sen tiles``: the cache of drawn map tiles."""

from __future__ import annotations

import argparse
import time

from sen.kernel.geo import cache
from sen.kernel.geo.prewarm import DEFAULT_ZOOM, Prewarmed, prewarm, tileset_names

HELP = "Vẽ trước, xóa hoặc xem bộ nhớ đệm ô bản đồ"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["prewarm", "clear", "status"])
    parser.add_argument("layers", nargs="*", help="tên lớp; bỏ trống là mọi lớp")
    parser.add_argument(
        "--zoom", type=int, default=DEFAULT_ZOOM, help="mức phóng lớn nhất được vẽ trước"
    )


def run(options: argparse.Namespace) -> int:
    names = tileset_names()
    if unknown := [name for name in options.layers if name not in names]:
        print(f"Không có lớp {', '.join(unknown)}. Các lớp có: {', '.join(names)}")
        return 2
    acts = {"prewarm": _prewarm, "clear": _clear, "status": _status}
    acts[options.act](options)
    return 0


def _prewarm(options: argparse.Namespace) -> None:
    started = time.monotonic()
    done = prewarm(names=options.layers or None, max_zoom=options.zoom, progress=_show)
    seconds = time.monotonic() - started
    print(f"Xong: {sum(item.filled for item in done)} ô trong {seconds:.1f} giây")


def _show(item: Prewarmed) -> None:
    print(f"{item.filled:8d}  {item.layer}")


def _clear(options: argparse.Namespace) -> None:
    names: list[str | None] = list(options.layers) or [None]
    print(f"Đã xóa {sum(cache.clear(name) for name in names)} ô")


def _status(options: argparse.Namespace) -> None:
    for item in cache.usage():
        name = item.layer.rpartition("-")[0]
        if not options.layers or name in options.layers:
            size = f"{item.size_bytes / 1024**2:.1f} MB"
            print(f"{item.tiles:8d} ô {size:>10}  {name} ({item.scopes} phạm vi)")
