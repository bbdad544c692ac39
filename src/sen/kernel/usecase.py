"""Use cases: the one way in which a row is written.

A use case is a keyword-only function with ``actor``. :func:`use_case` gives it everything that
every use case needs, so that its body holds the business alone::

    @use_case("assets.asset.change")
    def set_load_limit(*, actor: Actor, asset: Asset, version: int, limit_t: Decimal) -> Asset:
        check_version(asset, version)
        asset.load_limit_t = limit_t
        asset.save()
        return asset

- the permission is asked for, for every guarded row among the arguments and for the result;
- it runs in one transaction in the name of ``actor`` (``reason``, when it is an argument, goes to
  the log and to the history of the rows);
- one audit entry names the act, the returned object and its changed fields.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from sen.kernel.access.context import acting_as, as_system, current
from sen.kernel.access.models import ScopedModel
from sen.kernel.access.scope import Actor, is_permission
from sen.kernel.access.tracking import (
    TracksChanges,
    as_loaded,
    changes_of,
    forget_changes,
    is_new,
)
from sen.kernel.audit.history import changes_since
from sen.kernel.audit.services import LISTED_IDS, record, record_refusal, resource_of
from sen.kernel.errors import ConflictError, NotFoundError, PermissionDeniedError

P = ParamSpec("P")
R = TypeVar("R")

USE_CASES: Final[dict[str, UseCase]] = {}


@dataclass(frozen=True, slots=True)
class UseCase:
    """What is known of a use case without running it."""

    name: str
    permission: str
    act: str
    audit: bool
    check_result: bool

    @property
    def resource(self) -> str:
        return self.permission.rpartition(".")[0]

    @property
    def verb(self) -> str:
        return self.permission.rpartition(".")[2]


def use_case(
    permission: str, *, act: str = "", audit: bool = True, check_result: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a keyword-only function a use case that needs ``permission``.

    ``act`` is the name in the audit log (the permission). ``audit=False`` is for functions that
    call ``audit.services.record`` themselves. ``check_result=False`` lets the result leave the
    actor's own scope: handing a row over to another organisation.

    Raises:
        TypeError: the function is not keyword-only or has no ``actor``; or the permission is not
            ``domain.resource.act``.
    """
    if not is_permission(permission):
        raise TypeError(f"use_case({permission!r}): expected domain.resource.act")

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        _check_signature(function)
        case = UseCase(
            f"{function.__module__}.{function.__qualname__}",
            permission,
            act or permission,
            audit,
            check_result,
        )
        USE_CASES[case.name] = case

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs.get("actor")
            if args or not isinstance(actor, Actor):
                raise TypeError(f"{case.name}: call it with keywords, actor among them")
            rows = _rows(kwargs)
            _learn_stored(rows)
            try:
                authorise(actor, permission, rows=rows)
            except PermissionDeniedError:
                # Kept when the caller shows the error; a page that fails notes it once more
                # after its own transaction is gone (AccessMiddleware).
                with _acting(actor, ""):
                    record_refusal(permission, on=next(iter(rows), None))
                raise
            with _acting(actor, str(kwargs.get("reason") or "")):
                subject = _subject(kwargs)
                result = function(*args, **kwargs)
                _finish(case, actor, result, subject)
            return result

        return call

    return decorate


def _check_signature(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    name = f"{function.__module__}.{function.__qualname__}"
    if "actor" not in parameters:
        raise TypeError(f"{name}: a use case needs the parameter actor: Actor")
    positional = [
        p.name for p in parameters.values() if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)
    ]
    if positional:
        raise TypeError(f"{name}: make {', '.join(positional)} keyword-only (put * before)")


def authorise(actor: Actor, permission: str, *, rows: list[ScopedModel] | None = None) -> None:
    """Ask for a permission, and for it on every row of its resource.

    Raises:
        PermissionDeniedError: the permission is lacking, altogether or for one of the rows.
    """
    resource, _dot, verb = permission.rpartition(".")
    concerned = [row for row in rows or () if row.access.resource == resource]
    for row in concerned:
        # As it was loaded: a caller may have filled a form into the instance already.
        if not actor.scope(row.access, verb).allows(as_loaded(row)):
            _deny(actor, permission, row)
    if not concerned and not actor.may(permission):
        raise PermissionDeniedError(permission)


