"""Writing to the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.db import connection, models

from sen.kernel.access.context import current
from sen.kernel.access.models import ScopedModel
from sen.kernel.audit.models import AuditEntry

P = ParamSpec("P")
R = TypeVar("R")

#: Ids that one entry names at most; its count tells of the rest.
LISTED_IDS: Final = 1000


def resource_of(row: models.Model) -> str:
    """The name under which the log speaks of a row."""
    return row.access.resource if isinstance(row, ScopedModel) else row._meta.label_lower


def record(
    *,
    act: str,
    kind: AuditEntry.Kind = AuditEntry.Kind.WRITE,
    on: models.Model | None = None,
    resource: str = "",
    object_id: str = "",
    label: str = "",
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one entry in the caller's transaction, in the name of the acting actor.

    Raises:
        RuntimeError: called outside a transaction; the entry would outlive a failed act.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"audit.record({act!r}): outside a transaction")
    acting = current()
    if on is not None:
        resource = resource or resource_of(on)
        object_id = object_id or str(on.pk)
        label = label or str(on)[:250]
    AuditEntry(
        txid=0,  # the database stamps transaction and time
        kind=kind,
        act=act,
        resource=resource,
        object_id=object_id,
        object_label=label[:250],
        actor_id=acting.person.id,
        actor_name=acting.person.username or acting.person.kind.value,
        reason=(reason or acting.reason)[:500],
        ip=acting.ip or None,
        request_id=acting.request_id,
        detail=dict(detail or {}),
    ).save(force_insert=True)


def record_refusal(permission: str, *, on: models.Model | None = None) -> None:
    """Append that somebody asked for what they may not do."""
    resource = "" if on is not None else permission.rpartition(".")[0]
    record(act=permission, kind=AuditEntry.Kind.REFUSED, on=on, resource=resource)


def record_read(
    *,
    on: models.Model | None = None,
    resource: str = "",
    ids: Sequence[int] = (),
    fields: Iterable[str] = (),
    reason: str = "",
) -> None:
    """Append that somebody looked at personal data: of one row, or of a list of them."""
    name = resource or (resource_of(on) if on is not None else "")
    detail: dict[str, Any] = {}
    if fields:
        detail["fields"] = sorted(fields)
    if ids:
        detail |= {"count": len(ids), "ids": list(ids[:LISTED_IDS])}
    record(
        act=f"{name}.read",
        kind=AuditEntry.Kind.READ,
        on=on,
        resource=name,
        reason=reason,
        detail=detail,
    )


def reads_personal_data(
    resource: str, *, fields: Iterable[str] = ()
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Record every reading through a selector that returns rows with personal data.

    The row or the rows that it returns are named in the log; nothing is recorded when it returns
    none. A QuerySet is not rows yet: return a list.
    """
    named = tuple(fields)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            if isinstance(result, models.Model):
                record_read(on=result, resource=resource, fields=named)
            elif isinstance(result, list | tuple):
                if ids := [row.pk for row in result if isinstance(row, models.Model)]:
                    record_read(resource=resource, ids=ids, fields=named)
            elif result is not None:
                raise TypeError(
                    f"{function.__qualname__}: reads_personal_data needs a row, a list or None"
                )
            return result

        return call

    return decorate
