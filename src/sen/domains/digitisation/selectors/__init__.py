"""Reading what was scanned, read and found."""

from __future__ import annotations

from sen.domains.digitisation.selectors.readings import (
    LEAST_DPI,
    least_dpi,
    page_of,
    pages_of,
    queue_state,
    reading_of,
    readings,
)
from sen.domains.digitisation.selectors.searching import Found, search

__all__ = [
    "LEAST_DPI",
    "Found",
    "least_dpi",
    "page_of",
    "pages_of",
    "queue_state",
    "reading_of",
    "readings",
    "search",
]
