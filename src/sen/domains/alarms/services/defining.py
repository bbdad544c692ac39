"""Definitions of rules as forms hold them, and as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from sen.domains.alarms.choices import Severity

WHOLE: Final = ("for_s", "clear_for_s", "gap_s", "window_s", "max_age_s", "warmup")
NUMBERS: Final = ("per_s", "epsilon", "low", "high", "slack", "mean", "sigma")
LISTS: Final = ("members", "explained_by")
TEXTS: Final = ("direction", "operator")
_FORM: Final = (
    *WHOLE,
    *NUMBERS,
    *LISTS,
    *TEXTS,
    "in_sigma",
    *(f"{part}_{level.value}" for level in Severity for part in ("raise", "clear")),
)
#: What a form never shows and a change must not lose.
_KEPT: Final = ("model", "learned_us", "template", "reference", "of_mean")


def is_form(values: Mapping[str, Any]) -> bool:
    """Whether values come from a form: levels lie apart there."""
    return "levels" not in values


def from_form(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The stored definition of what a form holds.

    A level that is raised without a value counts for the kinds that compare nothing (a number
    only says that the level is meant).
    """
    found: dict[str, Any] = {name: before[name] for name in _KEPT if name in before}
    given = {
        name: value
        for name, value in values.items()
        if value is not None and value != "" and value is not False
    }
    found |= {name: int(given[name]) for name in WHOLE if name in given}
    found |= {name: _plain(given[name]) for name in NUMBERS if name in given}
    found |= {name: str(given[name]) for name in TEXTS if name in given}
    for name in LISTS:
        words = [word.strip() for word in str(given.get(name, "")).split(",")]
        if any(words):
            found[name] = [word for word in words if word]
    if "in_sigma" in given:
        found["in_sigma"] = True
    found["levels"] = [_level(given, n.value) for n in Severity if f"raise_{n.value}" in given]
    return found


def _level(given: Mapping[str, Any], severity: int) -> dict[str, Any]:
    level = {"severity": severity, "raise": _plain(given[f"raise_{severity}"])}
    if f"clear_{severity}" in given:
        level["clear"] = _plain(given[f"clear_{severity}"])
    return level


def to_form(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows of a stored definition."""
    found: dict[str, Any] = {
        name: definition[name] for name in _FORM if name in definition and name not in LISTS
    }
    for name in LISTS:
        if definition.get(name):
            found[name] = ", ".join(definition[name])
    for item in definition.get("levels", ()):
        found[f"raise_{item['severity']}"] = item.get("raise", 1)
        if "clear" in item:
            found[f"clear_{item['severity']}"] = item["clear"]
    return found


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
