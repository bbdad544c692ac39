"""What other domains may ask of `norms`."""

from __future__ import annotations

from sen.domains.norms.rules import NoRowError, decide, holds
from sen.domains.norms.selectors import (
    calendar,
    document,
    norm,
    owners,
    ruling,
    table_on,
    tables_on,
    version_on,
)
from sen.domains.norms.services import (
    create_draft,
    put_case,
    put_document,
    put_norm,
    put_version,
    take_in_norm,
    verify_version,
    write_table,
)

__all__ = [
    "NoRowError",
    "calendar",
    "create_draft",
    "decide",
    "document",
    "holds",
    "norm",
    "owners",
    "put_case",
    "put_document",
    "put_norm",
    "put_version",
    "ruling",
    "table_on",
    "tables_on",
    "take_in_norm",
    "verify_version",
    "version_on",
    "write_table",
]
