"""Units as people write them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

#: UCUM codes as people write them.
UNITS: Final = {
    "Cel": "°C",
    "deg": "°",
    "u[strain]": "µε",
    "m[strain]": "mε",
    "1": "",
    "m/s2": "m/s²",
    "um": "µm",
    "{xe}": gettext_lazy("xe"),
    "{xe}/h": gettext_lazy("xe/giờ"),
    "[g]": "g",
}


def unit_text(unit: str) -> str:
    """A UCUM code as people write it; others stay as they are."""
    return str(UNITS.get(unit, unit))
