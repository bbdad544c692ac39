"""Documents, dossiers, lists of destruction, packages and trusted roots."""

from __future__ import annotations

from sen.domains.documents.models.archive import (
    Disposal,
    DisposalItem,
    Package,
    TrustAnchor,
)
from sen.domains.documents.models.documents import (
    Document,
    DocumentLink,
    DocumentVersion,
    KindChoices,
    Rendition,
    RetentionChoices,
    SignatureChoices,
    StateChoices,
)
from sen.domains.documents.models.dossiers import Dossier, DossierItem

__all__ = [
    "Disposal",
    "DisposalItem",
    "Document",
    "DocumentLink",
    "DocumentVersion",
    "Dossier",
    "DossierItem",
    "KindChoices",
    "Package",
    "Rendition",
    "RetentionChoices",
    "SignatureChoices",
    "StateChoices",
    "TrustAnchor",
]
