"""Which permits there are, and which hold where."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from sen.domains.permits.choices import Status
from sen.domains.permits.data import Leg
from sen.domains.permits.models import Permit, PermitAct, PermitLeg
from sen.kernel.access.scope import Actor

#: A permit whose stretch is a place reaches so far for those who ask what holds at an asset.
NEAR_M = 100


def permits(actor: Actor) -> QuerySet[Permit]:
    """All permits that the actor may see, the newest applications first."""
    return Permit.objects.visible_to(actor).order_by("-received_at", "-id")


def in_force(on: date) -> Q:
    """The condition of permits that hold on a day."""
    begun = Q(valid_from=None) | Q(valid_from__lte=on)
    running = Q(valid_to=None) | Q(valid_to__gte=on)
    return Q(status=Status.ISSUED.value) & begun & running


def permits_on_road(actor: Actor, road_id: int, on: date) -> QuerySet[Permit]:
    """Permits in force that lie on a road or whose route uses it, along the road."""
    through = PermitLeg.objects.filter(road_id=road_id).values("permit_id")
    rows = permits(actor).filter(in_force(on)).filter(Q(road_id=road_id) | Q(pk__in=through))
    return rows.order_by("from_m", "id")


def permits_at_asset(actor: Actor, asset: Any, on: date) -> QuerySet[Permit]:
    """Permits in force that name an asset, lie at its place, or whose route leads over it."""
    found = Q(asset_id=asset.pk)
    if asset.road_id is not None and asset.chainage_m is not None:
        at = asset.chainage_m
        reaches = Q(to_m=None, from_m__range=(at - NEAR_M, at + NEAR_M)) | Q(
            from_m__lte=at, to_m__gte=at
        )
        whole = Q(from_m=None) | (Q(from_m__lte=at) & Q(to_m__gte=at))
        whole |= Q(from_m__gte=at) & Q(to_m__lte=at)
        through = PermitLeg.objects.filter(whole, road_id=asset.road_id).values("permit_id")
        found |= (Q(road_id=asset.road_id) & reaches) | Q(pk__in=through)
    return permits(actor).filter(in_force(on)).filter(found)


def expiring(actor: Actor, on: date, days: int) -> QuerySet[Permit]:
    """Permits in force that end within so many days."""
    rows = permits(actor).filter(status=Status.ISSUED.value, valid_to__gte=on)
    return rows.filter(valid_to__lte=on + timedelta(days=days)).order_by("valid_to", "id")


def acts_of(actor: Actor, permit: Permit) -> QuerySet[PermitAct]:
    """What was done with a permit, newest first."""
    rows: QuerySet[PermitAct] = PermitAct.objects.visible_to(actor).filter(permit=permit)
    return rows.order_by("-done_at", "-id")


def legs_of(permit: Permit) -> list[Leg]:
    """The route of a permit that the caller has already been allowed to see."""
    rows = PermitLeg.objects.filter(permit=permit).order_by("place")
    return [
        Leg(
            road_id=row.road_id,
            road=row.road.label,
            from_m=None if row.from_m is None else float(row.from_m),
            to_m=None if row.to_m is None else float(row.to_m),
        )
        for row in rows.select_related("road").defer("road__geom")
    ]
