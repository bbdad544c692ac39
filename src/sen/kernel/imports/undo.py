"""Taking a whole import back: as new versions, never by rewriting history.

Rows that the import made are removed, rows that it changed get their former values again. What
somebody changed or uses since, or what the actor may not touch, stays as it is and is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.kernel.access import rls
from sen.kernel.access.context import acting_as, as_system, current
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor
from sen.kernel.access.tracking import KEPT_BY_DATABASE
from sen.kernel.audit.services import record
from sen.kernel.audit.triggers import geometry_column, skipped_columns
from sen.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError
from sen.kernel.imports.importer import importers
from sen.kernel.imports.models import ImportRun, TouchedRow

#: So many rows that stay are listed with their reason.
LISTED: Final = 1000

_TOUCHED: Final = """
SELECT w.row_id, w.made, w.first, w.last, t.version, {scope}, {label}
FROM (
  SELECT row_id, bool_or(op = 'I') AS made, min(version) AS first, max(version) AS last
  FROM kernel_imports_touchedrow WHERE run_id = %s AND table_name = %s GROUP BY row_id
) w LEFT JOIN "{table}" t ON t.id = w.row_id
ORDER BY w.row_id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that stays as it is, and why."""

    what: str
    row_id: int
    label: str
    why: str


@dataclass(slots=True)
class Undoing:
    """What undoing would do, by model: ids to remove, ids to restore with the version before."""

    remove: dict[type[ScopedModel], list[int]] = field(default_factory=dict)
    restore: dict[type[ScopedModel], dict[int, int]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    @property
    def removes(self) -> int:
        return sum(map(len, self.remove.values()))

    @property
    def restores(self) -> int:
        return sum(map(len, self.restore.values()))


def plan_undo(*, actor: Actor, run: ImportRun) -> Undoing:
    """What undoing a run would do now.

    Raises:
        ConflictError: it was not imported, or is undone already.
        PermissionDeniedError: the actor may not import this kind.
    """
    _authorise(actor, run)
    plan = Undoing()
    with as_system("look at what an import touched"):
        for model in _models(run):
            _sort_rows(actor, run, model, plan)
        for model in _children_first(plan.remove):
            _keep_used(model, plan)
    return plan


def undo_run(*, actor: Actor, run: ImportRun, reason: str) -> Undoing:
    """Undo a run as far as nobody built on it since.

    Raises:
        InvalidInputError: no reason is given.
        ConflictError: it was not imported, or is undone already.
        PermissionDeniedError: the actor may not import this kind.
    """
    if not reason.strip():
        raise InvalidInputError({"reason": _("Hãy ghi lý do hoàn tác.")})
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        plan = plan_undo(actor=actor, run=run)
        why = _("hoàn tác lần nhập %(file)s: %(reason)s") % {
            "file": run.file_name,
            "reason": reason.strip(),
        }
        with acting_as(actor, reason=why[:500]):
            _put_back(actor, run, plan)
            run.state = ImportRun.State.UNDONE
            run.undone_at = timezone.now()
            run.undone_by_name = (actor.name or actor.username)[:120]
            run.undoing = {
                "removed": plan.removes,
                "restored": plan.restores,
                "kept_count": len(plan.kept),
                "kept": [
                    {"what": k.what, "id": k.row_id, "label": k.label, "why": k.why}
                    for k in plan.kept[:LISTED]
                ],
                "reason": reason.strip()[:500],
            }
            run.save()
            detail = {"removed": plan.removes, "restored": plan.restores, "kept": len(plan.kept)}
            record(act=_permission(run), on=run, detail={"undone": True, **detail})
    return plan


def _permission(run: ImportRun) -> str:
    importer = importers.get(run.kind)
    if importer is None:
        raise ConflictError(_("Loại dữ liệu của lần nhập này không còn trong hệ thống."))
    return importer.permission


def _authorise(actor: Actor, run: ImportRun) -> None:
    permission = _permission(run)
    if not actor.may(permission):
        raise PermissionDeniedError(permission)
    if run.state != ImportRun.State.DONE:
        raise ConflictError(
            _("Lần nhập này không hoàn tác được: %(state)s.") % {"state": run.get_state_display()},
            hint=_("Chỉ hoàn tác được lần nhập đã ghi dữ liệu và chưa hoàn tác."),
        )


def _models(run: ImportRun) -> list[type[ScopedModel]]:
    tables = set(
        TouchedRow.objects.filter(run_id=run.pk).values_list("table", flat=True).distinct()
    )
    return [model for model in rls.guarded_models() if model._meta.db_table in tables]


def _sort_rows(actor: Actor, run: ImportRun, model: type[ScopedModel], plan: Undoing) -> None:
    verb = "import" if actor.may(model.access.permission("import")) else "change"
    scope, values = actor.scope(model.access, verb).sql("t")
    names = {f.name for f in model._meta.concrete_fields}
    label = next((f't."{n}"::text' for n in ("name", "title", "code") if n in names), "''")
    sql = _TOUCHED.format(table=model._meta.db_table, scope=scope or "false", label=label)
    what = str(model._meta.verbose_name)
    with connection.cursor() as cursor:
        # The scope's values stand before those of the inner statement.
        cursor.execute(sql, [*values, run.pk, model._meta.db_table])
        rows = cursor.fetchall()
    for row_id, made, first, last, version, allowed, name in rows:
        if version is None:
            if not made:
                plan.kept.append(Kept(what, row_id, "", _("đã bị xóa sau khi nhập")))
        elif version != last:
            plan.kept.append(Kept(what, row_id, name or "", _("đã được sửa sau khi nhập")))
        elif not allowed:
            plan.kept.append(Kept(what, row_id, name or "", _("ngoài phạm vi quyền của bạn")))
        elif made:
            plan.remove.setdefault(model, []).append(row_id)
        else:
            plan.restore.setdefault(model, {})[row_id] = first - 1


def _relations(model: type[models.Model]) -> list[Any]:
    """Foreign keys of other tables to a model, the hidden ones too."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and (relation.one_to_many or relation.one_to_one)
    ]


