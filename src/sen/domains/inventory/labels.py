"""How fields and values of records are called on screens and in files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sen.domains.assets.api import asset_types
from sen.domains.inventory.rules import ATTRIBUTE


def field_label(kind: str, name: str) -> str:
    """What a field of a type of assets is called."""
    plain = {
        "name": _("Tên"),
        "condition": _("Tình trạng kỹ thuật"),
        "opened_year": _("Năm đưa vào khai thác"),
    }
    declared = asset_types.get(kind)
    own = declared.by_name.get(name.removeprefix(ATTRIBUTE)) if declared else None
    if name.startswith(ATTRIBUTE) and own is not None:
        unit = f" ({own.unit})" if own.unit else ""
        return f"{own.label.said(get_language())}{unit}"
    return plain.get(name, name)


def conditions() -> dict[str, str]:
    """Conditions by their codes."""
    return {
        "GOOD": _("Tốt"),
        "FAIR": _("Trung bình"),
        "POOR": _("Kém"),
        "BAD": _("Xấu"),
    }


def value_text(kind: str, name: str, value: Any) -> str:
    """A value as a person reads it; a dash for none."""
    if value in (None, "", []):
        return "—"
    if name == "condition":
        return conditions().get(str(value), str(value))
    declared = asset_types.get(kind)
    own = declared.by_name.get(name.removeprefix(ATTRIBUTE)) if declared else None
    if own is not None and value in own.choices:
        return own.choices[value].said(get_language())
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, list):
        return " + ".join(str(item) for item in value)
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def type_label(kind: str) -> str:
    """What a type of assets is called."""
    declared = asset_types.get(kind)
    return declared.name.said(get_language()) if declared else kind
