"""What a publication says of one road or work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One item as it stands in the database on a day; ``key`` is the same in all publications.

    Units:
        ``limits``: by name, tonnes and metres. ``shape``: WKT in WGS 84 as Django reads it.
    """

    key: str
    subject: str
    ref_id: int
    code: str
    name: str
    road: str
    road_id: int | None
    from_m: float | None = None
    to_m: float | None = None
    manager: str = ""
    design_load: str = ""
    limits: Mapping[str, float] = field(default_factory=dict)
    shape: Any = None

    @property
    def is_limited(self) -> bool:
        return bool(self.limits.keys() - {"width_m"}) or (
            self.subject == "ROAD" and "width_m" in self.limits
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """How one item differs between two publications."""

    key: str
    change: str
    before: Mapping[str, float]
    now: Mapping[str, float]
