"""Use cases on permits."""

from sen.domains.permits.services.bulk import bulk_put_permits
from sen.domains.permits.services.course import (
    expire_permits,
    extend_permit,
    hand_back_site,
    inspect_site,
    issue_permit,
    refuse_permit,
    remind_permits,
    revoke_permit,
)
from sen.domains.permits.services.filing import delete_permit, receive_permit, update_permit
from sen.domains.permits.services.following import PermitFollower, recheck_routes

__all__ = [
    "PermitFollower",
    "bulk_put_permits",
    "delete_permit",
    "expire_permits",
    "extend_permit",
    "hand_back_site",
    "inspect_site",
    "issue_permit",
    "receive_permit",
    "recheck_routes",
    "refuse_permit",
    "remind_permits",
    "revoke_permit",
    "update_permit",
]
