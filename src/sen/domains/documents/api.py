"""What other domains may ask of `documents`.

A program that works on contents reacts to :class:`events.VersionChecked` with the state CLEAN,
reads with :func:`local_version` or :func:`open_version`, and keeps what it made with
:func:`add_rendition`; the original is never touched.
"""

from __future__ import annotations

from sen.domains.documents.selectors import (
    document_by_id,
    document_ref,
    documents,
    documents_about,
    dossier_of,
    dossiers,
    kind_choices,
    local_version,
    open_version,
    part_choices,
    rendition_of,
    version_by_id,
    versions_of,
)
from sen.domains.documents.services import (
    add_rendition,
    add_version,
    create_document,
    create_dossier,
    link_document,
    place_hold,
    put_into_dossier,
    unlink_document,
    update_document,
)

__all__ = [
    "add_rendition",
    "add_version",
    "create_document",
    "create_dossier",
    "document_by_id",
    "document_ref",
    "documents",
    "documents_about",
    "dossier_of",
    "dossiers",
    "kind_choices",
    "link_document",
    "local_version",
    "open_version",
    "part_choices",
    "place_hold",
    "put_into_dossier",
    "rendition_of",
    "unlink_document",
    "update_document",
    "version_by_id",
    "versions_of",
]
