"""What happens to scans."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("readings", resource="documents.document")


@dataclass(frozen=True, kw_only=True)
class DocumentRead(Event):
    """The text of a document was read; ``state`` RESCAN: some pages are too poor."""

    type = "vn.dongthap.sen.digitisation.document.read.v1"
    live_topic = "readings"
    live_key = "document_id"
    document_id: int
    version_id: int
    state: str
    pages: int
    poor_pages: int


@dataclass(frozen=True, kw_only=True)
class PartAccepted(Event):
    """A part of a batch of scans has become a document."""

    type = "vn.dongthap.sen.digitisation.part.accepted.v1"
    batch_id: int
    part_id: int
    document_id: int
    pages: int
