"""What happens to assets, told to other domains and to live screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("assets", resource="assets.asset")


@dataclass(frozen=True, kw_only=True)
class AssetCreated(Event):
    """An asset was entered into the register."""

    type = "vn.dongthap.sen.assets.asset.created.v1"
    live_topic = "assets"
    asset_id: int
    asset_type: str
    code: str


@dataclass(frozen=True, kw_only=True)
class AssetChanged(Event):
    """Fields of an asset changed; attributes stand as ``attributes.<name>``."""

    type = "vn.dongthap.sen.assets.asset.changed.v1"
    live_topic = "assets"
    asset_id: int
    asset_type: str
    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AssetMoved(Event):
    """An asset has another place: on its road, on the map, or both."""

    type = "vn.dongthap.sen.assets.asset.moved.v1"
    live_topic = "assets"
    asset_id: int
    asset_type: str
    code: str
    road_id: int | None
    chainage_m: float | None


@dataclass(frozen=True, kw_only=True)
class AssetDeleted(Event):
    """An asset that was entered by mistake was taken out of the register."""

    type = "vn.dongthap.sen.assets.asset.deleted.v1"
    live_topic = "assets"
    asset_id: int
    asset_type: str
    code: str


@dataclass(frozen=True, kw_only=True)
class AssetsImported(Event):
    """Many assets of one type came in at once; at most a thousand ids an event."""

    type = "vn.dongthap.sen.assets.asset.imported.v1"
    asset_type: str
    created: tuple[int, ...]
    changed: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class LoadLimitChanged(Event):
    """The load or the clearance that is posted at an asset changed; None: nothing is posted.

    Units:
        By attribute name: ``_t`` tonnes, ``_m`` metres.
    """

    type = "vn.dongthap.sen.assets.asset.load_limit_changed.v1"
    live_topic = "assets"
    live_urgent = True
    asset_id: int
    asset_type: str
    code: str
    before: dict[str, float | None]
    now: dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class ConditionChanged(Event):
    """An asset was found in another condition."""

    type = "vn.dongthap.sen.assets.asset.condition_changed.v1"
    live_topic = "assets"
    asset_id: int
    asset_type: str
    code: str
    before: str
    now: str
    found_at: date | None


@dataclass(frozen=True, kw_only=True)
class AssetClosed(Event):
    """An asset was closed to traffic or taken out of use."""

    type = "vn.dongthap.sen.assets.asset.closed.v1"
    live_topic = "assets"
    live_urgent = True
    asset_id: int
    asset_type: str
    code: str
    status: str


@dataclass(frozen=True, kw_only=True)
class InspectionRecorded(Event):
    """An inspection of an asset was recorded."""

    type = "vn.dongthap.sen.assets.inspection.recorded.v1"
    inspection_id: int
    asset_id: int
    condition: str
    inspected_at: date
