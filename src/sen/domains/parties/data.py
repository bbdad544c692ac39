"""What `parties` tells other domains."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartyRef:
    """A party by what other domains may keep of it."""

    id: int
    code: str
    name: str
    kind: str
