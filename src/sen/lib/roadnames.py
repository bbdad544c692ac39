"""Road numbers: ``QL.30``, ``ĐT.848``, ``CT.01`` and what people type for them.

Source:
    Numbering: Nghị định 165/2024/NĐ-CP as amended by 241/2026/NĐ-CP; classes: Luật Đường bộ
    35/2024/QH15, Điều 8. ``ĐH.`` (district roads) is no longer issued since the districts were
    abolished in 2025 but stands in old files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sen.lib.errors import InputError, gettext_noop
from sen.lib.text import fold

ROAD_NUMBER_PATTERN: Final = r"^(CT|QL|ĐT|ĐĐT|ĐX)\.\d+[A-Z]?$"
"""Numbers that may be issued today."""

READABLE_ROAD_NUMBER_PATTERN: Final = r"^(CT|QL|ĐT|ĐĐT|ĐX|ĐH)\.\d+[A-Z]?$"
"""Numbers that may be stored: those of today and the old ones of district roads."""


class RoadNumberError(InputError):
    """A text is no road number."""


class RoadClass(StrEnum):
    """The class that the prefix of a number says.

    An expressway (``CT``) is also a national or provincial road by its manager, which the number
    does not tell.
    """

    EXPRESSWAY = "expressway"
    NATIONAL = "national"
    PROVINCIAL = "provincial"
    DISTRICT = "district"
    URBAN = "urban"
    COMMUNAL = "communal"


_CLASSES: Final[dict[str, RoadClass]] = {
    "CT": RoadClass.EXPRESSWAY,
    "QL": RoadClass.NATIONAL,
    "ĐT": RoadClass.PROVINCIAL,
    "ĐH": RoadClass.DISTRICT,
    "ĐĐT": RoadClass.URBAN,
    "ĐX": RoadClass.COMMUNAL,
}
_RANKS: Final = {prefix: rank for rank, prefix in enumerate(_CLASSES)}

# Folded spellings; the long ones first so that "duong do thi" is not read as "duong".
_SPELLINGS: Final[dict[str, str]] = {
    "duong cao toc": "CT",
    "cao toc": "CT",
    "ct": "CT",
    "duong quoc lo": "QL",
    "quoc lo": "QL",
    "ql": "QL",
    "duong do thi": "ĐĐT",
    "ddt": "ĐĐT",
    "duong tinh lo": "ĐT",
    "duong tinh": "ĐT",
    "tinh lo": "ĐT",
    "dt": "ĐT",
    "tl": "ĐT",
    "duong huyen": "ĐH",
    "huyen lo": "ĐH",
    "huong lo": "ĐH",
    "dh": "ĐH",
    "hl": "ĐH",
    "duong xa": "ĐX",
    "dx": "ĐX",
}
_PREFIX: Final = "|".join(_SPELLINGS)
_NUMBER: Final = rf"(?P<prefix>{_PREFIX})\s*(?:so )?\s*(?P<digits>\d+)"
_TYPED: Final = re.compile(rf"{_NUMBER}\s*(?P<suffix>[a-z]?)", re.ASCII)
_IN_TEXT: Final = re.compile(
    rf"(?<![a-z0-9]){_NUMBER}(?P<suffix>[a-z]?)(?![a-z0-9])",
    re.ASCII,
)
_CANONICAL: Final = re.compile(READABLE_ROAD_NUMBER_PATTERN, re.ASCII)
_OLD_NUMBERS: Final = {"QL.1A": "QL.1"}


@dataclass(frozen=True, slots=True)
class RoadNumber:
    """A road number in its official form.

    Raises:
        RoadNumberError: The prefix, the digits or the suffix do not make a road number.
    """

    prefix: str
    digits: str
    suffix: str = ""

    def __post_init__(self) -> None:
        if not _CANONICAL.fullmatch(str(self)):
            raise RoadNumberError(_COMPLAINT, text=str(self))

    @property
    def road_class(self) -> RoadClass:
        """The class that the number says."""
        return _CLASSES[self.prefix]

    @property
    def is_legacy(self) -> bool:
        """Whether such a number is no longer issued."""
        return not re.fullmatch(ROAD_NUMBER_PATTERN, str(self))

    @property
    def sort_key(self) -> tuple[int, int, str]:
        """Sorts by class, then by number: QL.30 before QL.80, ĐT.841 before ĐT.1000."""
        return _RANKS[self.prefix], int(self.digits), self.suffix

    def __str__(self) -> str:
        return f"{self.prefix}.{self.digits}{self.suffix}"


_COMPLAINT: Final = gettext_noop(
    "“%(text)s” không phải là số hiệu đường bộ. Hãy ghi như QL.30, ĐT.848, CT.01, ĐX.05."
)


def parse_road_number(text: str) -> RoadNumber:
    """Read a road number as people type it.

    ``ql1``, ``Quốc lộ 1A``, ``QL 1`` give ``QL.1`` (its old name 1A included); ``tinh lo 848``,
    ``DT 848``, ``TL848``, ``Đường tỉnh số 848`` give ``ĐT.848``; ``ct1`` gives ``CT.01``.

    Raises:
        RoadNumberError: The text is no road number.
    """
    match = _TYPED.fullmatch(fold(text))
    if match is None:
        raise RoadNumberError(_COMPLAINT, text=text)
    return _from_match(match)


def find_road_numbers(text: str) -> list[RoadNumber]:
    """Return the road numbers that a sentence names, in order, each once."""
    found = (_from_match(match) for match in _IN_TEXT.finditer(fold(text)))
    return list(dict.fromkeys(found))


def road_class_of(number: str) -> RoadClass:
    """Return the class that a number says.

    Raises:
        RoadNumberError: The text is no road number.
    """
    return parse_road_number(number).road_class


def _from_match(match: re.Match[str]) -> RoadNumber:
    """Build the official number from a folded spelling."""
    prefix, digits, suffix = _SPELLINGS[match["prefix"]], match["digits"], match["suffix"].upper()
    if prefix == "CT":
        digits = f"{int(digits):02d}"
    elif prefix in {"QL", "ĐT"}:
        digits = str(int(digits))
    current = _OLD_NUMBERS.get(f"{prefix}.{digits}{suffix}")
    if current is None:
        return RoadNumber(prefix, digits, suffix)
    return parse_road_number(current)
