"""How routes and limits are written for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.network import api as network
from sen.domains.permits.data import Failing, Leg, RouteCheck
from sen.kernel.numbers import number_text


def leg_text(leg: Leg) -> str:
    """``QL.30 Km0+000 - Km20+500``, or the road alone."""
    if leg.from_m is None or leg.to_m is None:
        return leg.road
    return f"{leg.road} {network.label(leg.from_m)} - {network.label(leg.to_m)}"


def route_text(legs: Iterable[Leg]) -> str:
    """A route as the form takes it back."""
    return "; ".join(leg_text(leg) for leg in legs)


def failing_text(item: Failing) -> str:
    """``tổng trọng lượng 60 t, chỉ cho phép 30 t``."""
    what = _(item.what)
    if item.limit is None or item.needs is None:
        return what
    return _("%(what)s cần %(needs)s %(unit)s, ở đây chỉ cho phép %(limit)s %(unit)s") % {
        "what": what,
        "needs": number_text(item.needs),
        "limit": number_text(item.limit),
        "unit": item.unit,
    }


def check_context(found: RouteCheck, base: str) -> dict[str, Any]:
    """What pages show of the answer on a route."""
    return {
        "checked": found.checked,
        "unknown": found.unknown,
        "length_km": number_text(round(found.length_m / 1000, 1)),
        "is_clear": found.is_clear,
        "obstacles": [
            {
                "title": item.title,
                "place": item.place,
                "url": f"{base}{item.url}",
                "failings": [failing_text(one) for one in item.failings],
            }
            for item in found.obstacles
        ],
    }
