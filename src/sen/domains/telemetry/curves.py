"""What other domains draw into the curve of a stream: levels that mean something, events.

The lower domain never learns of the upper one: ``alarms`` adds its levels with :func:`curve_part`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.telemetry.models import Calibration, Datastream
from sen.kernel.access.scope import Actor
from sen.kernel.numbers import number_text
from sen.kernel.web.charts import Band, Mark, Window

#: The most curves that are laid over one another.
MOST: Final = 4
#: More calibrations than these are no marks any more.
MARKS: Final = 20

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


def calibration_marks(actor: Actor, row: Datastream, window: Window) -> list[Mark]:
    """Where the instrument was calibrated anew: from when on its values are reckoned how."""
    if not actor.may("telemetry.calibration.view"):
        return []
    rows = Calibration.objects.visible_to(actor).filter(
        datastream_id=row.pk, valid_from__gte=window.begin, valid_from__lte=window.end
    )
    return [
        Mark(
            at=one.valid_from,
            text=_("Hiệu chuẩn %(code)s: trị số = %(scale)s × số thô + %(offset)s")
            % {
                "code": one.code,
                "scale": number_text(one.scale),
                "offset": number_text(one.offset),
            },
            url=f"/ql/telemetry/calibrations/{one.pk}/",
        )
        for one in rows.order_by("-valid_from")[:MARKS]
    ]


def others(text: str, own: int) -> list[int]:
    """The streams that are to be laid beside one: ids apart by commas."""
    found = [int(word) for word in text.split(",") if word.isdecimal() and len(word) < 10]
    return [pk for pk in dict.fromkeys(found) if pk != own][: MOST - 1]
