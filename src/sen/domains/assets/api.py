"""What other domains may ask of `assets`."""

from __future__ import annotations

from sen.domains.assets.catalogue import AssetType, asset_types, type_of
from sen.domains.assets.selectors import (
    asset_by_code,
    asset_ids_by_code,
    assets,
    assets_along,
    counts_by_type,
    inspections_of,
    propose_place,
)
from sen.domains.assets.services import (
    bulk_edit_assets,
    bulk_put_assets,
    bulk_put_inspections,
    create_asset,
    move_asset,
    record_inspection,
    update_asset,
)

__all__ = [
    "AssetType",
    "asset_by_code",
    "asset_ids_by_code",
    "asset_types",
    "assets",
    "assets_along",
    "bulk_edit_assets",
    "bulk_put_assets",
    "bulk_put_inspections",
    "counts_by_type",
    "create_asset",
    "inspections_of",
    "move_asset",
    "propose_place",
    "record_inspection",
    "type_of",
    "update_asset",
]
