"""Conditions and values as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.norms.choices import CRITERIA, VALUES
from sen.domains.norms.models import Norm, NormVersion
from sen.lib.units import format_number


def table_of(norm: Norm, version: NormVersion) -> list[dict[str, Any]]:
    """Rows as a person reads them: a condition for each key, then the value."""
    return [
        {
            "conditions": [condition_text(row.get("when", {}).get(key)) for key in norm.keys],
            "value": value_text(row["value"]),
        }
        for row in version.rows
    ]


def condition_text(condition: Any) -> str:
    """``{"min": 60, "max": 300, "min_open": true}`` → ``trên 60 đến 300``."""
    if condition is None:
        return ""
    if isinstance(condition, list):
        return ", ".join(value_text(item) for item in condition)
    if not isinstance(condition, dict):
        return value_text(condition)
    parts = []
    if "min" in condition:
        word = _("trên") if condition.get("min_open") else _("từ")
        parts.append(f"{word} {value_text(condition['min'])}")
    if "max" in condition:
        word = _("dưới") if condition.get("max_open") else _("đến")
        parts.append(f"{word} {value_text(condition['max'])}")
    return " ".join(parts)


def value_text(value: Any) -> str:
    """Numbers with a decimal comma, lists with commas, codes, yes and no in words."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, list):
        return ", ".join(value_text(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{value_text(key)}: {value_text(item)}" for key, item in value.items())
    return _(VALUES[value]) if value in VALUES else str(value)


def case_text(inputs: Mapping[str, Any]) -> str:
    """``{"length_m": 250}`` → ``Chiều dài = 250``."""
    return "; ".join(f"{key_name(key)} = {value_text(value)}" for key, value in inputs.items())


def keys_text(keys: Iterable[str]) -> str:
    return ", ".join(key_name(key) for key in keys)


def key_name(key: str) -> str:
    """What a criterion is called; of rules that nobody shipped the code stands."""
    return _(CRITERIA[key]) if key in CRITERIA else key
