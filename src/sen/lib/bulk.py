"""What writing many rows at once did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What an import did, or would do; ``ids`` are by the code or the number of its row."""

    created: int
    updated: int
    unchanged: int
    ids: Mapping[str, int] = field(default_factory=dict)
