"""What other domains may ask of `inventory`."""

from __future__ import annotations

from sen.domains.inventory.selectors import (
    campaigns,
    progress,
    records_of,
    teams,
    values_of,
    visits,
)
from sen.domains.inventory.services import (
    accept_records,
    create_campaign,
    create_team,
    receive_record,
    start_campaign,
)

__all__ = [
    "accept_records",
    "campaigns",
    "create_campaign",
    "create_team",
    "progress",
    "receive_record",
    "records_of",
    "start_campaign",
    "teams",
    "values_of",
    "visits",
]