def _deny(actor: Actor, permission: str, row: ScopedModel) -> None:
    if not actor.scope(row.access, "view").allows(row):
        raise NotFoundError(str(row._meta.verbose_name), row.pk)
    if not actor.may(permission):
        raise PermissionDeniedError(permission)
    raise PermissionDeniedError(
        permission,
        _("Bạn có quyền “%(permission)s” nhưng không phải cho “%(row)s”.")
        % {"permission": permission, "row": row},
        hint=_("Dữ liệu này thuộc đơn vị, địa bàn hoặc mức dữ liệu ngoài phạm vi được giao."),
    )


@contextmanager
def _acting(actor: Actor, reason: str) -> Iterator[None]:
    """One transaction in the name of the actor, who usually acts already."""
    acting = current()
    if acting.actor == actor and (not reason or reason == acting.reason):
        with transaction.atomic():
            yield
        return
    with acting_as(
        actor, reason=reason or acting.reason, request_id=acting.request_id, ip=acting.ip
    ):
        yield


def _rows(arguments: Mapping[str, Any]) -> list[ScopedModel]:
    """Every guarded row that exists already among the arguments, those in lists included."""
    found: list[ScopedModel] = []
    for value in arguments.values():
        items = value if isinstance(value, list | tuple) else [value]
        found += [item for item in items if isinstance(item, ScopedModel) and item.pk]
    return found


def _learn_stored(rows: list[ScopedModel]) -> None:
    """An instance that was made here, not loaded, is compared with what is stored under its id."""
    for row in rows:
        if is_new(row):
            with as_system("compare an instance with its stored row"):
                stored = type(row).base.filter(pk=row.pk).first()
            if stored is not None:
                row._loaded = stored._loaded


@dataclass(frozen=True, slots=True)
class _Subject:
    """The object of an act, noted before the act may delete it."""

    resource: str
    object_id: str
    label: str


def _subject(arguments: Mapping[str, Any]) -> _Subject | None:
    for value in arguments.values():
        if isinstance(value, models.Model) and value.pk:
            return _Subject(resource_of(value), str(value.pk), str(value))
    return None


def _finish(case: UseCase, actor: Actor, result: object, subject: _Subject | None) -> None:
    """Check and log what came out, still inside the transaction."""
    rows = result if isinstance(result, list | tuple) else [result]
    touched = [row for row in rows if isinstance(row, models.Model)]
    if case.check_result:
        _check_result(case, actor, [row for row in touched if isinstance(row, ScopedModel)])
    if isinstance(result, TracksChanges) and result.pk:
        _record_one(case, result)
    elif case.audit and touched:
        _record_many(case, touched)
    elif case.audit and subject:
        record(
            act=case.act,
            resource=subject.resource,
            object_id=subject.object_id,
            label=subject.label,
        )
    elif case.audit:
        record(act=case.act, resource=case.resource)


def _check_result(case: UseCase, actor: Actor, rows: list[ScopedModel]) -> None:
    for row in rows:
        if row.access.resource != case.resource or not row.pk:
            continue
        if not actor.scope(row.access, case.verb).allows(row):
            _deny(actor, case.permission, row)


def _record_one(case: UseCase, row: TracksChanges) -> None:
    detail: dict[str, Any] = {"changes": changes_of(row)}
    if is_new(row):
        detail["created"] = True
    elif isinstance(row, ScopedModel):
        _take_version(row)
        detail["version"] = row.version
    if case.audit:
        record(act=case.act, on=row, detail=detail)
    forget_changes(row)


def _take_version(row: ScopedModel) -> None:
    """The version that the database gave; unknown when the row has left the actor's sight."""
    kept = type(row).base.filter(pk=row.pk).values_list("version", "updated_at").first()
    if kept:
        row.version, row.updated_at = kept


def _record_many(case: UseCase, rows: list[models.Model]) -> None:
    if len(rows) == 1:
        record(act=case.act, on=rows[0])
        return
    ids = [row.pk for row in rows]
    record(
        act=case.act,
        resource=resource_of(rows[0]),
        detail={"count": len(ids), "ids": ids[:LISTED_IDS]},
    )


def check_version(row: ScopedModel, expected: int | None) -> None:
    """Lock the row and make sure that nobody changed it after the caller saw it.

    ``expected`` is the version that the form or the program was given; None when it was given
    none: then only the instance itself must be fresh.

    Raises:
        ConflictError: somebody did; it says who, when and which fields.
        NotFoundError: the row was deleted meanwhile.
    """
    table = type(row).base.select_for_update(of=("self",))
    found = table.filter(pk=row.pk).values_list("version", flat=True).first()
    if found is None:
        raise NotFoundError(str(row._meta.verbose_name), row.pk)
    if found != row.version or expected not in (None, found):
        seen = min(row.version, row.version if expected is None else expected)
        raise ConflictError(current_version=found, meanwhile=changes_since(row, seen))
