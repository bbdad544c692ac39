"""The extension points of the house, all on one page.

A domain contributes by having a file of a fixed name; importing the file registers what it
declares in the store of the kernel package that owns the extension point. A store keeps the order
of registration (lower domains first) and refuses a name that is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Generic, TypeVar

from sen.kernel.manifest import Manifest

#: Module below the domain's package → what it registers.
EXTENSION_FILES = {
    "events": "event types (kernel.events)",
    "handlers": "reactions to events (kernel.events)",
    "jobs": "queued and scheduled work (kernel.jobs)",
    "seeds": "data that the domain ships (kernel.seeds)",
    "imports": "importers of files (kernel.imports)",
    "kpis": "figures for boards and the operations centre (kernel.web)",
    "web.resources": "registers (kernel.web)",
    "web.panels": "panels on other domains' pages (kernel.web)",
    "web.layers": "map layers, tiles and OGC collections (kernel.geo)",
    "quality": "checks on the rows of registers (kernel.quality)",
    "web.offline": "what devices record without a network (kernel.offline)",
    "web.tracks": "what is drawn along roads (kernel.web.tracks)",
    "rest": "routers by audience (kernel.rest)",
}

T = TypeVar("T")


class Store(Generic[T]):
    """Named entries of one kind, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, name: str, entry: T) -> T:
        """Register ``entry``.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._entries:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._entries[name] = entry
        return entry

    def get(self, name: str) -> T | None:
        return self._entries.get(name)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def names(self) -> list[str]:
        return list(self._entries)

    def remove(self, name: str) -> None:
        """Take an entry out again; tests that register a thing of their own use it."""
        self._entries.pop(name, None)


_loaded: list[str] = []


def load_contributions(manifests: tuple[Manifest, ...]) -> None:
    """Import every extension file of every domain, lower domains first."""
    if _loaded:
        return
    for manifest in manifests:
        for file in EXTENSION_FILES:
            module = f"{manifest.package}.{file}"
            parent = module.rpartition(".")[0]
            if find_spec(parent) is not None and find_spec(module) is not None:
                import_module(module)
                _loaded.append(module)
