"""Road numbers as they may be stored, and which records along a road contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from sen.domains.network.choices import ALL_LANES, ManagerClass, Side
from sen.lib.roadnames import parse_road_number
from sen.lib.text import fold, nfc

#: Numbers with a letter before the digits, as the N roads of the west bear them: ``QL.N1``.
_LETTERED: Final = re.compile(r"(?P<prefix>CT|QL|ĐT|ĐĐT|ĐX|ĐH)[. ]?(?P<rest>[A-Z]{1,2}\d+[A-Z]?)")

_CLASSES_OF_PREFIX: Final[dict[str, frozenset[ManagerClass]]] = {
    "CT": frozenset({ManagerClass.EXPRESSWAY, ManagerClass.NATIONAL, ManagerClass.PROVINCIAL}),
    "QL": frozenset({ManagerClass.NATIONAL, ManagerClass.EXPRESSWAY}),
    "ĐT": frozenset({ManagerClass.PROVINCIAL}),
    "ĐH": frozenset({ManagerClass.DISTRICT, ManagerClass.COMMUNE, ManagerClass.URBAN}),
    "ĐX": frozenset({ManagerClass.COMMUNE, ManagerClass.VILLAGE}),
    "ĐĐT": frozenset({ManagerClass.URBAN}),
}
_RANK: Final = {kind.value: rank for rank, kind in enumerate(ManagerClass)}
_SPOKEN: Final = {
    "CT": ("ct", "cao toc"),
    "QL": ("ql", "quoc lo"),
    "ĐT": ("dt", "tl", "tinh lo", "duong tinh"),
    "ĐH": ("dh", "hl", "huong lo", "huyen lo", "duong huyen"),
    "ĐX": ("dx", "duong xa"),
    "ĐĐT": ("ddt", "duong do thi"),
}


def canonical_number(text: str) -> str:
    """The number as it is stored; empty for a road without one.

    Raises:
        RoadNumberError: the text is no road number.
    """
    cleaned = nfc(text).strip()
    if not cleaned:
        return ""
    if match := _LETTERED.fullmatch(cleaned.upper()):
        return f"{match['prefix']}.{match['rest']}"
    return str(parse_road_number(cleaned))


def fits_class(number: str, manager_class: str) -> bool:
    """Whether a stored number may be borne by a road of a class; no number fits all."""
    prefix = number.partition(".")[0]
    allowed = _CLASSES_OF_PREFIX.get(prefix)
    return allowed is None or manager_class in allowed


def order_key(number: str, manager_class: str, code: str) -> str:
    """Sorts as a list of roads is read: by class, then QL.30 before QL.80 before QL.100."""
    digits = "".join(f"{int(part):06d}" if part.isdigit() else part for part in _parts(number))
    rest = "".join(f"{int(part):06d}" if part.isdigit() else part for part in _parts(code))
    return f"{_RANK.get(manager_class, 9)} {digits or '~'} {rest}"[:120]


def _parts(text: str) -> list[str]:
    return re.findall(r"\d+|\D+", fold(text))


def search_terms(number: str) -> str:
    """How people type a number: ``ql30 quoc lo 30``, ``tl848 tinh lo 848``."""
    prefix, _sep, rest = number.partition(".")
    if not rest:
        return ""
    spoken = _SPOKEN.get(prefix, ())
    terms = [f"{name}{'' if len(name) < 4 else ' '}{rest.lower()}" for name in spoken]
    short = rest.lstrip("0").lower()
    if short != rest.lower():
        terms += [f"{name}{'' if len(name) < 4 else ' '}{short}" for name in spoken]
    if number == "QL.1":
        terms += ["ql1a", "quoc lo 1a"]
    return " ".join(terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Where and when a record along a road holds; ``key`` names it for the report.

    Units:
        ``from_m``, ``to_m``: metres of the label.
    """

    key: str
    road: str
    kind: str
    from_m: float
    to_m: float
    side: str = Side.BOTH.value
    lane: int = ALL_LANES
    valid_from: date
    valid_to: date | None = None

    def contradicts(self, other: Stretch) -> bool:
        """Whether both hold somewhere at the same place, side, lane and day."""
        return (
            (self.road, self.kind) == (other.road, other.kind)
            and self.from_m < other.to_m
            and other.from_m < self.to_m
            and (self.side == other.side or Side.BOTH.value in (self.side, other.side))
            and (self.lane == other.lane or ALL_LANES in (self.lane, other.lane))
            and (other.valid_to is None or self.valid_from < other.valid_to)
            and (self.valid_to is None or other.valid_from < self.valid_to)
        )


def contradictions(stretches: Iterable[Stretch]) -> list[tuple[Stretch, Stretch]]:
    """All pairs that contradict each other, each once, in the order of their starts."""
    ordered = sorted(stretches, key=lambda s: (s.road, s.kind, s.from_m, s.to_m, s.key))
    found: list[tuple[Stretch, Stretch]] = []
    active: list[Stretch] = []
    for stretch in ordered:
        active = [
            other
            for other in active
            if (other.road, other.kind) == (stretch.road, stretch.kind)
            and other.to_m > stretch.from_m
        ]
        found += [(other, stretch) for other in active if other.contradicts(stretch)]
        active.append(stretch)
    return found
