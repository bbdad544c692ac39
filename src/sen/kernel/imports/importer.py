"""What a domain declares so that files of its things can be read in.

    class BoundaryImporter(Importer):
        kind = "boundaries"
        title = _("Ranh giới xã, phường")
        permission = "places.unit.import"
        fields = (ImportField("code", _("Mã đơn vị"), required=True, aliases=("ma", "ma_xa")),)
        shapes = frozenset({"polygon"})

        def apply(self, *, actor, rows, options): ...

Reading, coordinates, column mapping, typed values, dry run, rollback and the report are the
engine's (``engine``); the domain matches rows with what exists and writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from django.utils.functional import Promise

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store

Label = str | Promise


class FieldKind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    KM = "km"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ImportField:
    """One value of a row. ``aliases`` are other headers under which files carry it.

    ``choices`` maps what is stored to what people write; both are understood, and ``synonyms``
    (other spelling or code → what is stored). ``longest`` bounds the characters of a text.
    """

    name: str
    label: Label
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Label] = field(default_factory=dict)
    synonyms: Mapping[str, str] = field(default_factory=dict)
    longest: int = 0
    unit: str = ""
    help: Label = ""


@dataclass(frozen=True, slots=True)
class ImportOption:
    """Something that holds for the whole file: ``owner=SXD``. ``choices`` as in a field."""

    name: str
    label: Label
    choices: Mapping[str, Label] = field(default_factory=dict)
    help: Label = ""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row as read: ``number`` is the one a person sees in the file (header = row 1).

    ``shape`` is the geometry as WKB in WGS 84.
    """

    number: int
    values: Mapping[str, Any]
    shape: bytes | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one value of one row, and how to mend it."""

    row: int
    field: str
    message: str
    value: str = ""


@dataclass(slots=True)
class Outcome:
    """What an import did, or (dry run) would do. Faults mean that nothing is kept.

    ``rows`` are those of the file.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[RowFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0

    def fault(self, row: ImportRow | int, name: str, message: str, value: object = "") -> None:
        number = row if isinstance(row, int) else row.number
        shown = "" if value is None else str(value).replace("\x00", "\ufffd")[:120]
        self.faults.append(RowFault(number, name, str(message), shown))


@dataclass(frozen=True, slots=True)
class MatchOn:
    """Where rows of a file are looked for by name or place instead of by their key.

    ``model`` is a guarded model with ``geom``; ``where`` narrows it (one type of assets). The
    names are those of the model's fields; rows are bound by the value of ``key``.
    """

    model: type[Any]
    where: Mapping[str, Any] = field(default_factory=dict)
    key: str = "code"
    name: str = "name"
    area: str = "area"


class Importer:
    """One kind of import; subclass, set the attributes, write ``apply``, register."""

    kind: ClassVar[str]
    title: ClassVar[Label]
    #: Needed to use it: ``<domain>.<resource>.import``.
    permission: ClassVar[str]
    fields: tuple[ImportField, ...] = ()
    options: ClassVar[tuple[ImportOption, ...]] = ()
    #: The field whose value names a row: given twice in one file it is a fault.
    key: ClassVar[str] = ""
    #: Columns that are no field stand in the values of a row under :data:`OTHERS`, as read.
    takes_others: ClassVar[bool] = False
    #: Accepted geometry: any of point, line, polygon; empty: the file may have none.
    shapes: ClassVar[frozenset[str]] = frozenset()
    shape_required: ClassVar[bool] = True
    #: For OSM extracts: tags that a feature must carry, any value of the list (``*``: any); with
    #: ``type`` relations, whose members stand beside the tags under their roles.
    osm_tags: ClassVar[Mapping[str, Sequence[str]]] = {}
    help: ClassVar[Label] = ""
    #: How rows may be found again by name or place; None: by the importer's own rule alone.
    match_on: ClassVar[MatchOn | None] = None

    def before_removal(self, *, actor: Actor, removed: Mapping[type[Any], Sequence[int]]) -> None:
        """An import of this kind is being undone: tell the others of the rows that go.

        Ids by model; the rows are still there, in the transaction of the undoing.
        """

    def undone(self, *, actor: Actor, restored: Mapping[type[Any], Sequence[int]]) -> None:
        """An import of this kind was undone: refresh what follows from rows, tell the others."""

    def apply(
        self, *, actor: Actor, rows: Sequence[ImportRow], options: Mapping[str, str]
    ) -> Outcome:
        """Match, check and write all rows in the caller's transaction.

        Every fault goes to the outcome with its row; nothing is raised for a bad row. The engine
        rolls back when there is any.
        """
        raise NotImplementedError

    def osm_cells(self, osm_id: str, tags: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The cells of a feature of OpenStreetMap by column; None leaves the feature out."""
        return {"osm_id": osm_id, **tags}

    def field_named(self, name: str) -> ImportField | None:
        return next((item for item in self.fields if item.name == name), None)


#: Where rows hold the columns that belong to no field: {header: cell}.
OTHERS = "*"
#: Given to :meth:`Importer.apply` when the file may lie outside the province.
OUTSIDE = "outside"

importers: Store[Importer] = Store("importer")


def register(cls: type[Importer]) -> type[Importer]:
    """Class decorator for a domain's ``imports.py``."""
    made = cls()
    importers.add(made.kind, made)
    return cls
