"""An import as proposals: what a file would write becomes changes of a set instead.

The file is read in, what it wrote is looked at and taken back. Then the same is written through
the forms and services of the register, as the set will do it one day, and compared: what the
register's form cannot say is named, never lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from sen.kernel.access import rls
from sen.kernel.access.context import acting_as, as_system
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor, DataClass, Entitlement
from sen.kernel.errors import InputCheck, InvalidInputError, SenError
from sen.kernel.imports import matching, tracking
from sen.kernel.imports.engine import typed_rows
from sen.kernel.imports.importer import Importer, ImportRow, Outcome
from sen.kernel.imports.models import TouchedRow
from sen.kernel.imports.plan import Plan, Request
from sen.kernel.web.register.proposing import Act, Proposal, ProposalForm, difference, write
from sen.kernel.web.register.resource import Resource

#: More rows than this are no change that a person checks one by one.
MOST_ROWS: Final = 1000
#: Columns that say nothing of what was written.
HOUSEKEEPING: Final = frozenset(
    {"id", "version", "created_at", "updated_at", "is_demo", "created_by_id", "updated_by_id"}
)
#: Positions go through forms with 7 decimals (a centimetre); what is measured along follows them.
NEAR_DEGREES: Final = 2e-7
NEAR_M: Final = 0.05


class _TakenBackError(Exception):
    """Takes the savepoint back; never leaves this module."""


@dataclass(slots=True)
class _Written:
    """What an attempt wrote: images of rows as made, and of rows as changed, by table."""

    made: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    changed: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)


def widened(actor: Actor, importer: Importer, resource: Resource[Any]) -> Actor:
    """The person with the right to try an import out: what they try is never kept."""
    rule = resource.rule
    acts = frozenset({importer.permission, *(rule.permission(a) for a in ("add", "change"))})
    tries = Entitlement("kernel.try_import", acts, int(DataClass.INTERNAL))
    return replace(actor, entitlements=(*actor.entitlements, tries))


def proposals_of(
    *,
    importer: Importer,
    resource: Resource[Any],
    actor: Actor,
    request: Request,
    plan: Plan,
) -> list[Proposal]:
    """What reading a file in would change in a register, record by record.

    Raises:
        InvalidInputError: rows have faults, there are too many or none, or the file says what
            the register's form cannot.
    """
    if len(plan.table.rows) > MOST_ROWS:
        raise InvalidInputError(
            message=_("Một bộ thay đổi nhận tối đa %(n)s dòng; hãy chia nhỏ tệp.")
            % {"n": MOST_ROWS}
        )
    outcome = Outcome()
    rows = typed_rows(importer, plan, request, outcome)
    who = widened(actor, importer, resource)
    with acting_as(who, reason=_("nhập tệp %(name)s") % {"name": request.shown_name}):
        if request.match and not outcome.faults:
            rows = matching.resolve(importer, who, rows, request, outcome)
        found, imported = _imported(importer, resource, actor, who, rows, plan, outcome)
    if outcome.faults:
        raise InvalidInputError(
            message=_("Tệp còn lỗi; hãy kiểm tra thử và sửa các dòng lỗi trước.")
        )
    if not found:
        raise InvalidInputError(message=_("Tệp không làm thay đổi bản ghi nào."))
    _compare(resource, imported, _carried(resource, found))
    return found


def _imported(
    importer: Importer,
    resource: Resource[Any],
    actor: Actor,
    who: Actor,
    rows: Sequence[ImportRow],
    plan: Plan,
    outcome: Outcome,
) -> tuple[list[Proposal], _Written]:
    """Read the rows in, see what they wrote, and take it back."""
    found: list[Proposal] = []
    written = _Written()
    if outcome.faults:
        return found, written
    try:
        with _taken_back() as run_id:
            done = importer.apply(actor=who, rows=rows, options=plan.options)
            outcome.faults += done.faults
            connection.check_constraints()
            if not outcome.faults:
                written = _images(run_id)
                with as_system("what an import would write"):
                    after = _rows_after(resource, run_id)
            raise _TakenBackError
    except _TakenBackError:
        if not outcome.faults:
            with as_system("what an import would change"):
                found = [*_proposed(resource, actor, after)]
    except SenError as error:
        outcome.fault(0, "", str(error))
    except (DataError, IntegrityError) as error:
        outcome.fault(0, "", str(error).splitlines()[0])
    return found, written


@contextmanager
def _taken_back() -> Iterator[int]:
    """A savepoint in which every guarded row that is written is noted; the block ends it."""
    run_id = tracking.next_run_id()
    with transaction.atomic(), tracking.tracked(run_id):
        yield run_id


@dataclass(frozen=True, slots=True)
class _After:
    """A row as an import left it: what the form would show, and the row itself."""

    row: ScopedModel
    is_made: bool
    values: Mapping[str, Any]


def _rows_after(resource: Resource[Any], run_id: int) -> list[_After]:
    """The rows of the register that were written, in the order of their first writing."""
    noted = TouchedRow.objects.filter(run_id=run_id, table=resource.model._meta.db_table)
    first: dict[int, str] = {}
    for row_id, op in noted.order_by("id").values_list("row_id", "op"):
        first.setdefault(row_id, op)
    rows = resource.model.objects.filter(pk__in=list(first))
    if resource.where is not None:
        rows = rows.filter(resource.where)
    by_id = {row.pk: row for row in rows}
    return [
        _After(by_id[row_id], op == "I", resource.initial_of(by_id[row_id]))
        for row_id, op in first.items()
        if row_id in by_id
    ]


def _proposed(resource: Resource[Any], actor: Actor, after: Sequence[_After]) -> Iterator[Proposal]:
    """One proposal for each row that differs.

    Raises:
        InvalidInputError: a row that would change is not the person's to see.
    """
    ids = [one.row.pk for one in after if not one.is_made]
    now = {row.pk: row for row in resource.rows(actor).filter(pk__in=ids)}
    if len(now) < len(ids):
        raise InvalidInputError(
            message=_("%(n)s dòng của tệp khớp với bản ghi mà bạn chưa được quyền xem.")
            % {"n": len(ids) - len(now)}
        )
    for one in after:
        row = None if one.is_made else now[one.row.pk]
        form = ProposalForm(resource, actor, row)
        act = Act.ADD if row is None else Act.CHANGE
        proposal = difference(form, act, form.initial, one.values)
        if proposal is not None:
            yield proposal


def _carried(resource: Resource[Any], proposals: Sequence[Proposal]) -> _Written:
    """What the register's own services make of the proposals; nothing is kept.

    Raises:
        InvalidInputError: a service refuses one; by record.
    """
    check = InputCheck()
    written = _Written()
    rows = resource.model.objects
    with as_system("try out what a file proposes") as house:
        try:
            with _taken_back() as run_id:
                for place, one in enumerate(proposals):
                    try:
                        with transaction.atomic():
                            # A service changes the row that it is given: not the proposal's.
                            row = None if one.row is None else rows.get(pk=one.row.pk)
                            write(resource, house, one.act, row, one.values, reason="")
                    except SenError as error:
                        check.add(str(place), f"{_named(one)}: {error}")
                if not check.fields:
                    written = _images(run_id)
                raise _TakenBackError
        except _TakenBackError:
            pass
    check.done()
    return written


def _named(one: Proposal) -> str:
    if one.row is not None:
        return str(one.row)
    return str(one.cleaned.get(one.resource.code_path) or one.cleaned.get("name") or "")


def _images(run_id: int) -> _Written:
    """Every guarded row that was written, as the database holds it now."""
    written = _Written()
    noted = TouchedRow.objects.filter(run_id=run_id).order_by("id")
    by_table: dict[str, dict[int, str]] = {}
    for table, row_id, op in noted.values_list("table", "row_id", "op"):
        by_table.setdefault(table, {}).setdefault(row_id, op)
    for model in rls.guarded_models():
        table = model._meta.db_table
        first = by_table.get(table, {})
        images = _images_of(model, list(first))
        written.made[table] = [images[i] for i, op in first.items() if op == "I" and i in images]
        written.changed[table] = {
            i: images[i] for i, op in first.items() if op == "U" and i in images
        }
    return written


def _images_of(model: type[ScopedModel], ids: list[int]) -> dict[int, dict[str, Any]]:
    """Rows as JSON objects of what was written in them."""
    import orjson

    if not ids:
        return {}
    kept = {f.column for f in model._meta.concrete_fields if not f.generated} - HOUSEKEEPING
    with as_system("look at what was written"), connection.cursor() as cursor:
        cursor.execute(
            f'SELECT t.id, to_jsonb(t)::text FROM "{model._meta.db_table}" t '  # noqa: S608  own names
            "WHERE t.id = ANY(%s)",
            [ids],
        )
        rows = cursor.fetchall()
    return {
        row_id: {name: value for name, value in orjson.loads(text).items() if name in kept}
        for row_id, text in rows
    }


def _compare(resource: Resource[Any], wanted: _Written, got: _Written) -> None:
    """Hold what the set will write against what the import would have written.

    Raises:
        InvalidInputError: something of the file would be lost; it names the fields.
    """
    table = resource.model._meta.db_table
    changed = got.changed.get(table, {})
    asked = wanted.changed.get(table, {})
    left = _images_of(resource.model, [i for i in asked if i not in changed])
    pairs = list(zip(wanted.made.get(table, []), got.made.get(table, []), strict=False))
    pairs += [(image, changed.get(i, left.get(i, {}))) for i, image in asked.items()]
    lost: set[str] = set()
    for image, other in pairs:
        lost |= {name for name in image if not _same(name, image[name], other.get(name))}
    fields = {f.column: str(f.verbose_name) for f in resource.model._meta.concrete_fields}
    names = [fields[name] for name in sorted(lost)]
    names += [
        str(model._meta.verbose_name)
        for model in rls.guarded_models()
        if len(wanted.made.get(model._meta.db_table, []))
        > len(got.made.get(model._meta.db_table, []))
    ]
    if names:
        raise InvalidInputError(
            message=_(
                "Biểu mẫu của danh mục này không ghi được: %(names)s. Hãy bỏ các cột đó ở bước "
                "Cột, hoặc nhờ người có quyền nhập thẳng tệp này."
            )
            % {"names": ", ".join(names)}
        )


def _same(name: str, one: Any, other: Any, near: float | None = None) -> bool:
    if isinstance(one, dict) or isinstance(other, dict):
        mine, theirs = _filled(one), _filled(other)
        near = NEAR_DEGREES if "coordinates" in mine else near
        keys = mine.keys() | theirs.keys()
        return all(_same(key, mine.get(key), theirs.get(key), near) for key in keys - {"crs"})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _same(name, a, b, near) for a, b in zip(one, other, strict=True)
        )
    if _is_number(one) and _is_number(other):
        allowed = near or (NEAR_M if name.endswith("_m") else 1e-9 * max(1.0, abs(one)))
        return bool(abs(one - other) <= allowed)
    return (one or None) == (other or None)


def _filled(value: Any) -> dict[str, Any]:
    """A JSON object without what is empty: absent and empty are the same nothing."""
    return {k: v for k, v in (value or {}).items() if v not in (None, "", [])}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
