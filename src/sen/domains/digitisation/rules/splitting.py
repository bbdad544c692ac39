"""Cutting a pile of sheets into documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sen.domains.digitisation.choices import SheetRole
from sen.domains.digitisation.rules.separators import Separator, read_code


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on a sheet: its file, the codes on it, whether it bears anything."""

    file: int
    codes: tuple[str, ...] = ()
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """A proposed document: numbers of its sheets in the pile, and what announced it."""

    sheets: tuple[int, ...]
    separator: Separator | None = None


def separator_of(seen: Seen) -> Separator | None:
    """The separator that a sheet is, if it is one."""
    found = (read_code(code) for code in seen.codes)
    return next((separator for separator in found if separator), None)


def role_of(seen: Seen) -> SheetRole:
    if separator_of(seen):
        return SheetRole.SEPARATOR
    return SheetRole.BLANK if seen.is_blank else SheetRole.KEPT


def split(pile: Sequence[Seen]) -> list[Cut]:
    """Proposed documents: a new one after every separator and with every file.

    Blank sheets belong to none. A separator holds until the next one: files that follow without
    one go into the same dossier.
    """
    cuts: list[Cut] = []
    separator: Separator | None = None
    is_new = True
    for number, seen in enumerate(pile):
        announced = separator_of(seen)
        is_new = is_new or bool(number and pile[number - 1].file != seen.file)
        if announced:
            separator, is_new = announced, True
            continue
        if seen.is_blank:
            continue
        if is_new:
            cuts.append(Cut((), separator))
            is_new = False
        cuts[-1] = replace(cuts[-1], sheets=(*cuts[-1].sheets, number))
    return cuts
