"""Use cases on corridors, red lines and fairways."""

from sen.domains.corridors.services.drawing import Drawn, draw_corridors
from sen.domains.corridors.services.entering import (
    create_fairway,
    create_red_line,
    update_fairway,
    update_red_line,
)

__all__ = [
    "Drawn",
    "create_fairway",
    "create_red_line",
    "draw_corridors",
    "update_fairway",
    "update_red_line",
]
