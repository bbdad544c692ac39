"""What an import was asked to do, and what was understood of its file before any row is applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from sen.kernel.errors import InvalidInputError
from sen.kernel.geo.config import home
from sen.kernel.imports import shapes
from sen.kernel.imports.importer import OUTSIDE, Importer, ImportOption
from sen.kernel.imports.reading import read_table
from sen.kernel.imports.tables import Table
from sen.kernel.imports.texts import ColumnText, repair_text
from sen.kernel.imports.topology import Accepted
from sen.kernel.imports.values import checked_mapping, header_key, is_blank
from sen.lib.text import fold

X_NAMES: Final = ("lon", "lng", "longitude", "kinhdo", "x", "easting")
Y_NAMES: Final = ("lat", "latitude", "vido", "y", "northing")
DEGREES: Final = frozenset({"lon", "lng", "longitude", "kinhdo", "lat", "latitude", "vido"})
#: Rows nearer than this to a stored one may be the same, when nobody says another distance.
NEAR_M: Final = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """One import as asked for.

    ``srid`` overrides what the file says; ``mapping`` is field name → column; ``x`` and ``y``
    name the coordinate columns of a table without geometry. ``encodings``: column → encoding;
    ``values``: field → text of the file → what is meant; ``match``: the rule by which rows are
    found again, empty for the importer's own; ``decisions``: row → key of the stored row, empty
    for a new one; ``kept``: where the table as read stays for the next step.
    """

    file: Path
    name: str = ""
    srid: int | None = None
    swapped: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)
    layer: str = ""
    x: str = ""
    y: str = ""
    outside: bool = False
    dry_run: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    encodings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    repairs: Accepted = field(default_factory=Accepted)
    match: str = ""
    within_m: float = NEAR_M
    decisions: Mapping[int, str] = field(default_factory=dict)
    kept: Path | None = None

    @property
    def shown_name(self) -> str:
        return self.name or self.file.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What the engine understood of a file before any row was applied.

    ``shape_faults``: place of a row → what is wrong with the coordinates in its cells.
    """

    table: Table
    mapping: Mapping[str, str]
    srid: int | None
    problems: tuple[str, ...]
    options: Mapping[str, str]
    shape_faults: Mapping[int, str]
    texts: tuple[ColumnText, ...] = ()


def make_plan(importer: Importer, request: Request) -> Plan:
    """Read the file and settle its columns and coordinate system.

    Raises:
        InvalidInputError: the file cannot be read or lies elsewhere.
    """
    plan = read_plan(importer, request)
    if importer.shapes and plan.table.shapes:
        if request.outside:
            shapes.need_system(plan.table.shapes, plan.srid)
        else:
            box = home().bounds
            shapes.check_system(plan.table.shapes, plan.srid, box, swapped=request.swapped)
    return plan


def read_plan(importer: Importer, request: Request) -> Plan:
    """As :func:`make_plan`, without judging where the data lie.

    Raises:
        InvalidInputError: the file cannot be read, or an option is not the importer's.
    """
    options = checked_options(importer, request.options)
    table = read_table(request.file, importer, layer=request.layer, kept=request.kept)
    texts = repair_text(table, request.encodings)
    mapping, problems = checked_mapping(importer, table.columns, request.mapping)
    shape_faults: dict[int, str] = {}
    if importer.shapes and not table.shapes:
        shape_faults = _points_from_columns(table, request, problems)
    if importer.shapes and importer.shape_required and not table.shapes:
        problems.append(
            _("Tệp không có hình học; hãy dùng tệp GIS, hoặc chỉ ra cột X và cột Y của tọa độ.")
        )
    if request.outside:
        options[OUTSIDE] = "1"
    srid = request.srid or table.srid
    return Plan(table, mapping, srid, tuple(problems), options, shape_faults, tuple(texts))


def checked_options(importer: Importer, given: Mapping[str, str]) -> dict[str, str]:
    """The options with choices brought to what is stored; empty ones are left out.

    Raises:
        InvalidInputError: an option is not the importer's, or its value is none of the choices.
    """
    known = {option.name: option for option in importer.options}
    checked: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            names = ", ".join(known) or _("không có")
            raise InvalidInputError(
                {
                    "options": _("Không có tùy chọn “%(name)s”; các tùy chọn: %(known)s.")
                    % {"name": name, "known": names}
                }
            )
        if value.strip():
            checked[name] = _option(known[name], value.strip())
    return checked


def _option(option: ImportOption, value: str) -> str:
    if not option.choices:
        return value
    for code, label in option.choices.items():
        if fold(value) in (fold(code), fold(str(label))):
            return code
    raise InvalidInputError(
        {
            "options": _("Tùy chọn “%(name)s” không có giá trị “%(value)s”; chọn: %(known)s.")
            % {"name": option.name, "value": value, "known": ", ".join(option.choices)}
        }
    )


def _points_from_columns(table: Table, request: Request, problems: list[str]) -> dict[int, str]:
    """Points out of two columns of a CSV or a spreadsheet: named ones, else the usual names.

    Returns what is wrong with the cells, by place of the row.
    """
    by_name = {header_key(column): number for number, column in enumerate(table.columns)}
    problems += [
        _("Tệp không có cột “%(column)s”; các cột: %(known)s.")
        % {"column": asked, "known": ", ".join(table.columns)}
        for asked in (request.x, request.y)
        if asked and header_key(asked) not in by_name
    ]
    x = _column(by_name, request.x, X_NAMES)
    y = _column(by_name, request.y, Y_NAMES)
    if x is None or y is None:
        return {}
    wrong: dict[int, str] = {}
    for place, cells in enumerate(table.rows):
        point = None
        if not (is_blank(cells[x]) and is_blank(cells[y])):
            try:
                point = shapes.point_from(cells[x], cells[y])
            except ValueError:
                wrong[place] = _("Tọa độ “%(x)s”, “%(y)s” không phải là số.") % {
                    "x": cells[x],
                    "y": cells[y],
                }
        table.shapes.append(point)
    if {header_key(table.columns[x]), header_key(table.columns[y])} <= DEGREES:
        table.srid = table.srid or 4326
    return wrong


def _column(by_name: Mapping[str, int], asked: str, usual: tuple[str, ...]) -> int | None:
    if asked:
        return by_name.get(header_key(asked))
    return next((by_name[name] for name in usual if name in by_name), None)


def settings_of(plan: Plan, request: Request) -> dict[str, Any]:
    """What the report of a run keeps of how the file was read."""
    return {
        "srid": plan.srid,
        "mapping": dict(plan.mapping),
        "layer": plan.table.layer,
        **plan.options,
        **({"swapped": True} if request.swapped else {}),
        **({"match": request.match} if request.match else {}),
        **({"repairs": sorted(request.repairs.kinds)} if request.repairs else {}),
    }
