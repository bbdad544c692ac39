"""Attributes as data: what things of a kind have beside the columns that all of them share.

A domain whose things come in kinds declares them in TOML; an attribute is one line of it::

    width_m = { vi = "Bề rộng", en = "Width", kind = "number", unit = "m", min = 1, max = 60 }

Their values lie in the column ``attributes`` of the row; ``values`` reads and checks them,
``labels`` says them to people, ``registers`` makes columns, filters and fields of them. No Django
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from sen.kernel.access.scope import DataClass


class CatalogueError(ValueError):
    """A kind is declared wrongly; the text names the file, the key and what is expected."""


class Kind(StrEnum):
    """Kinds of attribute values; ``NUMBERS`` is a list such as the spans of a bridge."""

    NUMBER = "number"
    INTEGER = "integer"
    TEXT = "text"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    NUMBERS = "numbers"


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


def text_of(value: Any, where: str) -> Text:
    """A text in both languages.

    Raises:
        CatalogueError: it is not.
    """
    if isinstance(value, Text):
        return value
    if isinstance(value, list) and len(value) == 2:
        return Text(*value)
    if isinstance(value, dict) and value.keys() == {"vi", "en"}:
        return Text(**value)
    raise CatalogueError(f'{where}: expected {{ vi = "…", en = "…" }}')


def check_keys(raw: Mapping[str, Any], cls: type[Any], where: str, needed: set[str]) -> None:
    """Refuse keys that a class has not, and missing ones.

    Raises:
        CatalogueError: names them.
    """
    known = {f.name for f in fields(cls)}
    if unknown := sorted(raw.keys() - known):
        raise CatalogueError(f"{where}: unknown keys {unknown}; known are {sorted(known)}")
    if missing := sorted(needed - raw.keys()):
        raise CatalogueError(f"{where}: missing keys {missing}")


def member_of(cls: type[Any], value: Any, where: str) -> Any:
    """A value of a closed list.

    Raises:
        CatalogueError: it is none.
    """
    try:
        return cls(value)
    except ValueError as error:
        raise CatalogueError(
            f"{where}: {value!r} is none of {[str(member.value) for member in cls]}"
        ) from error


def attribute_of(name: str, given: Any, where: str) -> Attribute:
    """One declared attribute, checked.

    Raises:
        CatalogueError: a key is missing or unknown, or the parts contradict each other.
    """
    if not isinstance(given, dict) or not {"vi", "en", "kind"} <= given.keys():
        raise CatalogueError(f"{where}: needs vi, en and kind")
    raw = dict(given)
    label = Text(raw.pop("vi"), raw.pop("en"))
    kind = member_of(Kind, raw.pop("kind"), f"{where}: kind")
    choices = {
        code: text_of(value, f"{where}: choices.{code}")
        for code, value in raw.pop("choices", {}).items()
    }
    level = str(raw.pop("data_class", "public")).upper()
    if level not in DataClass.__members__:
        raise CatalogueError(f"{where}: data_class {level!r} is none of {list(DataClass)}")
    check_keys(raw, Attribute, where, needed=set())
    item = Attribute(
        name=name, label=label, kind=kind, choices=choices, data_class=DataClass[level], **raw
    )
    _check(item, where)
    return item


def _check(item: Attribute, where: str) -> None:
    if (item.kind is Kind.CHOICE) != bool(item.choices):
        raise CatalogueError(f"{where}: choices belong to the kind choice, which needs them")
    tells = item.filter or item.sort or item.tile or item.expected
    if item.data_class > DataClass.PUBLIC and tells:
        raise CatalogueError(
            f"{where}: a masked value may not filter, sort, lie in tiles or be expected: "
            "each tells it"
        )
    if item.kind is Kind.NUMBERS and (item.filter or item.sort or item.tile):
        raise CatalogueError(f"{where}: a list of numbers cannot filter, sort or lie in tiles")
