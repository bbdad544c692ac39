"""Use cases of documents."""

from __future__ import annotations

from sen.domains.documents.services.documents import (
    create_document,
    delete_document,
    follow_retention,
    lift_hold,
    place_hold,
    update_document,
)
from sen.domains.documents.services.dossiers import (
    create_dossier,
    delete_dossier,
    hold_dossier,
    put_into_dossier,
    release_dossier,
    take_from_dossier,
    update_dossier,
    waive_part,
)
from sen.domains.documents.services.links import link_document, unlink_document
from sen.domains.documents.services.versions import (
    add_rendition,
    add_version,
    follow_file,
    note_signatures,
)

__all__ = [
    "add_rendition",
    "add_version",
    "create_document",
    "create_dossier",
    "delete_document",
    "delete_dossier",
    "follow_file",
    "follow_retention",
    "hold_dossier",
    "lift_hold",
    "link_document",
    "note_signatures",
    "place_hold",
    "put_into_dossier",
    "release_dossier",
    "take_from_dossier",
    "unlink_document",
    "update_document",
    "update_dossier",
    "waive_part",
]
