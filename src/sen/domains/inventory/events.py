"""What `inventory` tells the others."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CampaignStarted(Event):
    """The list of assets of a campaign was frozen and given to its teams."""

    type = "vn.dongthap.sen.inventory.campaign.started.v1"
    campaign_id: int
    code: str
    visits: int


@dataclass(frozen=True, kw_only=True)
class CampaignClosed(Event):
    """A campaign is over."""

    type = "vn.dongthap.sen.inventory.campaign.closed.v1"
    campaign_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class RecordReceived(Event):
    """A record came in from the field; ``conflict`` says that a person must look at it."""

    type = "vn.dongthap.sen.inventory.record.received.v1"
    campaign_id: int
    record_id: int
    asset_id: int | None
    outcome: str
    conflict: bool


@dataclass(frozen=True, kw_only=True)
class RecordAccepted(Event):
    """What a record says was written into the register of assets."""

    type = "vn.dongthap.sen.inventory.record.accepted.v1"
    campaign_id: int
    record_id: int
    asset_id: int
    outcome: str
