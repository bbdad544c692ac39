"""Use cases on publications of loads and clearances."""

from sen.domains.loadnotices.services.changes import note_changes
from sen.domains.loadnotices.services.course import (
    approve_notice,
    check_notice,
    publish_notice,
    return_notice,
)
from sen.domains.loadnotices.services.making import (
    delete_notice,
    generate_notice,
    refresh_notice,
    take_over_notice,
)

__all__ = [
    "approve_notice",
    "check_notice",
    "delete_notice",
    "generate_notice",
    "note_changes",
    "publish_notice",
    "refresh_notice",
    "return_notice",
    "take_over_notice",
]
