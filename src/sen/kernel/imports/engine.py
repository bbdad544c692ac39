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

from django.db import transaction
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.geo.config import home
from sen.kernel.imports import osm, shapes
from sen.kernel.imports.importer import Importer, ImportRow, Outcome
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.tables import Table, read_table
from sen.kernel.imports.values import CellError, checked_mapping, convert, header_key

#: More faults than this are counted but not kept one by one.
KEPT_FAULTS: Final = 1000
SHAPE: Final = "geometry"
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
    """What the engine understood of a file before any row was applied."""

    table: Table
    mapping: Mapping[str, str]
    srid: int | None
    problems: tuple[str, ...]


class _RollBackError(Exception):
    """Takes the savepoint back; never leaves this module."""


def run(
    *, importer: Importer, actor: Actor, request: Request, say: Say = lambda _text: None
) -> ImportRun:
    """Do one import, or (dry run) find out what it would do.

    Raises:
        InvalidInputError: the file as a whole cannot be used (kind, coordinate system, columns).
        PermissionDeniedError: the actor may not import this.
    """
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    started = time.monotonic()
    say(_("Đọc tệp…"))
    plan = make_plan(importer, request)
    if plan.problems:
        raise InvalidInputError({"mapping": list(plan.problems)})
    say(_("Đã đọc %(n)s dòng; kiểm tra từng ô…") % {"n": len(plan.table.rows)})
    outcome = Outcome(notes=list(plan.table.notes))
    rows = typed_rows(importer, plan, request, outcome)
    with acting_as(actor, reason=_("nhập tệp %(name)s") % {"name": _name(request)}):
        if not outcome.faults:
            say(_("Đối chiếu và ghi %(n)s dòng…") % {"n": len(rows)})
            _apply(importer, actor, rows, request, outcome)
        return _keep(importer, actor, request, plan, outcome, time.monotonic() - started)


def make_plan(importer: Importer, request: Request) -> Plan:
    """Read the file and settle its columns and coordinate system.

    Raises:
        InvalidInputError: the file cannot be read or lies elsewhere.
    """
    if (request.name or request.file.name).lower().endswith((".pbf", ".osm")):
        table = osm.read_osm(request.file, importer)
    else:
        table = read_table(request.file, layer=request.layer, name=request.name)
    mapping, problems = checked_mapping(importer, table.columns, request.mapping)
    if importer.shapes and not table.shapes:
        _points_from_columns(table, request)
    srid = request.srid or table.srid
    if importer.shapes and importer.shape_required and not table.shapes:
        problems.append(
            _("Tệp không có hình học; hãy dùng tệp GIS, hoặc chỉ ra cột X và cột Y của tọa độ.")
        )
    elif importer.shapes and table.shapes and not request.outside:
        shapes.check_system(table.shapes, srid, home().bounds, swapped=request.swapped)
    return Plan(table, mapping, srid, tuple(problems))


def typed_rows(
    importer: Importer, plan: Plan, request: Request, outcome: Outcome
) -> list[ImportRow]:
    """Every row with typed values and WGS 84 geometry; what fails goes to the outcome."""
    table = plan.table
    places = {name: table.columns.index(column) for name, column in plan.mapping.items()}
    points: list[bytes | None] = [None] * len(table.rows)
    if importer.shapes and table.shapes:
        points = shapes.to_wgs84(table.shapes, plan.srid or 4326, swapped=request.swapped)
    rows: list[ImportRow] = []
    for number, (cells, shape) in enumerate(zip(table.rows, points, strict=True), table.first_row):
        values: dict[str, Any] = {}
        for item in importer.fields:
            place = places.get(item.name)
            if place is None:
                continue
            try:
                values[item.name] = convert(item, cells[place])
            except CellError as error:
                outcome.fault(number, str(item.label), str(error), cells[place])
        wrong = shapes.fault_of(shape, importer.shapes) if importer.shapes else ""
        if wrong:
            outcome.fault(number, SHAPE, wrong)
        elif shape is None and importer.shapes and importer.shape_required:
            outcome.fault(number, SHAPE, _("Dòng không có hình học."))
        rows.append(ImportRow(number, values, shape))
    return rows


def _apply(
    importer: Importer, actor: Actor, rows: list[ImportRow], request: Request, outcome: Outcome
) -> None:
    try:
        with transaction.atomic():
            done = importer.apply(actor=actor, rows=rows, options=request.options)
            outcome.created, outcome.updated = done.created, done.updated
            outcome.unchanged = done.unchanged
            outcome.faults += done.faults
            outcome.notes += done.notes
            if outcome.faults or request.dry_run:
                raise _RollBackError
    except _RollBackError:
        pass
    except SenError as error:
        outcome.fault(0, "", str(error))


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
        file_name=_name(request),
        file_sha256=_digest(request.file),
        file_size=request.file.stat().st_size,
        options={
            "srid": plan.srid,
            "mapping": dict(plan.mapping),
            "layer": plan.table.layer,
            **request.options,
        },
        state=state,
        rows=len(plan.table.rows),
        created=outcome.created,
        updated=outcome.updated,
        unchanged=outcome.unchanged,
        fault_count=len(outcome.faults),
        faults=[asdict(fault) for fault in kept],
        notes=outcome.notes,
        seconds=round(seconds, 3),
        asked_by_id=actor.id,
        asked_by_name=actor.name or actor.username,
    )
    record(
        act=importer.permission,
        on=made,
        detail={"state": state.value, "rows": made.rows, "faults": made.fault_count},
    )
    return made


def _points_from_columns(table: Table, request: Request) -> None:
    """Points out of two columns of a CSV or a spreadsheet: named ones, else the usual names."""
    by_name = {header_key(column): number for number, column in enumerate(table.columns)}
    x = _column(by_name, request.x, ("lon", "longitude", "kinhdo", "x", "easting"))
    y = _column(by_name, request.y, ("lat", "latitude", "vido", "y", "northing"))
    if x is None or y is None:
        return
    table.shapes = [shapes.point_from(cells[x], cells[y]) for cells in table.rows]
    names = {header_key(table.columns[x]), header_key(table.columns[y])}
    if names & {"lon", "longitude", "kinhdo"}:
        table.srid = table.srid or 4326


def _column(by_name: Mapping[str, int], asked: str, usual: tuple[str, ...]) -> int | None:
    if asked:
        return by_name.get(header_key(asked))
    return next((by_name[name] for name in usual if name in by_name), None)


def _name(request: Request) -> str:
    return request.name or request.file.name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
