"""Bringing back a past version of an asset."""

from __future__ import annotations

from typing import Any

from sen.domains.assets.models import Asset
from sen.domains.assets.rules import check_attributes
from sen.domains.assets.selectors import roads_by_id
from sen.domains.assets.services.assets import refresh_keys
from sen.domains.assets.services.checks import Snapshot, events_of
from sen.kernel.access.scope import Actor
from sen.kernel.attributes.labels import fault_text
from sen.kernel.errors import InvalidInputError
from sen.kernel.events import publish
from sen.kernel.restoring import restores
from sen.kernel.usecase import check_version, use_case


@restores(Asset)
@use_case("assets.asset.change", act="assets.restore_asset")
def restore_asset(
    *, actor: Actor, row: Any, version: int, values: dict[str, Any], reason: str
) -> Asset:
    """Give an asset the values of a past version; attributes hidden from the actor stay.

    Raises:
        ConflictError: somebody changed the asset meanwhile.
        InvalidInputError: the type no longer allows a value of that version.
    """
    asset: Asset = row
    check_version(asset, version)
    before = Snapshot.of(asset)
    hidden = actor.scope(Asset.access).masked(asset)
    kept = {
        name: value for name, value in asset.attributes.items() if f"attributes__{name}" in hidden
    }
    clean, faults = check_attributes(asset.kind, {**values.pop("attributes", {}), **kept})
    if faults:
        raise InvalidInputError({name: fault_text(fault) for name, fault in faults.items()})
    for name, value in values.items():
        setattr(asset, name, value)
    asset.attributes = clean
    road_id = asset.road_id
    refresh_keys(asset, roads_by_id(actor, [road_id]).get(road_id) if road_id else None)
    asset.save()
    for event in events_of(asset, before):
        publish(event, key=asset.pk, on=asset)
    return asset
