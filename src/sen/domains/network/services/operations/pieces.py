"""Cutting stretches at the borders of what an operation did to a road; pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sen.domains.network.choices import Side
from sen.domains.network.ports import Piece

#: Less than a millimetre of a label is none: that is how exactly labels are kept.
TINY_M: Final = 0.0015
_OTHER: Final = {Side.LEFT.value: Side.RIGHT.value, Side.RIGHT.value: Side.LEFT.value}


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of a stretch, or of a part of it.

    Units:
        Labels in metres; ``from_m`` is below ``to_m`` also where the direction turned.
    """

    old_from: float
    old_to: float
    road_id: int
    from_m: float
    to_m: float
    turned: bool
    settled: bool

    def side(self, side: str) -> str:
        """A side of the old road as the new direction calls it."""
        return _OTHER.get(side, side) if self.turned else side


def cut(pieces: Sequence[Piece], from_m: float, to_m: float) -> list[Part]:
    """The parts of a stretch, one for each piece that it touches, in the old order.

    What reaches a little beyond the ends of the road stays with its first or last piece.
    """
    parts: list[Part] = []
    for i, piece in enumerate(pieces):
        low = from_m if i == 0 else max(from_m, piece.from_m)
        high = to_m if i == len(pieces) - 1 else min(to_m, piece.to_m)
        if high - low < TINY_M:
            continue
        ends = sorted((piece.at(low), piece.at(high)))
        parts.append(Part(low, high, piece.road_id, ends[0], ends[1], piece.turned, piece.settled))
    return parts


def carry(
    pieces: Sequence[Piece], from_m: float, to_m: float, *, whatever: bool = False
) -> list[Part]:
    """The parts of a stretch after an operation, neighbours that still meet joined.

    ``whatever`` takes parts along that lie elsewhere now.
    """
    joined: list[Part] = []
    for found in cut(pieces, from_m, to_m):
        part = replace(found, settled=True) if whatever else found
        last = joined[-1] if joined else None
        if last is not None and _meet(last, part):
            joined[-1] = replace(
                last,
                old_to=part.old_to,
                from_m=min(last.from_m, part.from_m),
                to_m=max(last.to_m, part.to_m),
            )
        else:
            joined.append(part)
    return joined


def _meet(one: Part, two: Part) -> bool:
    if (one.road_id, one.turned, one.settled) != (two.road_id, two.turned, two.settled):
        return False
    gap = one.from_m - two.to_m if one.turned else two.from_m - one.to_m
    return abs(gap) < TINY_M


def is_untouched(parts: Sequence[Part], road_id: int) -> bool:
    """Whether a stretch is on the same road under the same labels."""
    return len(parts) == 1 and (
        parts[0].settled
        and not parts[0].turned
        and parts[0].road_id == road_id
        and abs(parts[0].from_m - parts[0].old_from) < TINY_M
        and abs(parts[0].to_m - parts[0].old_to) < TINY_M
    )
