"""Drawn tiles as files, shared by all workers of a host.

A file is written under another name and renamed, so a killed worker leaves no half tile. It
carries the snapshot in which it was drawn: whoever reads it compares that with the change log and
needs no message about what became stale.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from sen.kernel.geo.changes import Snapshot

_HEAD: Final = struct.Struct(">HI")
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Tile:
    """A drawn tile: gzip bytes, and which transactions it shows."""

    body: bytes
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class TileKey:
    """Where a tile lies; the scope is part of it, so nobody is served another's tile."""

    identity: str
    layer: str
    scope: str
    z: int
    x: int
    y: int

    def path(self, root: str) -> str:
        place = f"{self.z}/{self.x}/{self.y}"
        return f"{root}/{self.identity}/{self.layer}/{self.scope}/{place}"


def root() -> Path:
    return Path(settings.SEN_VAR) / "tiles"


def _root() -> str:
    return f"{settings.SEN_VAR}/tiles"


def read(key: TileKey) -> Tile | None:
    """The cached tile; None when there is none or the file is damaged."""
    try:
        # No Path here: making one costs as much as reading the file.
        with open(key.path(_root()), "rb") as file:  # noqa: PTH123
            content = file.read()
        seen, length = _HEAD.unpack_from(content)
        body = content[_HEAD.size + seen :]
        if len(body) != length or not body.startswith(_GZIP):
            return None
        return Tile(body, Snapshot.parse(content[_HEAD.size : _HEAD.size + seen].decode()))
    except (OSError, struct.error, ValueError):
        return None


def write(key: TileKey, body: bytes, snapshot: str) -> None:
    """Keep a tile; a full disk is no reason to fail a request."""
    if len(snapshot) > 0xFFFF:
        return
    path = key.path(_root())
    folder, _, name = path.rpartition("/")
    working = f"{folder}/.{name}.{os.getpid()}.{threading.get_ident()}"
    content = _HEAD.pack(len(snapshot), len(body)) + snapshot.encode() + body
    with contextlib.suppress(OSError):
        try:
            _write(working, content)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            _write(working, content)
        os.replace(working, path)  # noqa: PTH105  as in read


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:  # noqa: PTH123  as in read
        file.write(content)


def clear(layer: str | None = None) -> int:
    """Remove the tiles of a layer, or all; returns how many files went."""
    removed = 0
    for folder in _layer_folders():
        if layer is None or folder.name.rpartition("-")[0] == layer:
            removed += sum(1 for _ in _files(folder))
            shutil.rmtree(folder, ignore_errors=True)
    return removed


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tiles of a layer are kept, in how many scopes.

    Units:
        ``size_bytes``: bytes on disk.
    """

    layer: str
    scopes: int
    tiles: int
    size_bytes: int


def usage() -> list[Usage]:
    """What the cache holds, layer by layer."""
    found: list[Usage] = []
    for folder in _layer_folders():
        sizes = [path.stat().st_size for path in _files(folder)]
        scopes = sum(1 for path in folder.iterdir() if path.is_dir())
        found.append(Usage(folder.name, scopes, len(sizes), sum(sizes)))
    return sorted(found, key=lambda item: item.layer)


def prune(max_bytes: int, keep_identity: str = "") -> int:
    """Remove tiles of other databases, then the longest unwritten ones above ``max_bytes``."""
    removed = 0
    for folder in _folders(root()):
        if keep_identity and folder.name != keep_identity:
            removed += sum(1 for _ in _files(folder))
            shutil.rmtree(folder, ignore_errors=True)
    entries = sorted(
        (stat.st_mtime, stat.st_size, path) for path in _files(root()) for stat in [path.stat()]
    )
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= max_bytes:
            break
        path.unlink(missing_ok=True)
        total -= size
        removed += 1
    return removed


def _layer_folders() -> Iterator[Path]:
    for database in _folders(root()):
        yield from _folders(database)


def _folders(path: Path) -> list[Path]:
    return sorted(child for child in path.iterdir() if child.is_dir()) if path.is_dir() else []


def _files(path: Path) -> Iterator[Path]:
    return (child for child in path.rglob("*") if child.is_file())
