"""What `corridors` tells other domains and takes from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: The metric grid in which corridors are drawn: VN-2000, 3° zone, meridian 105°00′.
METRIC_SRID: Final = 5897


@dataclass(frozen=True, slots=True)
class Finding:
    """One corridor near a shape, on a date.

    Units:
        ``axis_m``: from the axis (middle of the road, bridge, fairway; mouth of the tunnel).
        ``to_m``: to the edge of the corridor, 0 inside. ``reach_m`` None: the law names another
        line, which is not known.
    """

    id: int
    along: str
    title: str
    axis_m: float
    reach_m: float | None
    to_m: float | None
    corridor_m: float | None
    legal_ref: str
    document: str
    verification: str
    remark: str

    @property
    def is_inside(self) -> bool:
        return self.to_m == 0

    @property
    def is_unknown(self) -> bool:
        return self.reach_m is None
