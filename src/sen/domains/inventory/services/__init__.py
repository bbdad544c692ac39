"""Use cases on campaigns, their teams, and what is recorded."""

from __future__ import annotations

from sen.domains.inventory.services.acceptance import (
    accept_records,
    reject_record,
    resolve_visit,
)
from sen.domains.inventory.services.campaigns import (
    close_campaign,
    create_campaign,
    create_team,
    start_campaign,
    update_campaign,
    update_team,
)
from sen.domains.inventory.services.records import receive_record

__all__ = [
    "accept_records",
    "close_campaign",
    "create_campaign",
    "create_team",
    "receive_record",
    "reject_record",
    "resolve_visit",
    "start_campaign",
    "update_campaign",
    "update_team",
]
