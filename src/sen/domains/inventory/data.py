"""What `inventory` takes in and tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


class Photo(Protocol):
    """A picture that was taken on the spot."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """The content, part by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInput:
    """What a device sends of one visit.

    Units:
        ``lon`` and ``lat`` in degrees of WGS 84.
    """

    key: UUID
    campaign_id: int
    visit_id: int | None
    outcome: str
    recorded_at: datetime
    asset_type: str = ""
    base_version: int | None = None
    base: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a team is in a commune."""

    team: str
    area: str
    total: int
    recorded: int
    conflicts: int
    accepted: int

    @property
    def left(self) -> int:
        """Assets that nobody has been at."""
        return self.total - self.recorded - self.conflicts - self.accepted

    @property
    def done(self) -> int:
        return self.total - self.left


@dataclass(slots=True)
class Acceptance:
    """What came of accepting many records at once."""

    accepted: int = 0
    conflicts: int = 0
    #: Record and why it could not be taken over.
    refused: list[tuple[str, str]] = field(default_factory=list)