def _children_first(found: Iterable[type[ScopedModel]]) -> list[type[ScopedModel]]:
    """Models in an order in which none is referred to by a later one."""
    left, ordered = list(found), []
    while left:
        free = [
            model
            for model in left
            if not any(
                relation.related_model in left and relation.related_model is not model
                for relation in _relations(model)
            )
        ]
        ordered += free or left[:1]
        left = [model for model in left if model not in ordered]
    return ordered


def _keep_used(model: type[ScopedModel], plan: Undoing) -> None:
    """Rows that something uses which stays are kept; what belongs to a row goes with it."""
    ids = plan.remove.get(model, [])
    for relation in _relations(model):
        other = relation.related_model
        if not ids or (relation.on_delete is models.CASCADE and not issubclass(other, ScopedModel)):
            continue
        column = relation.field.attname
        going = plan.remove.get(other, [])
        put_back = list(plan.restore.get(other, {}))
        users = (
            other._base_manager.filter(**{f"{column}__in_array": ids})
            .exclude(pk__in_array=[*going, *put_back])
            .values_list(column, flat=True)
        )
        used = set(users)
        if used:
            why = _("đang được dùng: %(what)s") % {"what": other._meta.verbose_name}
            rows = model._base_manager.filter(pk__in=list(used)[:LISTED])
            named = {row.pk: str(row) for row in rows}
            plan.kept += [
                Kept(str(model._meta.verbose_name), i, named.get(i, ""), why) for i in sorted(used)
            ]
            plan.remove[model] = ids = [i for i in ids if i not in used]


def _put_back(actor: Actor, run: ImportRun, plan: Undoing) -> None:
    with as_system(current().reason):
        importer = importers[run.kind]
        importer.before_removal(actor=actor, removed=plan.remove)
        for model in _children_first(plan.remove):
            _remove(model, plan.remove[model])
        for model, versions in plan.restore.items():
            _restore(model, versions)
        connection.check_constraints()
        importer.undone(
            actor=actor,
            restored={model: list(rows) for model, rows in plan.restore.items()},
        )


def _remove(model: type[ScopedModel], ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        for relation in _relations(model):
            other = relation.related_model
            if relation.on_delete is models.CASCADE and not issubclass(other, ScopedModel):
                cursor.execute(
                    f'DELETE FROM "{other._meta.db_table}" '  # noqa: S608  own names
                    f'WHERE "{relation.field.column}" = ANY(%s)',
                    [list(ids)],
                )
        cursor.execute(
            f'DELETE FROM "{model._meta.db_table}" WHERE id = ANY(%s)',  # noqa: S608  own names
            [list(ids)],
        )


def _restore(model: type[ScopedModel], versions: dict[int, int]) -> None:
    """Former values out of the images of history; what history leaves out stays."""
    skipped = {*skipped_columns(model), *KEPT_BY_DATABASE}
    columns = [
        f.column
        for f in model._meta.concrete_fields
        if not f.primary_key and not f.generated and f.column not in skipped
    ]
    table, geom = model._meta.db_table, geometry_column(model)
    sets = ", ".join(f'"{column}" = was."{column}"' for column in columns)
    sets += f', "{geom}" = v.geom' if geom else ""
    sql = f"""
    UPDATE "{table}" t SET {sets}
    FROM unnest(%s::bigint[], %s::int[]) AS wanted (row_id, version)
    JOIN kernel_audit_rowversion v ON v.table_name = %s AND v.row_id = wanted.row_id
      AND v.version = wanted.version AND v.op = 'U'
    CROSS JOIN LATERAL jsonb_populate_record(NULL::"{table}", v.image) AS was
    WHERE t.id = wanted.row_id
    """  # noqa: S608  names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(versions), list(versions.values()), table])
