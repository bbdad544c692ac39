"""Streams and stations: of a work, on a road, beside another."""

from __future__ import annotations

from collections.abc import Collection

from sen.domains.telemetry.data import StreamInfo
from sen.domains.telemetry.models import Datastream, Device, Thing
from sen.kernel.access.querysets import ScopedQuerySet
from sen.kernel.access.scope import Actor


def streams_of_thing(actor: Actor, thing_id: int) -> ScopedQuerySet[Datastream]:
    return _told(actor).filter(thing_id=thing_id)


def streams_of_asset(actor: Actor, asset_id: int) -> list[StreamInfo]:
    """The streams that watch a work, by where they sit on it."""
    rows = _told(actor).filter(thing__asset_id=asset_id, is_active=True)
    return [info_of(row) for row in rows.order_by("thing__position", "thing_id", "code", "id")]


def streams_with_schema(actor: Actor, code: str) -> list[StreamInfo]:
    """The streams whose results follow a schema of ``results.toml``."""
    rows = _told(actor).filter(result_schema=code, is_active=True)
    return [info_of(row) for row in rows.order_by("code")]


def stream_infos(actor: Actor, stream_ids: Collection[int]) -> dict[int, StreamInfo]:
    """Those of the streams that the actor sees, by id."""
    return {row.pk: info_of(row) for row in _told(actor).filter(pk__in_array=stream_ids)}


def _told(actor: Actor) -> ScopedQuerySet[Datastream]:
    return Datastream.objects.visible_to(actor).select_related("thing", "observed_property")


def info_of(row: Datastream) -> StreamInfo:
    """A stream that was read with its station and its quantity, in short."""
    quantity = row.observed_property
    return StreamInfo(
        id=row.pk,
        code=row.code,
        name=row.name,
        thing_id=row.thing_id,
        thing_name=row.thing.name,
        asset_id=row.thing.asset_id,
        position=row.thing.position,
        property_code="" if quantity is None else quantity.code,
        property_name="" if quantity is None else quantity.name,
        unit=row.unit,
        interval_s=row.interval_s,
        valid_min=row.valid_min,
        valid_max=row.valid_max,
    )


def siblings(actor: Actor, stream_id: int, codes: Collection[str]) -> dict[str, int]:
    """Streams of the same work by the code of their quantity; of several, the first made."""
    rows = Datastream.objects.visible_to(actor)
    asset_id = rows.filter(pk=stream_id).values_list("thing__asset_id", flat=True).first()
    if asset_id is None or not codes:
        return {}
    found: dict[str, int] = {}
    beside = rows.filter(
        thing__asset_id=asset_id, observed_property__code__in=codes, is_active=True
    ).order_by("id")
    for code, pk in beside.values_list("observed_property__code", "id"):
        found.setdefault(code, pk)
    return found


def things_of_asset(actor: Actor, asset_id: int) -> ScopedQuerySet[Thing]:
    return Thing.objects.visible_to(actor).filter(asset_id=asset_id)


def things_on_road(actor: Actor, road_id: int) -> ScopedQuerySet[Thing]:
    """Stations on a road in order of chainage, those that were taken down left out."""
    rows = Thing.objects.visible_to(actor).filter(road_id=road_id)
    return rows.exclude(status="REMOVED").order_by("chainage_m", "id")


def devices_of_thing(actor: Actor, thing_id: int) -> ScopedQuerySet[Device]:
    return Device.objects.visible_to(actor).filter(things=thing_id).order_by("code")
