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
