"""Figures on assets for desks, the portal and the operations centre.

All of them come from one grouped statement, kept for a minute for everybody with the same scope.
"""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from sen.domains.assets.choices import IN_NEED, Status
from sen.domains.assets.models import Asset
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import kpi

KEPT_S: Final = 60
#: A bridge for less than this lets no lorry with two loaded axles pass.
LOW_LIMIT_T: Final = 13
NEEDY: Final = tuple(item.value for item in IN_NEED)
Counts = dict[str, dict[str, int]]


def counts_of(actor: Actor) -> Counts:
    """By type: how many there are, how many in need of repair, with a limit, with a low limit."""
    key = f"assets.kpis.{actor.scope(Asset.access).digest}"
    found: Counts | None = cache.get(key)
    if found is None:
        found = _count(actor)
        cache.set(key, found, KEPT_S)
    return found


def _count(actor: Actor) -> Counts:
    rows = (
        Asset.objects.visible_to(actor)
        .exclude(status=Status.REMOVED.value)
        .order_by()
        .values_list("type")
        .annotate(
            total=Count("id"),
            needy=Count("id", filter=Q(condition__in=NEEDY)),
            limited=Count("id", filter=Q(attributes__has_key="load_limit_t")),
            low=Count("id", filter=Q(attributes__load_limit_t__lt=LOW_LIMIT_T)),
        )
    )
    names = ("total", "needy", "limited", "low")
    return {kind: dict(zip(names, figures, strict=True)) for kind, *figures in rows}


def _one(actor: Actor, kind: str, what: str = "total") -> int | None:
    """A figure of one type; None where the actor sees none, so that no empty tile is shown."""
    found = counts_of(actor).get(kind)
    return found[what] if found else None


@kpi("assets.bridges", title=_("Cầu"), icon="bridge", url="/ql/assets/bridges/", order=20)
def bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge")


@kpi(
    "assets.limited_bridges",
    title=_("Cầu hạn chế tải trọng"),
    icon="weight",
    url="/ql/assets/bridges/?load_limit_t_min=0",
    order=21,
)
def limited_bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge", "limited")


@kpi(
    "assets.weak_bridges",
    title=_("Cầu hạn chế dưới 13 t"),
    icon="triangle-alert",
    url="/ql/assets/bridges/?load_limit_t_max=12.99",
    order=22,
)
def weak_bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge", "low")


@kpi("assets.culverts", title=_("Cống"), icon="culvert", url="/ql/assets/culverts/", order=23)
def culverts(actor: Actor) -> int | None:
    return _one(actor, "culvert")


@kpi(
    "assets.in_need",
    title=_("Tài sản kém, xấu"),
    icon="construction",
    url="/ql/assets/all/?condition=POOR&condition=BAD",
    order=24,
)
def in_need(actor: Actor) -> int | None:
    counts = counts_of(actor)
    return sum(found["needy"] for found in counts.values()) if counts else None


@kpi(
    "assets.devices", title=_("Thiết bị ITS"), icon="cctv", url="/ql/assets/its-devices/", order=25
)
def devices(actor: Actor) -> int | None:
    return _one(actor, "its_device")
