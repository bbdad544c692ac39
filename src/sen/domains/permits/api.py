"""What other domains may ask of `permits`."""

from __future__ import annotations

from sen.domains.permits.kinds import PermitKind, permit_kinds
from sen.domains.permits.selectors import (
    check_route,
    expiring,
    in_force,
    legs_from,
    permits,
    permits_on_road,
)
from sen.domains.permits.services import bulk_put_permits, issue_permit, receive_permit

__all__ = [
    "PermitKind",
    "bulk_put_permits",
    "check_route",
    "expiring",
    "in_force",
    "issue_permit",
    "legs_from",
    "permit_kinds",
    "permits",
    "permits_on_road",
    "receive_permit",
]
