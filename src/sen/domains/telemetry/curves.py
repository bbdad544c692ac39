"""What other domains draw into the curve of a stream: levels that mean something, events.

The lower domain never learns of the upper one: ``alarms`` adds its levels with :func:`curve_part`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sen.domains.telemetry.models import Datastream
from sen.kernel.access.scope import Actor
from sen.kernel.web.charts import Band, Mark, Window

#: The most curves that are laid over one another.
MOST: Final = 4

Part = Callable[[Actor, Datastream, Window], tuple[Sequence[Band], Sequence[Mark]]]

_parts: list[Part] = []


def curve_part(part: Part) -> Part:
    """Decorator: what a domain adds to the curve of every stream."""
    _parts.append(part)
    return part


def parts_of(actor: Actor, row: Datastream, window: Window) -> tuple[list[Band], list[Mark]]:
    """Bands and marks of all domains on one stream in a window."""
    bands: list[Band] = []
    marks: list[Mark] = []
    for part in _parts:
        more_bands, more_marks = part(actor, row, window)
        bands += more_bands
        marks += more_marks
    return bands, marks


def others(text: str, own: int) -> list[int]:
    """The streams that are to be laid beside one: ids apart by commas."""
    found = [int(word) for word in text.split(",") if word.isdecimal() and len(word) < 10]
    return [pk for pk in dict.fromkeys(found) if pk != own][: MOST - 1]
