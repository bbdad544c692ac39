"""Use cases on assets and their inspections."""

from __future__ import annotations

from sen.domains.assets.services.assets import (
    bulk_edit_assets,
    create_asset,
    delete_asset,
    move_asset,
    update_asset,
)
from sen.domains.assets.services.bulk import bulk_put_assets, import_assets
from sen.domains.assets.services.following import follow_calibration, follow_road
from sen.domains.assets.services.inspections import (
    bulk_put_inspections,
    delete_inspection,
    record_inspection,
    update_inspection,
)
from sen.domains.assets.services.restoring import restore_asset

__all__ = [
    "bulk_edit_assets",
    "bulk_put_assets",
    "bulk_put_inspections",
    "create_asset",
    "delete_asset",
    "delete_inspection",
    "follow_calibration",
    "follow_road",
    "import_assets",
    "move_asset",
    "record_inspection",
    "restore_asset",
    "update_asset",
    "update_inspection",
]
