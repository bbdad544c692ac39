"""What happens to documents and dossiers.

Whoever works on the bytes (text recognition, previews) waits for :class:`VersionChecked` with the
state CLEAN: before it a version may not be read.
"""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event
from sen.kernel.live.topics import declare_topic

declare_topic("documents", resource="documents.document")


@dataclass(frozen=True, kw_only=True)
class VersionAdded(Event):
    """A document has a new version; it may still be in quarantine."""

    type = "vn.dongthap.sen.documents.version.added.v1"
    live_topic = "documents"
    live_key = "document_id"
    document_id: int
    version_id: int
    number: int
    mime: str
    source: str


@dataclass(frozen=True, kw_only=True)
class VersionChecked(Event):
    """A version left its quarantine: ``state`` is CLEAN (it may be read now) or REJECTED."""

    type = "vn.dongthap.sen.documents.version.checked.v1"
    live_topic = "documents"
    live_key = "document_id"
    document_id: int
    version_id: int
    number: int
    mime: str
    source: str
    state: str


@dataclass(frozen=True, kw_only=True)
class RenditionAdded(Event):
    """A version has another form beside its original, or a new one of a kind that it had."""

    type = "vn.dongthap.sen.documents.rendition.added.v1"
    document_id: int
    version_id: int
    rendition_id: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class SignaturesRead(Event):
    """The signatures of a version were verified; ``state`` is that of the whole."""

    type = "vn.dongthap.sen.documents.version.verified.v1"
    live_topic = "documents"
    live_key = "document_id"
    document_id: int
    version_id: int
    state: str
    count: int


@dataclass(frozen=True, kw_only=True)
class DocumentChanged(Event):
    """What describes a document changed, or what it is linked to."""

    type = "vn.dongthap.sen.documents.document.changed.v1"
    document_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class DocumentDestroyed(Event):
    """The contents of a document were destroyed by an approved list, or it was entered by mistake.

    Whoever keeps anything that was made of its contents erases it.
    """

    type = "vn.dongthap.sen.documents.document.destroyed.v1"
    document_id: int
    version_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class DossierChanged(Event):
    """A dossier has other contents, or is more or less complete than before."""

    type = "vn.dongthap.sen.documents.dossier.changed.v1"
    dossier_id: int
    code: str
    share: int
    missing: tuple[str, ...]
