"""What `parties` publishes."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PartyChanged(Event):
    """A party was created or changed; ids only, the rest is asked for with rights."""

    type = "vn.dongthap.sen.parties.party.changed.v1"
    party_id: int
    code: str


@dataclass(frozen=True, kw_only=True)
class IdentifierMatched(Event):
    """A national register confirmed, or contradicted, an identifier."""

    type = "vn.dongthap.sen.parties.identifier.matched.v1"
    party_id: int
    scheme: str
    state: str
