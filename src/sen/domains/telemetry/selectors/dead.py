"""Refused payloads: seen by who sees their device; without a device, by who sees all devices.

The rows carry no owner, so the scope is that of the device. An unknown device belongs to nobody:
only those whose right to see devices is bound to no organisation and no place see its payloads.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from sen.domains.telemetry.models import DeadLetter, Device
from sen.kernel.access.scope import Actor, DataClass


def sees_unknown(actor: Actor) -> bool:
    """Whether the actor sees what nobody's devices sent."""
    return any(
        clause.orgs is None and clause.areas is None and clause.max_class >= DataClass.INTERNAL
        for clause in actor.scope(Device.access).clauses
    )


def dead_letters(actor: Actor, *, device_id: int | None = None) -> QuerySet[DeadLetter]:
    """Refused payloads that the actor sees, newest first."""
    own = Q(device__in=Device.objects.visible_to(actor).values("pk"))
    rows = DeadLetter.objects.filter(own | Q(device=None) if sees_unknown(actor) else own)
    if device_id is not None:
        rows = rows.filter(device_id=device_id)
    return rows.order_by("-received_at", "-id")


def reasons_of(rows: QuerySet[DeadLetter], days: int = 7) -> list[dict[str, Any]]:
    """How many payloads and values were refused for which reason in the last days."""
    since = timezone.now() - timedelta(days=days)
    counted: Any = (
        rows.filter(received_at__gte=since)
        .order_by()
        .values("reason")
        .annotate(letters=Count("id"), lost=Sum("count"), newest=Max("received_at"))
    )
    return sorted(counted, key=lambda item: -item["lost"])


def unknown_sources(actor: Actor, most: int = 20) -> list[dict[str, Any]]:
    """Devices that sent and are not known here, the last heard first."""
    if not sees_unknown(actor):
        return []
    found: Any = (
        DeadLetter.objects.filter(device=None)
        .exclude(source="")
        .order_by()
        .values("source", "door")
        .annotate(letters=Count("id"), newest=Max("received_at"), letter_id=Max("id"))
    )
    return list(found.order_by("-newest")[:most])
