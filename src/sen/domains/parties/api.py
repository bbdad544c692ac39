"""What other domains may ask of `parties`."""

from __future__ import annotations

from sen.domains.parties.selectors import find_by_identifier, party_by_code
from sen.domains.parties.services import (
    create_party,
    note_match,
    put_identifier,
    reveal_identifier,
    update_party,
)

__all__ = [
    "create_party",
    "find_by_identifier",
    "note_match",
    "party_by_code",
    "put_identifier",
    "reveal_identifier",
    "update_party",
]
