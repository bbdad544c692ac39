"""What other domains may ask of `corridors`."""

from __future__ import annotations

from sen.domains.corridors.selectors import corridors, findings_at, standing_in
from sen.domains.corridors.services import create_fairway, create_red_line, draw_corridors

__all__ = [
    "corridors",
    "create_fairway",
    "create_red_line",
    "draw_corridors",
    "findings_at",
    "standing_in",
]
