"""Tracks: what is drawn and counted along roads, whichever domain it comes from.

A domain adds tracks in its ``web/tracks.py``. The straight-line diagram of a road shows them all;
those that hold over stretches can be layers of a segmentation. The lower domain never learns of
the upper one; its pages ask the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from django.utils.functional import Promise

from sen.kernel.access.scope import Actor
from sen.kernel.registry import Store

Label = str | Promise
SHAPES: Final = ("band", "line", "structure", "mark")
#: Sides as seen in the direction of rising chainage.
SIDES: Final = ("BOTH", "LEFT", "RIGHT")


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing along a road: a stretch, or a place if both ends are the same.

    ``lane`` 0 stands for all lanes. ``url`` is below the base of the page (``assets/bridges/7/``),
    empty where there is nothing to open. ``symbol`` is what stands inside the drawn thing, the
    limit on a sign for one. ``color`` overrides that of the value.

    Units:
        ``from_m``, ``to_m``: metres of the label. ``number``: in the unit of the track.
    """

    road_id: int
    from_m: float
    to_m: float
    number: float | None = None
    text: str = ""
    side: str = "BOTH"
    lane: int = 0
    label: str = ""
    url: str = ""
    symbol: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Whose question it is, about which roads, on which day."""

    actor: Actor
    road_ids: Sequence[int]
    on: date


Reader = Callable[[Inquiry], Iterable[Mark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One row of things along a road.

    ``shape`` says how its things are drawn: ``band`` (stretches in colours), ``line`` (numbers as
    a step line), ``structure`` (over the carriageway), ``mark`` (beside it, on their side).
    ``choices`` are words for values; ``colors`` are by value or, with ``limits``, by how many of
    the limits a value reaches.
    """

    name: str
    title: Label
    shape: str
    read: Reader
    is_number: bool = False
    unit: Label = ""
    choices: Mapping[str, Label] = field(default_factory=dict)
    colors: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[float, ...] = ()
    #: The limits of a day, where a rule of law sets them.
    limits_on: Callable[[date], tuple[float, ...]] | None = None
    order: int = 100
    icon: str = ""
    #: Whether it can be a layer of a segmentation.
    is_layer: bool = False
    #: Left out of the diagram at first.
    is_quiet: bool = False

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"track {self.name}: shape must be one of {SHAPES}")

    def as_on(self, day: date) -> Track:
        """The track with the limits of a day."""
        return self if self.limits_on is None else replace(self, limits=self.limits_on(day))

    def color_of(self, mark: Mark) -> str:
        """The colour of a thing; empty where the drawing may choose."""
        if mark.color:
            return mark.color
        if self.limits and mark.number is not None:
            return self.colors.get(str(sum(mark.number >= limit for limit in self.limits)), "")
        return self.colors.get(mark.text, "")


tracks: Store[Track] = Store("track")


def add_track(track: Track) -> Track:
    """Register a track under its name, ``<domain>.<what>``."""
    return tracks.add(track.name, track)


def ordered_tracks() -> list[Track]:
    return sorted(tracks, key=lambda track: (track.order, track.name))
