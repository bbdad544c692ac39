"""Panels: the course of a card, and the cards on the pages of assets and roads."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from sen.domains.stateassets.choices import CardStatus
from sen.domains.stateassets.models import Book, Card, Movement
from sen.domains.stateassets.rules import Standing, run_years
from sen.domains.stateassets.selectors import (
    cards_of_asset,
    cards_of_road,
    charges_of,
    law_of,
    movements_of,
)
from sen.kernel.errors import RuleNotInForceError
from sen.kernel.web.register.links import WORK, base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel
from sen.kernel.web.register.resource import resources

AHEAD_YEARS: Final = 5
SHOWN: Final = 40


@panel("stateassets.cards", title=_("Việc cần làm"), order=-10)
def todo(page: PanelContext) -> PanelBody | None:
    """A proposal waits for somebody to confirm it."""
    row = page.row
    if not isinstance(row, Card) or row.status != CardStatus.PROPOSED:
        return None
    may = page.actor.may(Card.access.permission("change")) and base_of(page.request) == WORK
    return PanelBody("stateassets/todo.html", {"row": row, "may": may})


@panel("stateassets.cards", title=_("Biến động giá trị"), order=20, wide=True)
def movements(page: PanelContext) -> PanelBody | None:
    """Everything that changed the value, and the way to record more."""
    row = page.row
    if not isinstance(row, Card):
        return None
    found = [
        {"row": item, "url": detail_url(resources["stateassets.movements"], item.pk)}
        for item in movements_of(page.actor, row)
    ]
    may = page.actor.may(Movement.access.permission("add")) and row.status != CardStatus.CLOSED
    add = f"/ql/stateassets/movements/them/?{urlencode({'card_code': row.code})}" if may else ""
    return PanelBody("stateassets/movements.html", {"rows": found, "add": add})


@panel("stateassets.cards", title=_("Hao mòn theo năm"), order=25, wide=True)
def charges(page: PanelContext) -> PanelBody | None:
    """Closed years as written, and the next ones as the law of today would have them."""
    row = page.row
    if not isinstance(row, Card):
        return None
    done = list(charges_of(page.actor, row))
    context: dict[str, Any] = {"done": done, "ahead": [], "law": None}
    if row.status == CardStatus.ACTIVE:
        last = done[-1].year if done else max(row.charged_through or 0, row.recorded_at.year - 1)
        years = range(last + 1, last + 1 + AHEAD_YEARS)
        try:
            law = law_of(years[0], [row.kind])
        except RuleNotInForceError as error:
            context["no_law"] = str(error)
        else:
            start = Standing(row.original_vnd, row.accumulated_vnd)
            ahead = run_years(years, {}, law.rate(row.kind), start=start)
            context |= {"ahead": ahead, "law": law, "rate": law.rate(row.kind)}
    return PanelBody("stateassets/charges.html", context)


@panel(
    "assets.asset",
    title=_("Tài sản công"),
    order=45,
    permission="stateassets.card.view",
    asks={"cards": lambda page: cards_of_asset(page.actor, page.row.pk)},
)
def of_asset(page: PanelContext) -> PanelBody | None:
    """What the asset is worth on the books."""
    rows = list(cards_of_asset(page.actor, page.row.pk)[:SHOWN]) if page.has("cards") else []
    return _cards(page, rows, {"asset_code": getattr(page.row, "code", "")})


@panel(
    "network.roads",
    title=_("Tài sản công"),
    order=45,
    permission="stateassets.card.view",
    asks={"cards": lambda page: cards_of_road(page.actor, page.row.pk)},
)
def of_road(page: PanelContext) -> PanelBody | None:
    """The sections of the road on the books."""
    rows = list(cards_of_road(page.actor, page.row.pk)[:SHOWN]) if page.has("cards") else []
    return _cards(page, rows, {"road_code": getattr(page.row, "code", "")})


def _cards(page: PanelContext, rows: list[Card], query: dict[str, str]) -> PanelBody | None:
    may = page.actor.may(Card.access.permission("add")) and base_of(page.request) == WORK
    if not rows and not may:
        return None
    add = f"/ql/stateassets/cards/them/?{urlencode(query)}" if may else ""
    found = [
        {"row": row, "url": detail_url(resources["stateassets.cards"], row.pk)} for row in rows
    ]
    return PanelBody("stateassets/cards.html", {"rows": found, "add": add})


@panel("stateassets.books", title=_("Mở lại sổ"), order=20)
def reopening(page: PanelContext) -> PanelBody | None:
    """A closed year is opened by another person, with a reason."""
    row = page.row
    if not isinstance(row, Book) or not page.actor.may(Book.access.permission("change")):
        return None
    own = row.closed_by_id is not None and row.closed_by_id == page.actor.id
    return PanelBody("stateassets/reopening.html", {"row": row, "own": own})
