"""Questions about assets: what stands where, how many, and what a point on the map suggests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from sen.domains.assets.choices import Status
from sen.domains.assets.data import AssetSummary, LonLat, Proposal
from sen.domains.assets.models import Asset, Inspection
from sen.domains.network import api as network
from sen.domains.places import api as places
from sen.kernel.access.scope import Actor

#: A point farther than this from a road is not taken to lie on it.
NEAR_ROAD_M = 50.0


@dataclass(frozen=True, slots=True)
class RoadRef:
    """A road as far as an asset on it needs to know it."""

    id: int
    code: str
    number: str
    name: str
    order_key: str
    search_terms: str

    @property
    def label(self) -> str:
        return self.number or self.name


_ROAD_FIELDS = ("id", "code", "number", "name", "order_key", "search_terms")


def roads_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, RoadRef]:
    """The roads among ``ids`` that the actor may see."""
    rows = network.roads(actor).filter(pk__in_array=set(ids)).values_list(*_ROAD_FIELDS)
    return {row[0]: RoadRef(*row) for row in rows}


def roads_by_code(actor: Actor, codes: Iterable[str]) -> dict[str, RoadRef]:
    """The roads with these codes that the actor may see."""
    rows = network.roads(actor).filter(code__in=set(codes)).values_list(*_ROAD_FIELDS)
    return {row[1]: RoadRef(*row) for row in rows}


def assets(actor: Actor, *, type: str = "") -> QuerySet[Asset]:  # noqa: A002  as people call it
    """All assets that the actor may see, along the roads; of one type if it is named."""
    rows: QuerySet[Asset] = Asset.objects.visible_to(actor)
    if type:
        rows = rows.filter(type=type)
    return rows.order_by("location_key", "id")


def assets_along(
    actor: Actor,
    *,
    road_id: int,
    from_m: float | None = None,
    to_m: float | None = None,
    types: Sequence[str] = (),
) -> QuerySet[Asset]:
    """Assets on a road that are still there, in the order of their chainage."""
    rows = Asset.objects.visible_to(actor).filter(road_id=road_id)
    rows = rows.exclude(status=Status.REMOVED.value)
    if from_m is not None:
        rows = rows.filter(chainage_m__gte=from_m)
    if to_m is not None:
        rows = rows.filter(chainage_m__lte=to_m)
    if types:
        rows = rows.filter(type__in=list(types))
    found: QuerySet[Asset] = rows.order_by("chainage_m", "id")
    return found


def asset_by_code(actor: Actor, code: str) -> AssetSummary | None:
    """The asset with a code, if the actor may see it."""
    row = Asset.objects.visible_to(actor).filter(code=code).first()
    return summary(row) if row else None


def asset_ids_by_code(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Code → id of the assets that the actor may see."""
    rows = Asset.objects.visible_to(actor).filter(code__in=list(codes))
    return dict(rows.values_list("code", "id"))


def summary(row: Asset) -> AssetSummary:
    chainage = None if row.chainage_m is None else float(row.chainage_m)
    return AssetSummary(row.pk, row.type, row.code, row.name, row.road_id, chainage)


def counts_by_type(actor: Actor, **where: Any) -> dict[str, int]:
    """Type → number of assets that the actor may see and that are still there."""
    rows = (
        Asset.objects.visible_to(actor)
        .filter(**where)
        .exclude(status=Status.REMOVED.value)
        .order_by()
        .values_list("type")
        .annotate(n=Count("id"))
    )
    return dict(rows)


def inspections_of(actor: Actor, asset: Asset) -> QuerySet[Inspection]:
    """Inspections of an asset that the actor may see, newest first."""
    rows: QuerySet[Inspection] = Inspection.objects.visible_to(actor).filter(asset=asset)
    return rows.order_by("-inspected_at", "-id")


def propose_place(actor: Actor, position: LonLat) -> Proposal:
    """What a point suggests: the nearest road within 50 m with its chainage, and the commune."""
    lon, lat = position
    unit = places.unit_at(lon=lon, lat=lat)
    area = {"area_id": unit.area_id, "area": unit.name} if unit else {}
    found = network.chainage_of(lon=lon, lat=lat, within_m=NEAR_ROAD_M)
    road = roads_by_id(actor, [found.road_id]).get(found.road_id) if found else None
    if found is None or road is None:
        return Proposal(**area)  # type: ignore[arg-type]
    return Proposal(
        road_id=road.id,
        road=road.label,
        chainage_m=round(found.chainage_m, 1),
        offset_m=round(found.offset_m, 1),
        side=found.side.value,
        **area,  # type: ignore[arg-type]
    )
