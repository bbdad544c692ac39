"""One import from file to report: all rows or none.

Reads the file, settles the coordinate system and the columns, converts every cell, lets the
importer match and write inside a savepoint, and keeps the savepoint only when no row has a fault
and it was no dry run. The run with its report is kept either way.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as
from sen.kernel.access.scope import Actor
from sen.kernel.audit.services import record
from sen.kernel.errors import InvalidInputError, PermissionDeniedError, SenError
from sen.kernel.imports import matching, shapes, topology, tracking
from sen.kernel.imports.importer import OTHERS, Importer, ImportRow, Outcome
from sen.kernel.imports.models import ImportRun
from sen.kernel.imports.plan import Plan, Request, make_plan, settings_of
from sen.kernel.imports.progress import Say, saying, tell
from sen.kernel.imports.values import CellError, converter
from sen.lib.collecting import uncollected

__all__ = ["KEPT_FAULTS", "Plan", "Request", "make_plan", "run", "typed_rows"]

#: More faults than this are counted but not kept one by one.
KEPT_FAULTS: Final = 5000
SHAPE: Final = "geometry"
#: Rows between two words about progress.
STEP_ROWS: Final = 5000


class _RollBackError(Exception):
    """Takes the savepoint back; never leaves this module."""


def run(
    *,
    importer: Importer,
    actor: Actor,
    request: Request,
    plan: Plan | None = None,
    say: Say | None = None,
) -> ImportRun:
    """Do one import, or (dry run) find out what it would do; ``plan`` saves reading anew.

    Raises:
        InvalidInputError: the file as a whole cannot be used (kind, coordinate system, columns).
        PermissionDeniedError: the actor may not import this.
    """
    if not actor.may(importer.permission):
        raise PermissionDeniedError(importer.permission)
    started = time.monotonic()
    with saying(say), uncollected():
        tell(_("Đọc tệp…"))
        is_ours = plan is None
        plan = plan or make_plan(importer, request)
        if plan.problems:
            raise InvalidInputError({"mapping": list(plan.problems)})
        outcome = Outcome(notes=list(plan.table.notes))
        rows = typed_rows(importer, plan, request, outcome)
        outcome.rows = len(plan.table.rows)
        if is_ours:
            # The cells as read are not needed any more; the writing needs the memory.
            plan.table.rows.clear()
            plan.table.shapes.clear()
        reason = _("nhập tệp %(name)s") % {"name": request.shown_name}
        with acting_as(actor, reason=reason):
            if request.match and not outcome.faults:
                tell(_("Tìm bản ghi khớp…"))
                rows = matching.resolve(importer, actor, rows, request, outcome)
            run_id = tracking.next_run_id()
            if not outcome.faults:
                tell(_("Đối chiếu và ghi %(n)s dòng…") % {"n": len(rows)})
                _apply(importer, actor, rows, plan, request, outcome, run_id)
            seconds = time.monotonic() - started
            return _keep(importer, actor, request, plan, outcome, seconds, run_id)


def typed_rows(
    importer: Importer, plan: Plan, request: Request, outcome: Outcome
) -> list[ImportRow]:
    """Every row with typed values and WGS 84 geometry; what fails goes to the outcome."""
    table = plan.table
    placed, left_out = _placed(importer, plan, request, outcome)
    readers = [
        (
            item,
            table.columns.index(plan.mapping[item.name]),
            converter(item, request.values.get(item.name, {})),
        )
        for item in importer.fields
        if item.name in plan.mapping
    ]
    taken = set(plan.mapping.values())
    others = [
        (name, at)
        for at, name in enumerate(table.columns)
        if importer.takes_others and name not in taken
    ]
    rows: list[ImportRow] = []
    count = len(table.rows)
    for place, number in enumerate(table.numbers):
        if place % STEP_ROWS == 0:
            tell(_("Kiểm tra từng ô…"), place, count)
        if place in left_out:
            continue
        cells = table.rows[place]
        values: dict[str, Any] = {}
        for item, at, convert in readers:
            try:
                values[item.name] = convert(cells[at])
            except CellError as error:
                outcome.fault(number, str(item.label), str(error), cells[at])
        if others:
            values[OTHERS] = {name: cells[at] for name, at in others}
        rows.append(ImportRow(number, values, placed[place]))
    if importer.key:
        _check_key(importer, rows, outcome)
    return rows


def _placed(
    importer: Importer, plan: Plan, request: Request, outcome: Outcome
) -> tuple[list[bytes | None], set[int]]:
    """The geometry of every row as WKB in WGS 84, and rows left out; faults go to the outcome."""
    table = plan.table
    if not importer.shapes or not table.shapes:
        return [None] * len(table.rows), set()
    placed = shapes.to_wgs84(table.shapes, plan.srid or 4326, swapped=request.swapped)
    placed, left_out = topology.repair(placed, table.numbers, request.repairs, importer.shapes)
    if left_out:
        outcome.notes.append(_("Bỏ %(n)s dòng trùng hình.") % {"n": len(left_out)})
    wrong = shapes.faults_of(table.shapes, placed, importer.shapes) | dict(plan.shape_faults)
    for place, text in wrong.items():
        if place not in left_out:
            outcome.fault(table.numbers[place], SHAPE, text)
    if importer.shape_required:
        for place, shape in enumerate(placed):
            if shape is None and place not in wrong:
                outcome.fault(table.numbers[place], SHAPE, _("Dòng không có hình học."))
    return shapes.to_wkb(placed), left_out


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
    run_id: int,
) -> None:
    try:
        with transaction.atomic(), tracking.tracked(None if request.dry_run else run_id):
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
    run_id: int,
) -> ImportRun:
    state = ImportRun.State.CHECKED if request.dry_run else ImportRun.State.DONE
    if outcome.faults:
        state = ImportRun.State.REFUSED
    kept = sorted(outcome.faults, key=lambda fault: (fault.row, fault.field))[:KEPT_FAULTS]
    made = ImportRun.objects.create(
        pk=run_id,
        kind=importer.kind,
        file_name=request.shown_name[:250],
        file_sha256=_digest(request.file),
        file_size=request.file.stat().st_size,
        options=settings_of(plan, request),
        state=state,
        rows=outcome.rows,
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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
