"""Kinds of vehicles in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from sen.domains.routing.choices import VEHICLE_NAMES


def vehicle_names() -> dict[str, str]:
    """Code → name in the language of the reader."""
    return {code: gettext(name) for code, name in VEHICLE_NAMES.items()}


def vehicles_text(codes: Any) -> str:
    """The kinds of a rule; none is all."""
    if not codes:
        return gettext("Mọi loại xe")
    names = vehicle_names()
    return ", ".join(names.get(code, code) for code in codes)
