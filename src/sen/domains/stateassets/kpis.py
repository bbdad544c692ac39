"""Figures on the books for desks and the operations centre."""

from __future__ import annotations

from dataclasses import astuple
from typing import Final

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.choices import CardStatus
from sen.domains.stateassets.data import Totals
from sen.domains.stateassets.models import Card
from sen.domains.stateassets.selectors import cards, totals, without_card
from sen.kernel.access.scope import Actor
from sen.kernel.web.kpis import Goal, kpi

KEPT_S: Final = 60
BILLION: Final = 10**9
LIST: Final = "/ql/stateassets/cards/"


def _figures(actor: Actor) -> tuple[Totals, int] | None:
    """Sums of what is on the books, and how many assets have no card; None without a right."""
    if not actor.may(Card.access.permission("view")):
        return None
    key = f"stateassets.kpis.{actor.scope(Card.access).digest}"
    found: tuple[int, int, int, int] | None = cache.get(key)
    if found is None:
        sums = totals(cards(actor).filter(status=CardStatus.ACTIVE.value))
        found = (*astuple(sums), without_card(actor))
        cache.set(key, found, KEPT_S)
    if found is None or not found[0]:
        return None
    return Totals(*found[:3]), found[3]


@kpi(
    "stateassets.original",
    title=_("Nguyên giá tài sản"),
    unit="tỷ đ",
    icon="landmark",
    url=LIST,
    order=34,
    rules=(Card.access,),
    definition=_("Tổng nguyên giá của tài sản kết cấu hạ tầng đang ghi sổ."),
    wall=False,
)
def original(actor: Actor) -> float | None:
    found = _figures(actor)
    return round(found[0].original_vnd / BILLION) if found else None


@kpi(
    "stateassets.accumulated",
    title=_("Hao mòn lũy kế"),
    unit="tỷ đ",
    icon="trending-down",
    url=LIST,
    order=35,
    rules=(Card.access,),
    definition=_("Tổng hao mòn, khấu hao lũy kế của tài sản đang ghi sổ."),
    wall=False,
)
def accumulated(actor: Actor) -> float | None:
    found = _figures(actor)
    return round(found[0].accumulated_vnd / BILLION) if found else None


@kpi(
    "stateassets.residual",
    title=_("Giá trị còn lại"),
    unit="tỷ đ",
    icon="wallet",
    url=LIST,
    order=36,
    rules=(Card.access,),
    definition=_("Nguyên giá trừ hao mòn lũy kế của tài sản đang ghi sổ."),
)
def residual(actor: Actor) -> float | None:
    found = _figures(actor)
    return round(found[0].residual_vnd / BILLION) if found else None


@kpi(
    "stateassets.without_card",
    title=_("Công trình chưa có thẻ"),
    icon="file-question",
    url="/ql/stateassets/chua-co-the/",
    order=37,
    definition=_("Công trình trong danh mục chưa có thẻ tài sản công."),
    goal=Goal(0, far=200),
)
def no_card(actor: Actor) -> int | None:
    found = _figures(actor)
    return found[1] if found else None
