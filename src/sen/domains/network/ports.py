"""What lies on roads above this domain, and how it follows when a road is changed as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol

from sen.domains.network.choices import OperationKind
from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a road before an operation, and what it is called afterwards.

    ``road_id`` is the road on which it lies now. ``settled`` is False where the road lies elsewhere
    now: what stood there did not move with it, and somebody must say what becomes of it.

    Units:
        Labels in metres; ``new_from`` is greater than ``new_to`` where the direction turned.
    """

    from_m: float
    to_m: float
    road_id: int
    new_from: float
    new_to: float
    settled: bool = True

    @property
    def turned(self) -> bool:
        return self.new_to < self.new_from

    def at(self, measure_m: float) -> float:
        """The label now of an old label; it goes on beyond the ends of the piece."""
        share = (measure_m - self.from_m) / (self.to_m - self.from_m)
        return self.new_from + share * (self.new_to - self.new_from)

    def is_same(self, road_id: int) -> bool:
        """Whether nothing changes for what lies here."""
        return (
            self.settled
            and self.road_id == road_id
            and abs(self.new_from - self.from_m) < 5e-4
            and abs(self.new_to - self.to_m) < 5e-4
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadChange:
    """What was done to one road: its pieces from start to end, in order and without a gap.

    ``owner_from`` and ``owner_to`` are organisations when things on the road are handed over.
    """

    operation_id: int
    kind: OperationKind
    road_id: int
    road: str
    valid_from: date
    pieces: tuple[Piece, ...]
    owner_from: int | None = None
    owner_to: int | None = None
    is_abolished: bool = False

    def piece_at(self, measure_m: float) -> Piece:
        """The piece in which an old label lies; labels a little beyond an end lie in the last."""
        for piece in self.pieces:
            if measure_m <= piece.to_m:
                return piece
        return self.pieces[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """Something that could not be carried over by itself.

    ``choices`` are code → words; ``payload`` comes back to :meth:`RoadFollower.decide`.
    """

    subject_id: int
    title: str
    reason: str
    choices: Mapping[str, str]
    road_id: int
    url: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """How many things followed a change by themselves, and what must be decided."""

    carried: int = 0
    questions: Sequence[OpenQuestion] = ()


class RoadFollower(Protocol):
    """Implemented by domains whose things lie on roads."""

    @property
    def title(self) -> str:
        """What its things are called."""
        ...

    def follow(self, *, actor: Actor, change: RoadChange) -> Followed:
        """Carry the things of a road over; runs in the transaction of the operation."""
        ...

    def decide(
        self, *, actor: Actor, subject_id: int, choice: str, payload: Mapping[str, Any]
    ) -> None:
        """Do what was chosen for one of them."""
        ...


#: By the name that stands in the worklist as the kind of the thing: ``assets.asset``.
road_followers: Final[Store[RoadFollower]] = Store("road follower")
