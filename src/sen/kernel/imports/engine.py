"""One import from file to report: all rows or none.

Reads the file, settles the coordinate system and the columns, converts every cell, lets the
importer match and write inside a savepoint, and keeps the savepoint only when no row has a fault
and it was no dry run. The run with its report is kept either way.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.geo.config import home
from sen.kernel.imports import shapes
from sen.kernel.imports.importer import OUTSIDE, Importer, ImportOption, ImportRow, Outcome
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.reading import read_table
from sen.kernel.imports.tables import Table
from sen.kernel.imports.values import CellError, checked_mapping, convert, header_key, is_blank
from sen.lib.text import fold

#: More faults than this are counted but not kept one by one.
KEPT_FAULTS: Final = 1000
SHAPE: Final = "geometry"
X_NAMES: Final = ("lon", "lng", "longitude", "kinhdo", "x", "easting")
Y_NAMES: Final = ("lat", "latitude", "vido", "y", "northing")
DEGREES: Final = frozenset({"lon", "lng", "longitude", "kinhdo", "lat", "latitude", "vido"})
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One import as asked for.

    ``srid`` overrides what the file says; ``mapping`` is field name → column; ``x`` and ``y``
    name the coordinate columns of a table without geometry.
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


class _RollBackError(Exception):
    """Takes the savepoint back; never leaves this module."""


def run(
    *,
    importer: Importer,
    actor: Actor,
    request: Request,
    plan: Plan | None = None,
    say: Say = lambda _text: None,
) -> ImportRun:
    """Do one import, or (dry run) find out what it would do; ``plan`` saves reading anew.

    Raises:
        InvalidInputError: the file as a whole cannot be used (kind, coordinate system, columns).
        PermissionDeniedError: the actor may not import this.
    """
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    started = time.monotonic()
    say(_("Đọc tệp…"))
    plan = plan or make_plan(importer, request)
    if plan.problems:
        raise InvalidInputError({"mapping": list(plan.problems)})
    say(_("Đã đọc %(n)s dòng; kiểm tra từng ô…") % {"n": len(plan.table.rows)})
    outcome = Outcome(notes=list(plan.table.notes))
    rows = typed_rows(importer, plan, request, outcome)
    with acting_as(actor, reason=_("nhập tệp %(name)s") % {"name": _name(request)}):
        if not outcome.faults:
            say(_("Đối chiếu và ghi %(n)s dòng…") % {"n": len(rows)})
            _apply(importer, actor, rows, plan, request, outcome)
        return _keep(importer, actor, request, plan, outcome, time.monotonic() - started)


def make_plan(importer: Importer, request: Request) -> Plan:
    """Read the file and settle its columns and coordinate system.

    Raises:
        InvalidInputError: the file cannot be read or lies elsewhere.
    """
    options = checked_options(importer, request.options)
    table = read_table(request.file, importer, layer=request.layer)
    mapping, problems = checked_mapping(importer, table.columns, request.mapping)
    shape_faults: dict[int, str] = {}
    if importer.shapes and not table.shapes:
        shape_faults = _points_from_columns(table, request, problems)
    srid = request.srid or table.srid
    if importer.shapes and importer.shape_required and not table.shapes:
        problems.append(
            _("Tệp không có hình học; hãy dùng tệp GIS, hoặc chỉ ra cột X và cột Y của tọa độ.")
        )
    elif importer.shapes and table.shapes:
        if request.outside:
            shapes.need_system(table.shapes, srid)
        else:
            shapes.check_system(table.shapes, srid, home().bounds, swapped=request.swapped)
    if request.outside:
        options[OUTSIDE] = "1"
    return Plan(table, mapping, srid, tuple(problems), options, shape_faults)


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


def typed_rows(
    importer: Importer, plan: Plan, request: Request, outcome: Outcome
) -> list[ImportRow]:
    """Every row with typed values and WGS 84 geometry; what fails goes to the outcome."""
    table = plan.table
    placed = _placed(importer, plan, request, outcome)
    fields = [
        (item, table.columns.index(plan.mapping[item.name]))
        for item in importer.fields
        if item.name in plan.mapping
    ]
    rows: list[ImportRow] = []
    for number, cells, shape in zip(table.numbers, table.rows, placed, strict=True):
        values: dict[str, Any] = {}
        for item, place in fields:
            try:
                values[item.name] = convert(item, cells[place])
            except CellError as error:
                outcome.fault(number, str(item.label), str(error), cells[place])
        rows.append(ImportRow(number, values, shape))
    if importer.key:
        _check_key(importer, rows, outcome)
    return rows


def _placed(
    importer: Importer, plan: Plan, request: Request, outcome: Outcome
) -> list[bytes | None]:
    """The geometry of every row as WKB in WGS 84; faults go to the outcome."""
    table = plan.table
    if not importer.shapes or not table.shapes:
        return [None] * len(table.rows)
    placed = shapes.to_wgs84(table.shapes, plan.srid or 4326, swapped=request.swapped)
    wrong = shapes.faults_of(table.shapes, placed, importer.shapes) | dict(plan.shape_faults)
    for place, text in wrong.items():
        outcome.fault(table.numbers[place], SHAPE, text)
    if importer.shape_required:
        for place, shape in enumerate(placed):
            if shape is None and place not in wrong:
                outcome.fault(table.numbers[place], SHAPE, _("Dòng không có hình học."))
    return shapes.to_wkb(placed)


def _check_key(importer: Importer, rows: list[ImportRow], outcome: Outcome) -> None:
    first: dict[Any, int] = {}
    item = importer.field_named(importer.key)
    for row in rows:
        value = row.values.get(importer.key)
        if value is None:
            continue
        if value in first:
            outcome.fault(
                row,
                str(item.label) if item else importer.key,
                _("Giá trị này đã có ở dòng %(row)s.") % {"row": first[value]},
                value,
            )
        first.setdefault(value, row.number)


def _apply(
    importer: Importer,
    actor: Actor,
    rows: list[ImportRow],
    plan: Plan,
    request: Request,
    outcome: Outcome,
) -> None:
    try:
        with transaction.atomic():
            done = importer.apply(actor=actor, rows=rows, options=plan.options)
            outcome.created, outcome.updated = done.created, done.updated
            outcome.unchanged = done.unchanged
            outcome.faults += done.faults
            outcome.notes += done.notes
            # What is checked at the end of a transaction is checked now, in a dry run too.
            connection.check_constraints()
            if outcome.faults or request.dry_run:
                raise _RollBackError
    except _RollBackError:
        pass
    except SenError as error:
        for name, texts in error.fields.items() or [("", [str(error)])]:
            for text in texts:
                outcome.fault(0, name, text)
    except (DataError, IntegrityError) as error:
        outcome.fault(
            0, "", _("Cơ sở dữ liệu không nhận: %(why)s") % {"why": str(error).splitlines()[0]}
        )


def _keep(
    importer: Importer,
    actor: Actor,
    request: Request,
    plan: Plan,
    outcome: Outcome,
    seconds: float,
) -> ImportRun:
    state = ImportRun.State.CHECKED if request.dry_run else ImportRun.State.DONE
    if outcome.faults:
        state = ImportRun.State.REFUSED
    kept = sorted(outcome.faults, key=lambda fault: (fault.row, fault.field))[:KEPT_FAULTS]
    made = ImportRun.objects.create(
        kind=importer.kind,
        file_name=_name(request)[:250],
        file_sha256=_digest(request.file),
        file_size=request.file.stat().st_size,
        options={
            "srid": plan.srid,
            "mapping": dict(plan.mapping),
            "layer": plan.table.layer,
            **plan.options,
        },
        state=state,
        rows=len(plan.table.rows),
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        fault_count=len(outcome.faults),
        faults=[asdict(fault) for fault in kept],
        notes=[str(note) for note in outcome.notes],
        seconds=round(seconds, 3),
        asked_by_id=actor.id,
        asked_by_name=(actor.name or actor.username)[:120],
    )
    record(
        act=importer.permission,
        on=made,
        detail={"state": state.value, "rows": made.rows, "faults": made.fault_count},
    )
    return made


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


def _name(request: Request) -> str:
    return request.name or request.file.name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
