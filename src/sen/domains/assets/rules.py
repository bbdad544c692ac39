"""What attributes of a type may hold, and which of them tell of load and clearance.

Pure: no rows, no clock, no settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sen.domains.assets.catalogue import AssetType
from sen.kernel.attributes.values import ValueFault, check_values
from sen.lib.errors import gettext_noop

#: Years in which something that still stands can have been opened.
FIRST_YEAR: Final = 1800
#: Attributes whose change drivers and skippers must learn of.
POSTED: Final = (
    "load_limit_t",
    "load_limit_rigid_t",
    "load_limit_semi_t",
    "load_limit_trailer_t",
    "axle_limit_t",
    "road_clearance_m",
    "clearance_m",
)


def check_attributes(
    kind: AssetType, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, ValueFault]]:
    """Attribute values of a type as they are stored, and what is wrong with the others."""
    return check_values(
        kind.by_name,
        values,
        unknown=gettext_noop("Loại tài sản này không có thông số “%(name)s”."),
    )


def changed_attributes(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of attributes that differ, in order."""
    return tuple(name for name in sorted({*before, *now}) if before.get(name) != now.get(name))


def posted_changes(
    before: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Load limits and clearances that differ: as they were, and as they are."""
    names = [name for name in POSTED if before.get(name) != now.get(name)]
    return {name: before.get(name) for name in names}, {name: now.get(name) for name in names}
