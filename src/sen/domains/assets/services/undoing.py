"""What an undone import leaves to do: derived columns of restored assets, and events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sen.domains.assets.events import AssetDeleted, AssetsImported
from sen.domains.assets.models import Asset
from sen.domains.assets.selectors import roads_by_id
from sen.domains.assets.services.assets import refresh_keys
from sen.domains.assets.services.writing import CHUNK, put_rows
from sen.kernel.access.scope import Actor
from sen.kernel.events import publish_many

EVENT_IDS = 1000


def tell_removed(*, actor: Actor, ids: Sequence[int]) -> None:
    """Tell that assets go: they are still there."""
    rows = Asset.objects.unscoped("tell of assets that an undone import takes along")
    publish_many(
        (AssetDeleted(asset_id=pk, asset_type=kind, code=code), pk)
        for pk, kind, code in rows.filter(pk__in_array=ids).values_list("pk", "type", "code")
    )


def refresh_restored(*, actor: Actor, ids: Sequence[int]) -> None:
    """Bring keys and search words of assets that got former values in line, and tell of them."""
    changed: dict[str, list[int]] = defaultdict(list)
    for start in range(0, len(ids), CHUNK):
        for kind, pk in _refreshed(actor, ids[start : start + CHUNK]):
            changed[kind].append(pk)
    for kind, pks in sorted(changed.items()):
        publish_many(
            (
                AssetsImported(
                    asset_type=kind,
                    created=(),
                    changed=tuple(pks[start : start + EVENT_IDS]),
                ),
                kind,
            )
            for start in range(0, len(pks), EVENT_IDS)
        )


def _refreshed(actor: Actor, ids: Sequence[int]) -> list[tuple[str, int]]:
    """Kind and id of the assets that are there, their keys in line."""
    rows = list(
        Asset.objects.unscoped("refresh assets that an undone import restored").filter(
            pk__in_array=ids
        )
    )
    roads = roads_by_id(actor, [row.road_id for row in rows if row.road_id])
    stale: list[Asset] = []
    for row in rows:
        before = (row.location_key, row.keywords)
        refresh_keys(row, roads.get(row.road_id or 0))
        if (row.location_key, row.keywords) != before:
            stale.append(row)
    put_rows(stale)
    return [(row.type, row.pk) for row in rows]
