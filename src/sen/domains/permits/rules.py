"""What a vehicle needs of a structure, how routes are written, what may follow what: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sen.domains.permits.choices import MOVES, Act, Status
from sen.domains.permits.data import Failing, Vehicle
from sen.lib.chainage import ChainageError, parse_chainage
from sen.lib.errors import InputError, gettext_noop

#: Words of limits, by the attribute that holds them.
WORDS: Final = {
    "closed": gettext_noop("đang tạm dừng khai thác"),
    "load": gettext_noop("tổng trọng lượng"),
    "axle": gettext_noop("tải trọng trục"),
    "height": gettext_noop("chiều cao"),
    "width": gettext_noop("chiều rộng"),
}
_BY_COMBINATION: Final = {
    "rigid": "load_limit_rigid_t",
    "semi": "load_limit_semi_t",
    "trailer": "load_limit_trailer_t",
}
_LEG: Final = re.compile(
    r"(?P<road>.+?)(?:\s*[:,]?\s+(?P<start>Km\s*\d[\d+.,]*)\s*(?:-|–|—|→|đến)\s*(?P<end>Km\s*\d[\d+.,]*))?",
    re.IGNORECASE,
)
#: A chainage left in the name of the road: half a stretch.
_HALF: Final = re.compile(r"\bkm\s*\d", re.IGNORECASE)
MOST_LEGS: Final = 60


class RouteTextError(InputError):
    """A route cannot be read."""


@dataclass(frozen=True, slots=True)
class LegText:
    """A stretch as somebody wrote it.

    Units:
        Labels in metres.
    """

    road: str
    from_m: float | None = None
    to_m: float | None = None


def read_route(text: str) -> list[LegText]:
    """``QL.30 Km0+000 - Km20+000; ĐT.844`` → stretches in order; a line or ``;`` ends one.

    Raises:
        RouteTextError: a stretch is unreadable, or there are too many.
    """
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    if len(parts) > MOST_LEGS:
        raise RouteTextError(
            gettext_noop("Lộ trình có %(count)s đoạn; tối đa %(most)s."),
            count=len(parts),
            most=MOST_LEGS,
        )
    return [_leg(part) for part in parts]


def _leg(text: str) -> LegText:
    match = _LEG.fullmatch(text)
    if match is None or _HALF.search(match["road"]):
        raise RouteTextError(
            gettext_noop("Không đọc được đoạn “%(text)s”; ghi như QL.30 Km0+000 - Km20+500."),
            text=text,
        )
    if match["start"] is None:
        return LegText(match["road"].strip())
    try:
        ends = [parse_chainage(match[name]).metres for name in ("start", "end")]
    except ChainageError as error:
        raise RouteTextError(error.template, **error.params) from error
    return LegText(match["road"].strip(), float(ends[0]), float(ends[1]))


def failings(
    vehicle: Vehicle, posted: Mapping[str, Any], *, closed: bool = False, margin_m: float = 0.0
) -> tuple[Failing, ...]:
    """Which posted limits of a structure or stretch the vehicle exceeds.

    Units:
        ``posted``: by attribute, tonnes and metres. ``margin_m``: air that must stay above.
    """
    found = [Failing(WORDS["closed"], None, None)] if closed else []
    load = _number(posted, _BY_COMBINATION.get(vehicle.combination, ""))
    load = _number(posted, "load_limit_t") if load is None else load
    pairs = (
        ("load", load, vehicle.gross_t, "t"),
        ("axle", _number(posted, "axle_limit_t"), vehicle.axle_t, "t"),
        ("width", _number(posted, "carriageway_m"), vehicle.width_m, "m"),
    )
    for word, limit, needs, unit in pairs:
        if limit is not None and needs is not None and needs > limit:
            found.append(Failing(WORDS[word], limit, needs, unit))
    height = _number(posted, "road_clearance_m")
    if height is not None and vehicle.height_m is not None:
        needs = round(vehicle.height_m + margin_m, 3)
        if needs > height:
            found.append(Failing(WORDS["height"], height, needs, "m"))
    return tuple(found)


def _number(posted: Mapping[str, Any], name: str) -> float | None:
    value = posted.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def may(act: Act, status: str) -> bool:
    """Whether an act is possible in a state."""
    return status in MOVES[act][0]


def is_open(status: str) -> bool:
    """Whether an application may be corrected or taken out: until it is decided."""
    return status == Status.RECEIVED


def after(act: Act, status: str) -> str:
    """The state after an act."""
    found = MOVES[act][1]
    return status if found is None else found.value


def latest_end(valid_from: date, days: int | None) -> date | None:
    """The last day that a permit may reach; None where no rule bounds it."""
    return None if days is None else valid_from + timedelta(days=days - 1)


def is_in_force(status: str, valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Whether a permit holds on a day."""
    if status != Status.ISSUED:
        return False
    return (valid_from is None or valid_from <= on) and (valid_to is None or on <= valid_to)
