"""What `norms` publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class NormVersionPublished(Event):
    """A rule says something new from a date on; whoever rests on it reviews its results."""

    type = "vn.dongthap.sen.norms.version.published.v1"
    norm: str
    effective_from: date


@dataclass(frozen=True, kw_only=True)
class NormVersionWithdrawn(Event):
    """What was published of a rule was taken back; from the date on it says what it said before."""

    type = "vn.dongthap.sen.norms.version.withdrawn.v1"
    norm: str
    effective_from: date


@dataclass(frozen=True, kw_only=True)
class NormVersionVerified(Event):
    """Somebody compared a version with the text of the law."""

    type = "vn.dongthap.sen.norms.version.verified.v1"
    norm: str
    effective_from: date
    verification: str


@dataclass(frozen=True, kw_only=True)
class NormDraftPublished(Event):
    """A draft became law of the house: all its rules at once."""

    type = "vn.dongthap.sen.norms.draft.published.v1"
    draft_id: int
    document: str
    act: str
    norms: tuple[str, ...]
    effective_from: date
