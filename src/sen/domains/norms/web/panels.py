"""The table of a rule on its page, and its versions through time."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from sen.domains.norms.models import Norm, NormVersion
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel


@panel("norms.norms", title=_("Nội dung theo thời gian"), order=10, wide=True)
def versions(page: PanelContext) -> PanelBody | None:
    """Every version with its table, the newest first."""
    if not isinstance(page.row, Norm):
        return None
    rows = NormVersion.objects.visible_to(page.actor).filter(norm=page.row)
    found = rows.select_related("document").order_by("-effective_from")
    shown = [{"version": version, "table": table_of(page.row, version)} for version in found]
    return PanelBody("norms/versions.html", {"versions": shown, "norm": page.row})


@panel("norms.versions", title=_("Bảng giá trị"), order=10, wide=True)
def table(page: PanelContext) -> PanelBody | None:
    """The table of one version."""
    if not isinstance(page.row, NormVersion):
        return None
    shown = [{"version": page.row, "table": table_of(page.row.norm, page.row)}]
    return PanelBody("norms/versions.html", {"versions": shown, "norm": page.row.norm})


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
        return ", ".join(str(item) for item in condition)
    if not isinstance(condition, dict):
        return str(condition)
    parts = []
    if "min" in condition:
        word = _("trên") if condition.get("min_open") else _("từ")
        parts.append(f"{word} {condition['min']}")
    if "max" in condition:
        word = _("dưới") if condition.get("max_open") else _("đến")
        parts.append(f"{word} {condition['max']}")
    return " ".join(parts)


def value_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {value_text(item)}" for key, item in value.items())
    return str(value)
