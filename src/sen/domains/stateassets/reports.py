"""Forms 01A to 01D and 02A, 02B: what stood on the books at the end of a year.

The sources at hand name the forms without their columns, so their layout says «cần xác minh».

Source: tt-70-2026-btc
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.choices import CardKind, CardStatus
from sen.domains.stateassets.data import Totals
from sen.domains.stateassets.models import Card, Charge, Movement
from sen.domains.stateassets.rules import Standing
from sen.kernel.access.scope import Actor

Label = str | Promise
_STRUCTURES: Final = (CardKind.BRIDGE, CardKind.TUNNEL, CardKind.FERRY)


@dataclass(frozen=True, slots=True)
class Form:
    """One form: which cards it lists, or by what it sums them up."""

    code: str
    title: Label
    kinds: tuple[CardKind, ...] = ()
    by: tuple[str, ...] = ()
    lists_movements: bool = False


FORMS: Final = {
    form.code: form
    for form in (
        Form("01A", _("Kê khai tài sản: đường bộ"), (CardKind.ROAD,)),
        Form("01B", _("Kê khai tài sản: cầu, hầm, bến phà"), _STRUCTURES),
        Form(
            "01C",
            _("Kê khai tài sản: trạm, bến, bãi, kho, nhà"),
            tuple(kind for kind in CardKind if kind not in (CardKind.ROAD, *_STRUCTURES)),
        ),
        Form("01D", _("Biến động tài sản trong năm"), lists_movements=True),
        Form("02A", _("Tổng hợp theo đơn vị quản lý"), by=("owner_org", "kind")),
        Form("02B", _("Tổng hợp theo loại tài sản và địa bàn"), by=("kind", "area")),
    )
}


@dataclass(slots=True)
class Line:
    """One card at the end of a year."""

    card: Card
    at_end: Standing
    charge_vnd: int


@dataclass(slots=True)
class Group:
    """Lines under one heading with their sum."""

    title: str
    lines: list[Any] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    charge_vnd: int = 0


def lines_at(actor: Actor, year: int, rows: QuerySet[Card]) -> list[Line]:
    """Every card on the books at the end of a year, with what it was worth then."""
    end = date(year, 12, 31)
    kept = [
        row
        for row in rows.filter(recorded_at__lte=end).select_related("owner_org", "area", "road")
        if row.status != CardStatus.PROPOSED and (row.closed_at is None or row.closed_at > end)
    ]
    moved = Movement.objects.visible_to(actor).filter(on__lte=end).order_by()
    cost = {
        pk: (o, a)
        for pk, o, a in moved.values_list("card_id").annotate(
            o=Sum("original_vnd"), a=Sum("accumulated_vnd")
        )
    }
    charged = Charge.objects.visible_to(actor).filter(year__lte=year).order_by()
    lost = dict(charged.values_list("card_id").annotate(a=Sum("amount_vnd")))
    of_year = dict(
        Charge.objects.visible_to(actor)
        .filter(year=year)
        .order_by()
        .values_list("card_id", "amount_vnd")
    )
    found: list[Line] = []
    for row in kept:
        original, before = cost.get(row.pk, (0, 0))
        standing = Standing(original, before + lost.get(row.pk, 0))
        found.append(Line(row, standing, of_year.get(row.pk, 0)))
    return found


def movements_in(actor: Actor, year: int, rows: QuerySet[Card]) -> list[Movement]:
    """The movements of a year on these cards, by card and day."""
    found = (
        Movement.objects.visible_to(actor)
        .filter(on__year=year, card__in=rows.order_by().values("pk"))
        .select_related("card", "owner_org")
        .order_by("owner_org__name", "card__code", "on", "id")
    )
    return list(found)


def summed(lines: Iterable[Line], title: str = "") -> Group:
    """A group with the sums of its lines."""
    group = Group(title, list(lines))
    original = sum(line.at_end.original_vnd for line in group.lines)
    lost = sum(line.at_end.accumulated_vnd for line in group.lines)
    group.totals = Totals(len(group.lines), original, lost)
    group.charge_vnd = sum(line.charge_vnd for line in group.lines)
    return group


def grouped(lines: Iterable[Line], of: Callable[[Card], str]) -> list[Group]:
    """Lines under the headings that ``of`` names, in their order."""
    by: dict[str, list[Line]] = {}
    for line in lines:
        by.setdefault(of(line.card), []).append(line)
    return [summed(by[title], title) for title in sorted(by)]


def heading(card: Card, name: str) -> str:
    """What a card is listed under."""
    if name == "kind":
        return str(card.get_kind_display())
    return str(getattr(card, name).name)
