"""Types of assets as data: one TOML file each, from which everything else follows.

A file says what the type is called, which attributes it has and within which bounds, and how it
looks on the map. Its register, form, filters, files, checks, indexes and map layer are derived.

    code = "ferry"
    slug = "ferries"
    group = "A3"
    name = { vi = "Bến phà", en = "Ferry crossing" }
    icon = "ship"

    [map]
    category = "hubs"
    color = "#0369a1"

    [attributes]
    boats = { vi = "Số phà", en = "Boats", kind = "integer", min = 0, max = 50, show = true }

No Django here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sen.kernel.access.scope import DataClass
from sen.kernel.attributes.catalogue import (
    Attribute,
    CatalogueError,
    Text,
    attribute_of,
    check_keys,
    member_of,
    text_of,
)
from sen.kernel.registry import Store

FOLDER: Final = Path(__file__).parent / "types"
#: Groups of the national database of operated road infrastructure.
#: Source: nd-165-2024 (Phụ lục), as replaced by nd-241-2026 (Phụ lục VII).
GROUPS: Final = frozenset(f"A{number}" for number in range(1, 21))
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: Names that the registers of all types use already.
TAKEN: Final = frozenset(
    {"code", "name", "road", "area", "owner_org", "status", "condition", "opened_year", "side"}
    | {"q", "sort", "cols", "after", "before", "size", "partial", "view", "f", "type"}
)


class Shape(StrEnum):
    POINT = "point"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLook:
    """The layer of a type; below ``small_until`` only assets with ``large_by`` ≥ ``large_from``."""

    category: str
    color: str
    minzoom: int = 10
    radius: float = 5.0
    label: bool = True
    small_until: int | None = None
    large_by: str = ""
    large_from: float = 0.0


@dataclass(frozen=True, kw_only=True)
class AssetType:
    """One type of assets. ``along_road`` says that a place on a road belongs to it."""

    code: str
    slug: str
    name: Text
    plural: Text
    icon: str
    map: MapLook
    #: Empty for what the national database of roads does not ask for.
    group: str = ""
    attributes: tuple[Attribute, ...] = ()
    sections: Mapping[str, Text] = field(default_factory=dict)
    geometry: Shape = Shape.POINT
    along_road: bool = True
    order: int = 100
    search: tuple[str, ...] = ()
    opened_label: Text | None = None

    @cached_property
    def by_name(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    @cached_property
    def indexed(self) -> tuple[Attribute, ...]:
        """Attributes by which lists are sorted or filtered."""
        return tuple(a for a in self.attributes if a.sort or a.filter)


asset_types: Final[Store[AssetType]] = Store("asset type")


def type_of(code: str) -> AssetType:
    """The type of a code.

    Raises:
        KeyError: there is none.
    """
    return asset_types[code]


def add_type(kind: AssetType) -> AssetType:
    """Put a type into the catalogue.

    Raises:
        CatalogueError: one of its attributes is masked otherwise in another type.
    """
    known = {a.name: a.data_class for other in asset_types for a in other.attributes}
    for attribute in kind.attributes:
        if known.get(attribute.name, attribute.data_class) != attribute.data_class:
            raise CatalogueError(
                f"{kind.code}: attribute {attribute.name!r} has another class in another type; "
                "rename it or give it the same class"
            )
    return asset_types.add(kind.code, kind)


def masks() -> dict[str, DataClass]:
    """ORM path → needed clearance, of all attributes that need more than their row."""
    return {
        a.path: a.data_class
        for kind in asset_types
        for a in kind.attributes
        if a.data_class > DataClass.PUBLIC
    }


def parse_type(text: str, where: str = "type") -> AssetType:
    """Read one type.

    Raises:
        CatalogueError: a key is missing, unknown or has a value of the wrong kind.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{where}: not valid TOML: {error}") from error
    check_keys(raw, AssetType, where, needed={"code", "slug", "name", "icon", "map"})
    raw["name"] = text_of(raw["name"], f"{where}: name")
    raw["plural"] = text_of(raw.get("plural", raw["name"]), f"{where}: plural")
    if "opened_label" in raw:
        raw["opened_label"] = text_of(raw["opened_label"], f"{where}: opened_label")
    raw["sections"] = {
        key: text_of(value, f"{where}: sections.{key}")
        for key, value in raw.get("sections", {}).items()
    }
    check_keys(raw["map"], MapLook, f"{where}: map", needed={"category", "color"})
    raw["map"] = MapLook(**raw["map"])
    raw["geometry"] = member_of(Shape, raw.get("geometry", "point"), f"{where}: geometry")
    raw["search"] = tuple(raw.get("search", ()))
    raw["attributes"] = tuple(
        attribute_of(name, value, f"{where}: attributes.{name}")
        for name, value in raw.get("attributes", {}).items()
    )
    kind = AssetType(**raw)
    _check(kind, where)
    return kind


def _check(kind: AssetType, where: str) -> None:
    if not _CODE.fullmatch(kind.code) or not _SLUG.fullmatch(kind.slug):
        raise CatalogueError(f"{where}: code is like bus_station, slug like bus-stations")
    if kind.group and kind.group not in GROUPS:
        raise CatalogueError(f"{where}: group {kind.group!r} is none of A1 to A20")
    for attribute in kind.attributes:
        _check_attribute(kind, attribute, f"{where}: attributes.{attribute.name}")
    for name in (*kind.search, *filter(None, [kind.map.large_by])):
        if name not in kind.by_name:
            raise CatalogueError(f"{where}: {name!r} is no attribute of the type")


def _check_attribute(kind: AssetType, item: Attribute, where: str) -> None:
    if not _CODE.fullmatch(item.name) or item.name in TAKEN:
        raise CatalogueError(f"{where}: the name is malformed or used by all registers")
    if item.section and item.section not in kind.sections:
        raise CatalogueError(f"{where}: section {item.section!r} is not in [sections]")


def load_types(folder: Path = FOLDER) -> None:
    """Read all files of a folder into the catalogue, in the order that they ask for."""
    found = [
        parse_type(path.read_text(encoding="utf-8"), path.name)
        for path in sorted(folder.glob("*.toml"))
    ]
    for kind in sorted(found, key=lambda item: (item.order, item.code)):
        add_type(kind)


load_types()
