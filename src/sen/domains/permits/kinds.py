"""Kinds of permits as data: one table of ``kinds.toml`` each.

No Django here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

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

FILE: Final = Path(__file__).with_name("kinds.toml")
#: Source: nd-165-2024 (Phụ lục), as replaced by nd-241-2026 (Phụ lục VII).
GROUPS: Final = frozenset(f"B{number}" for number in range(1, 8))


class Place(StrEnum):
    """What a permit of a kind lies on."""

    STRETCH = "stretch"
    POINT = "point"
    ROUTE = "route"


@dataclass(frozen=True, kw_only=True)
class PermitKind:
    """One kind of permits. ``site`` says that there is a site to inspect and to hand back."""

    code: str
    group: str
    slug: str
    name: Text
    short: Text
    icon: str
    color: str
    place: Place
    site: bool
    deadline_norm: str
    deadline_case: str
    attributes: tuple[Attribute, ...]

    @cached_property
    def by_name(self) -> dict[str, Attribute]:
        return {item.name: item for item in self.attributes}

    @property
    def is_route(self) -> bool:
        return self.place is Place.ROUTE


permit_kinds: Final[Store[PermitKind]] = Store("kind of permits")
_KEYS: Final = frozenset(
    {"group", "slug", "name", "short", "icon", "color", "place", "site", "deadline", "attributes"}
)


def parse_kind(code: str, raw: dict[str, Any]) -> PermitKind:
    """Read one kind.

    Raises:
        CatalogueError: a key is missing, unknown or has a value of the wrong kind.
    """
    if wrong := sorted(raw.keys() ^ _KEYS):
        raise CatalogueError(f"{code}: missing or unknown keys {wrong}")
    if raw["group"] not in GROUPS:
        raise CatalogueError(f"{code}: group {raw['group']!r} is none of B1 to B7")
    check_keys(raw["deadline"], _Deadline, f"{code}: deadline", needed={"norm", "permit"})
    return PermitKind(
        code=code,
        group=raw["group"],
        slug=raw["slug"],
        name=text_of(raw["name"], f"{code}: name"),
        short=text_of(raw["short"], f"{code}: short"),
        icon=raw["icon"],
        color=raw["color"],
        place=member_of(Place, raw["place"], f"{code}: place"),
        site=bool(raw["site"]),
        deadline_norm=raw["deadline"]["norm"],
        deadline_case=raw["deadline"]["permit"],
        attributes=tuple(
            attribute_of(name, value, f"{code}: attributes.{name}")
            for name, value in raw["attributes"].items()
        ),
    )


@dataclass(frozen=True)
class _Deadline:
    norm: str
    permit: str


def kind_of(code: str) -> PermitKind:
    """The kind of a code.

    Raises:
        KeyError: there is none.
    """
    return permit_kinds[code]


def load_kinds(path: Path = FILE) -> None:
    """Read the file into the catalogue, in its order."""
    for code, raw in tomllib.loads(path.read_text(encoding="utf-8")).items():
        permit_kinds.add(code, parse_kind(code, raw))


load_kinds()
