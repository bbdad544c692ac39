"""What alarms tell other domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the engine found on one stream (or, for compounds, on one work) at a time.

    Units:
        ``signal`` is what the rule compares with its levels, ``peak`` the worst of it so far.
        ``is_late``: found only when late observations were there; ``ended_at``: and over already.
    """

    rule_id: int
    datastream_id: int | None
    asset_id: int | None
    at: datetime
    before: int
    after: int
    signal: float
    value: float
    peak: float
    is_late: bool = False
    ended_at: datetime | None = None

    @property
    def key(self) -> str:
        """The alarm that it belongs to, whatever the revision of the rule."""
        return f"{self.datastream_id or 0}:{self.asset_id or 0}"


@dataclass(frozen=True, slots=True)
class AlarmInfo:
    """One alarm in short."""

    id: int
    code: str
    title: str
    severity: int
    state: str
    suspect: str
    asset_id: int | None
    road_id: int | None
    raised_at: datetime
    playbook_code: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How alarms went in a time, in the sense of ISA-18.2.

    Units:
        ``mean_ack_s`` seconds.
    """

    raised: int
    acknowledged: int
    open: int
    storms: int
    mean_ack_s: float | None
    chattering: tuple[tuple[str, int], ...]
