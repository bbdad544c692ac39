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
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sen.kernel.access.scope import DataClass
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


class CatalogueError(ValueError):
    """A type is declared wrongly; the text names the file, the key and what is expected."""


class Kind(StrEnum):
    """Kinds of attribute values; ``NUMBERS`` is a list such as the spans of a bridge."""

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    NUMBERS = "numbers"


class Shape(StrEnum):
    POINT = "point"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the house."""

    vi: str
    en: str

    def said(self, language: str | None) -> str:
        return self.en if language == "en" else self.vi


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a type.

    ``show`` puts it into the list at first, ``filter`` and ``sort`` let the list be asked by it,
    ``tile`` carries it on the map, ``expected`` counts it as missing where it is empty. Who lacks
    the clearance ``data_class`` never sees its value.
    """

    name: str
    label: Text
    kind: Kind
    unit: str = ""
    min: float | None = None
    max: float | None = None
    required: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    data_class: DataClass = DataClass.PUBLIC
    section: str = ""
    show: bool = False
    filter: bool = False
    sort: bool = False
    tile: bool = False
    expected: bool = False

    @property
    def path(self) -> str:
        """The ORM path of its value, and the name of its form field."""
        return f"attributes__{self.name}"

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.NUMBER, Kind.INTEGER)


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
    _known_keys(raw, AssetType, where, needed={"code", "slug", "name", "icon", "map"})
    raw["name"] = _text(raw["name"], f"{where}: name")
    raw["plural"] = _text(raw.get("plural", raw["name"]), f"{where}: plural")
    if "opened_label" in raw:
        raw["opened_label"] = _text(raw["opened_label"], f"{where}: opened_label")
    raw["sections"] = {
        key: _text(value, f"{where}: sections.{key}")
        for key, value in raw.get("sections", {}).items()
    }
    _known_keys(raw["map"], MapLook, f"{where}: map", needed={"category", "color"})
    raw["map"] = MapLook(**raw["map"])
    raw["geometry"] = _member(Shape, raw.get("geometry", "point"), f"{where}: geometry")
    raw["search"] = tuple(raw.get("search", ()))
    raw["attributes"] = tuple(
        _attribute(name, value, f"{where}: attributes.{name}")
        for name, value in raw.get("attributes", {}).items()
    )
    kind = AssetType(**raw)
    _check(kind, where)
    return kind


def _text(value: Any, where: str) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, list) and len(value) == 2:
        return Text(*value)
    if isinstance(value, dict) and value.keys() == {"vi", "en"}:
        return Text(**value)
    raise CatalogueError(f'{where}: expected {{ vi = "…", en = "…" }}')


def _known_keys(raw: Mapping[str, Any], cls: type[Any], where: str, needed: set[str]) -> None:
    known = {f.name for f in fields(cls)}
    if unknown := sorted(raw.keys() - known):
        raise CatalogueError(f"{where}: unknown keys {unknown}; known are {sorted(known)}")
    if missing := sorted(needed - raw.keys()):
        raise CatalogueError(f"{where}: missing keys {missing}")


def _member(cls: type[Any], value: Any, where: str) -> Any:
    try:
        return cls(value)
    except ValueError as error:
        raise CatalogueError(
            f"{where}: {value!r} is none of {[str(member.value) for member in cls]}"
        ) from error


def _attribute(name: str, given: Any, where: str) -> Attribute:
    if not isinstance(given, dict) or not {"vi", "en", "kind"} <= given.keys():
        raise CatalogueError(f"{where}: needs vi, en and kind")
    raw = dict(given)
    label = Text(raw.pop("vi"), raw.pop("en"))
    kind = _member(Kind, raw.pop("kind"), f"{where}: kind")
    choices = {
        code: _text(value, f"{where}: choices.{code}")
        for code, value in raw.pop("choices", {}).items()
    }
    level = str(raw.pop("data_class", "public")).upper()
    if level not in DataClass.__members__:
        raise CatalogueError(f"{where}: data_class {level!r} is none of {list(DataClass)}")
    _known_keys(raw, Attribute, where, needed=set())
    return Attribute(
        name=name, label=label, kind=kind, choices=choices, data_class=DataClass[level], **raw
    )


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
    if (item.kind is Kind.CHOICE) != bool(item.choices):
        raise CatalogueError(f"{where}: choices belong to the kind choice, which needs them")
    if item.section and item.section not in kind.sections:
        raise CatalogueError(f"{where}: section {item.section!r} is not in [sections]")
    tells = item.filter or item.sort or item.tile or item.expected
    if item.data_class > DataClass.PUBLIC and tells:
        raise CatalogueError(
            f"{where}: a masked value may not filter, sort, lie in tiles or be expected: "
            "each tells it"
        )
    if item.kind is Kind.NUMBERS and (item.filter or item.sort or item.tile):
        raise CatalogueError(f"{where}: a list of numbers cannot filter, sort or lie in tiles")


def load_types(folder: Path = FOLDER) -> None:
    """Read all files of a folder into the catalogue, in the order that they ask for."""
    found = [
        parse_type(path.read_text(encoding="utf-8"), path.name)
        for path in sorted(folder.glob("*.toml"))
    ]
    for kind in sorted(found, key=lambda item: (item.order, item.code)):
        add_type(kind)


load_types()
