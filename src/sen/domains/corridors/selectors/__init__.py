"""Corridors near a shape on a date, what stands in them, and what they are drawn from."""

from sen.domains.corridors.selectors.answering import (
    BUFFER,
    corridors,
    findings_at,
)
from sen.domains.corridors.selectors.inside import (
    conflicts,
    drawn_on,
    reckon_widths,
    standing_in,
)
from sen.domains.corridors.selectors.widths import Widths, reach_of

__all__ = [
    "BUFFER",
    "Widths",
    "conflicts",
    "corridors",
    "drawn_on",
    "findings_at",
    "reach_of",
    "reckon_widths",
    "standing_in",
]
