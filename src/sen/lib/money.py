"""Money: Vietnamese đồng as whole numbers, its writing, its words, its rounding.

Amounts are ``int`` everywhere; rates are ``Decimal`` or ``Fraction``. There are no floats.

Source:
    Reading of numbers as taught in Vietnamese primary schools (mốt, tư, lăm, linh).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from sen.lib.errors import InputError, gettext_noop
from sen.lib.text import fold
from sen.lib.units import number_readings

Vnd: TypeAlias = int
Rounding: TypeAlias = Literal["half_up", "down", "up"]
Dialect: TypeAlias = Literal["north", "south"]

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION: Final = 10**9
_LINKING: Final[dict[Dialect, str]] = {"north": "linh", "south": "lẻ"}
_THOUSAND: Final[dict[Dialect, str]] = {"north": "nghìn", "south": "ngàn"}
_FACTORS: Final = {"": 1, "nghin": 1_000, "ngan": 1_000, "trieu": 1_000_000, "ty": 10**9}
_AMOUNT: Final = re.compile(
    r"(?P<number>[-+]?[0-9][0-9., \u00a0]*?)\s*"
    r"(?P<factor>nghìn|ngàn|triệu|tỷ|tỉ)?\s*(?:đồng|đ|₫|vnđ|vnd)?\.?",
    re.IGNORECASE,
)


class MoneyError(InputError):
    """A text is no amount of money."""


def format_vnd(amount: Vnd) -> str:
    """Write an amount: ``1.234.567 đ``."""
    return f"{amount:,} đ".replace(",", ".")


def parse_vnd(text: str) -> Vnd:
    """Read an amount: ``1.234.567 đ``, ``1,234,567 VND``, ``1234567``, ``1,5 triệu``, ``2 tỷ``.

    Dots and commas before three digits part thousands; đồng have no decimals.

    Raises:
        MoneyError: The text is no amount, or no whole number of đồng.
    """
    match = _AMOUNT.fullmatch(text.strip())
    readings = number_readings(match["number"]) if match else ()
    factor = _FACTORS[_factor_key(match["factor"] or "")] if match else 1
    amounts = [reading * factor for reading in readings]
    whole = [amount for amount in amounts if amount == amount.to_integral_value()]
    if not whole:
        raise MoneyError(
            gettext_noop(
                "“%(text)s” không phải là số tiền. Hãy ghi số đồng tròn, ví dụ 1.234.567 đ."
            ),
            text=text,
        )
    # "1,500 triệu" is 1.5 million; "1,500" alone is one thousand five hundred.
    return int(whole[0] if factor > 1 else max(whole, key=abs))


def _factor_key(word: str) -> str:
    """Fold the word of a factor: ``Tỷ`` and ``tỉ`` are one."""
    folded = fold(word)
    return "ty" if folded == "ti" else folded


def round_vnd(
    amount: Decimal | Fraction | int, unit: Vnd = 1, rounding: Rounding = "half_up"
) -> Vnd:
    """Round an exact amount to a multiple of a unit (1, 1.000, …).

    ``half_up`` takes halves away from zero, ``down`` goes towards zero, ``up`` away from it.

    Raises:
        ValueError: The unit is not positive.
    """
    if unit <= 0:
        raise ValueError("a unit of money must be positive")
    steps = abs(Fraction(amount)) / unit
    whole, rest = divmod(steps.numerator, steps.denominator)
    if rest and (rounding == "up" or (rounding == "half_up" and rest * 2 >= steps.denominator)):
        whole += 1
    return whole * unit if amount >= 0 else -whole * unit


def share_of(amount: Vnd, rate: Decimal | Fraction, rounding: Rounding = "half_up") -> Vnd:
    """Return a share of an amount: ``share_of(1_000_000, Decimal("0.08"))`` is 80,000."""
    return round_vnd(amount * Fraction(rate), rounding=rounding)


def split_vnd(amount: Vnd, weights: Sequence[int]) -> list[Vnd]:
    """Split an amount by weights so that the parts add up to it exactly.

    What remains after rounding down goes, đồng by đồng, to the parts that lost most.

    Raises:
        ValueError: There is no positive weight, or one is negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative and not all zero")
    sign, size = (1, amount) if amount >= 0 else (-1, -amount)
    parts = [size * weight // total for weight in weights]
    by_loss = sorted(
        range(len(weights)), key=lambda place: (-(size * weights[place] % total), place)
    )
    for place in by_loss[: size - sum(parts)]:
        parts[place] += 1
    return [sign * part for part in parts]


def _hundreds(number: int, dialect: Dialect, *, padded: bool) -> list[str]:
    """Read a number under 1,000; padded when greater places stand before it."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words: list[str] = []
    if hundreds or padded:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0 and ones and words:
        words.append(_LINKING[dialect])
    elif tens == 1:
        words.append("mười")
    elif tens > 1:
        words += [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_one(ones, tens))
    return words


def _one(ones: int, tens: int) -> str:
    """Read the last digit, which changes behind tens: mốt, tư, lăm."""
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 4 and tens > 1:
        return "tư"
    if ones == 5 and tens > 0:
        return "lăm"
    return _DIGITS[ones]


def _under_a_billion(number: int, dialect: Dialect, *, padded: bool) -> list[str]:
    """Read a number under 10⁹."""
    words: list[str] = []
    scales = ((10**6, "triệu"), (10**3, _THOUSAND[dialect]), (1, ""))
    for size, name in scales:
        group = number // size % 1_000
        if group:
            words += _hundreds(group, dialect, padded=padded or bool(words))
            words += [name] if name else []
    return words


def number_in_words(number: int, dialect: Dialect = "north") -> str:
    """Read a whole number in Vietnamese: 1,000,005 is ``một triệu không trăm linh năm``.

    Args:
        number: Of any size; beyond 10⁹ ``tỷ`` is repeated as in speech (``nghìn tỷ``, ``tỷ tỷ``).
        dialect: ``north`` says linh and nghìn, ``south`` lẻ and ngàn.
    """
    if number == 0:
        return _DIGITS[0]
    groups: list[int] = []
    rest = abs(number)
    while rest:
        rest, group = divmod(rest, _BILLION)
        groups.append(group)
    words: list[str] = ["âm"] if number < 0 else []
    for place in reversed(range(len(groups))):
        if groups[place]:
            words += _under_a_billion(groups[place], dialect, padded=place < len(groups) - 1)
            words += ["tỷ"] * place
    return " ".join(words)


def vnd_in_words(amount: Vnd, dialect: Dialect = "north") -> str:
    """Read an amount as receipts write it: ``Một triệu hai trăm nghìn đồng``."""
    words = number_in_words(amount, dialect)
    return f"{words[0].upper()}{words[1:]} đồng"
