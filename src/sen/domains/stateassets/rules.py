"""The arithmetic of the books: what an asset cost, has lost, and is still worth.

Pure: no rows, no clock, no settings. Amounts are whole đồng.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sen.domains.stateassets.choices import FirstYear
from sen.lib.errors import InputError, gettext_noop
from sen.lib.money import share_of


class BooksFault(InputError):  # noqa: N818  a fault of input, shown beside its field
    """An amount that the books cannot hold."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an asset cost and has lost.

    Units:
        đồng.
    """

    original_vnd: int = 0
    accumulated_vnd: int = 0

    @property
    def residual_vnd(self) -> int:
        return self.original_vnd - self.accumulated_vnd

    def moved(self, original_vnd: int, accumulated_vnd: int) -> Standing:
        """After a movement.

        Raises:
            BooksFault: the cost would be negative, or more would be lost than it cost.
        """
        new = Standing(self.original_vnd + original_vnd, self.accumulated_vnd + accumulated_vnd)
        if new.original_vnd < 0:
            raise BooksFault(
                gettext_noop("Giảm quá nguyên giá đang ghi sổ (%(have)s đ)."),
                have=_written(self.original_vnd),
            )
        if new.accumulated_vnd < 0:
            raise BooksFault(
                gettext_noop("Giảm quá hao mòn lũy kế đang ghi sổ (%(have)s đ)."),
                have=_written(self.accumulated_vnd),
            )
        if new.residual_vnd < 0:
            raise BooksFault(
                gettext_noop("Hao mòn lũy kế (%(lost)s đ) vượt nguyên giá (%(cost)s đ)."),
                lost=_written(new.accumulated_vnd),
                cost=_written(new.original_vnd),
            )
        return new


def _written(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


@dataclass(frozen=True, slots=True)
class Rate:
    """What the law says of a kind of asset.

    Units:
        ``pct``: percent of the original cost a year; ``life_years``: years.
    """

    pct: Decimal
    life_years: int


def year_charge(standing: Standing, rate: Rate) -> int:
    """What an asset loses in a whole year.

    A share of the original cost, never more than what is left. Đồng that rounding left over at
    the end of the service life go with the last year, so that they do not become a year of their
    own.

    Units:
        đồng.
    Source: tt-70-2026-btc
    """
    left = standing.residual_vnd
    charge = min(left, share_of(standing.original_vnd, rate.pct / 100))
    return left if left - charge < rate.life_years else charge


def first_charged_year(in_use_year: int, counts: FirstYear) -> int:
    """The first year for which an asset loses anything."""
    return in_use_year if counts is FirstYear.FULL else in_use_year + 1


@dataclass(frozen=True, slots=True)
class YearLine:
    """One year of an asset.

    Units:
        đồng.
    """

    year: int
    opening: Standing
    moved: Standing
    charge_vnd: int

    @property
    def closing(self) -> Standing:
        return Standing(
            self.opening.original_vnd + self.moved.original_vnd,
            self.opening.accumulated_vnd + self.moved.accumulated_vnd + self.charge_vnd,
        )


def run_years(
    years: Iterable[int],
    changes: Mapping[int, Sequence[tuple[int, int]]],
    rate: Rate,
    *,
    start: Standing | None = None,
) -> list[YearLine]:
    """Years in order: the movements of each (original, accumulated), then its charge.

    Raises:
        BooksFault: a movement that the books cannot hold.
    """
    at = start or Standing()
    lines: list[YearLine] = []
    for year in years:
        opening = at
        for original_vnd, accumulated_vnd in changes.get(year, ()):
            at = at.moved(original_vnd, accumulated_vnd)
        moved = Standing(
            at.original_vnd - opening.original_vnd, at.accumulated_vnd - opening.accumulated_vnd
        )
        charge = year_charge(at, rate)
        at = at.moved(0, charge)
        lines.append(YearLine(year, opening, moved, charge))
    return lines


def share_lost(standing: Standing, original_vnd: int) -> int:
    """What a part of an asset has lost, in proportion to the whole.

    Units:
        đồng.
    """
    if standing.original_vnd == 0:
        return 0
    return share_of(standing.accumulated_vnd, Decimal(original_vnd) / standing.original_vnd)
