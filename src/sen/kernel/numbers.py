"""Numbers and chainages as the reader's language writes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from sen.lib.chainage import format_chainage
from sen.lib.units import format_number

_SWAPPED = str.maketrans(",.", ".,")


def number_text(value: Any, decimals: int | None = None) -> str:
    """``1.234,5``; on English pages ``1,234.5``."""
    text = format_number(value, decimals)
    return text.translate(_SWAPPED) if get_language() == "en" else text


def chainage_text(metres: Any) -> str:
    """``Km12+500,4``; on English pages ``Km12+500.4``. Both are read back everywhere."""
    text = format_chainage(float(metres))
    return text if get_language() == "en" else text.replace(".", ",")
