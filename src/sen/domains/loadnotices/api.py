"""What other domains may ask of `loadnotices`."""

from __future__ import annotations

from sen.domains.loadnotices.selectors import collect, current_items, current_notice, notices
from sen.domains.loadnotices.services import (
    approve_notice,
    check_notice,
    generate_notice,
    publish_notice,
    take_over_notice,
)

__all__ = [
    "approve_notice",
    "check_notice",
    "collect",
    "current_items",
    "current_notice",
    "generate_notice",
    "notices",
    "publish_notice",
    "take_over_notice",
]
