"""Writing to the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models

from sen.kernel.access.context import current
from sen.kernel.access.models import ScopedModel
from sen.kernel.audit.models import AuditEntry


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
        resource = resource or (
            on.access.resource if isinstance(on, ScopedModel) else on._meta.label_lower
        )
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
