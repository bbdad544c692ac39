"""What other domains may ask of `norms`."""

from __future__ import annotations

from sen.domains.norms.selectors import calendar, ruling, version_on
from sen.domains.norms.services import put_document, put_norm, put_version, verify_version

__all__ = [
    "calendar",
    "put_document",
    "put_norm",
    "put_version",
    "ruling",
    "verify_version",
    "version_on",
]
