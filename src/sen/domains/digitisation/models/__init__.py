"""Batches of scanned sheets, and what was read in documents."""

from __future__ import annotations

from sen.domains.digitisation.models.batches import Batch, BatchFile, Part, Sheet
from sen.domains.digitisation.models.readings import PageText, Reading

__all__ = ["Batch", "BatchFile", "PageText", "Part", "Reading", "Sheet"]
