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


@kpi(
    "assets.bridges",
    title=_("Cầu"),
    icon="bridge",
    url="/ql/assets/bridges/",
    order=20,
    rules=(Asset.access,),
    definition=_("Cầu trong danh mục, trừ cầu đã phá dỡ."),
)
def bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge")


@kpi(
    "assets.limited_bridges",
    title=_("Cầu hạn chế tải trọng"),
    icon="weight",
    url="/ql/assets/bridges/?load_limit_t_min=0",
    order=21,
    rules=(Asset.access,),
    definition=_("Cầu có cắm biển hạn chế tải trọng."),
)
def limited_bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge", "limited")


@kpi(
    "assets.weak_bridges",
    title=_("Cầu hạn chế dưới 13 t"),
    icon="triangle-alert",
    url="/ql/assets/bridges/?load_limit_t_max=12.99",
    order=22,
    rules=(Asset.access,),
    definition=_("Cầu cắm biển hạn chế tải trọng dưới 13 tấn."),
)
def weak_bridges(actor: Actor) -> int | None:
    return _one(actor, "bridge", "low")


@kpi(
    "assets.culverts",
    title=_("Cống"),
    icon="culvert",
    url="/ql/assets/culverts/",
    order=23,
    rules=(Asset.access,),
    definition=_("Cống trong danh mục, trừ cống đã bỏ."),
    wall=False,
)
def culverts(actor: Actor) -> int | None:
    return _one(actor, "culvert")


@kpi(
    "assets.in_need",
    title=_("Tài sản kém, xấu"),
    icon="construction",
    url="/ql/assets/all/?condition=POOR&condition=BAD",
    order=24,
    rules=(Asset.access,),
    definition=_(
        "Công trình, thiết bị được đánh giá tình trạng kém hoặc xấu ở lần kiểm tra gần nhất."
    ),
)
def in_need(actor: Actor) -> int | None:
    counts = counts_of(actor)
    return sum(found["needy"] for found in counts.values()) if counts else None


@kpi(
    "assets.devices",
    title=_("Thiết bị ITS"),
    icon="cctv",
    url="/ql/assets/its-devices/",
    order=25,
    rules=(Asset.access,),
    definition=_("Thiết bị giao thông thông minh trong danh mục."),
)
def devices(actor: Actor) -> int | None:
    return _one(actor, "its_device")
