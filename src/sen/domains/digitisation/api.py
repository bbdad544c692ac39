"""What other domains may ask of `digitisation`."""

from __future__ import annotations

from sen.domains.digitisation.selectors import reading_of, search
from sen.domains.digitisation.services import ask_for_reading, create_batch, keep_reading

__all__ = ["ask_for_reading", "create_batch", "keep_reading", "reading_of", "search"]
