"""Questions about the books: cards, sums, rates of law, what a year would charge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum

from sen.domains.assets import api as assets
from sen.domains.norms import api as norms
from sen.domains.norms.choices import Verification
from sen.domains.stateassets.choices import (
    KIND_OF_TYPE,
    BookStatus,
    CardStatus,
    FirstYear,
)
from sen.domains.stateassets.data import Totals
from sen.domains.stateassets.models import Book, Card, Charge, Movement
from sen.domains.stateassets.rules import (
    Rate,
    Standing,
    first_charged_year,
    year_charge,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Organisation
from sen.kernel.access.scope import Actor

LIFE, RATE, FIRST_YEAR = "stateassets.life", "stateassets.rate", "stateassets.first-year"


def cards(actor: Actor) -> QuerySet[Card]:
    """The cards that the actor may see."""
    rows: QuerySet[Card] = Card.objects.visible_to(actor)
    return rows.order_by("code", "id")


def cards_of_asset(actor: Actor, asset_id: int) -> QuerySet[Card]:
    """The cards of an asset, the one on the books first."""
    return cards(actor).filter(asset_id=asset_id).order_by("status", "-id")


def cards_of_road(actor: Actor, road_id: int) -> QuerySet[Card]:
    """The cards of the sections of a road, in their order."""
    return cards(actor).filter(road_id=road_id, asset=None).order_by("from_m", "id")


def movements_of(actor: Actor, card: Card) -> QuerySet[Movement]:
    """What happened to the value of a card, oldest first."""
    rows: QuerySet[Movement] = Movement.objects.visible_to(actor).filter(card=card)
    return rows.order_by("on", "id")


def charges_of(actor: Actor, card: Card) -> QuerySet[Charge]:
    """What a card lost year by year."""
    rows: QuerySet[Charge] = Charge.objects.visible_to(actor).filter(card=card)
    return rows.order_by("year")


def totals(rows: QuerySet[Card]) -> Totals:
    """Sums over cards."""
    found = rows.order_by().aggregate(
        n=Count("id"), o=Sum("original_vnd"), a=Sum("accumulated_vnd")
    )
    return Totals(found["n"], found["o"] or 0, found["a"] or 0)


def without_card(actor: Actor) -> int:
    """How many assets that ought to be on the books have no card."""
    kept = Card.objects.visible_to(actor).filter(asset__isnull=False)
    rows = assets.assets(actor).filter(type__in=list(KIND_OF_TYPE)).exclude(status="REMOVED")
    return rows.exclude(pk__in=kept.order_by().values("asset_id")).order_by().count()


@dataclass(frozen=True, slots=True)
class Law:
    """The rules for one year, asked at its last day."""

    year: int
    rates: dict[str, Rate]
    first_year: FirstYear
    citation: str
    is_verified: bool

    def rate(self, kind: str) -> Rate:
        """What the law says of a kind.

        Raises:
            KeyError: it is silent.
        """
        return self.rates[kind]


def law_of(year: int, kinds: Iterable[str]) -> Law:
    """The rules in force on the last day of a year.

    Raises:
        RuleNotInForceError: there are none.
    """
    on = date(year, 12, 31)
    life, rate = norms.table_on(LIFE, on), norms.table_on(RATE, on)
    first = norms.ruling(FIRST_YEAR, on=on)
    found: dict[str, Rate] = {}
    for kind in set(kinds):
        case = {"kind": kind}
        found[kind] = Rate(
            Decimal(str(norms.decide(rate.rows, case))), int(norms.decide(life.rows, case))
        )
    verified = {life.verification, rate.verification, first.verification} == {Verification.VERIFIED}
    return Law(year, found, FirstYear(str(first.value)), rate.citation, verified)


@dataclass(slots=True)
class Line:
    """One card in the calculation of a year; ``fault`` says why it cannot be computed."""

    card: Card
    at_end: Standing
    rate: Rate
    charge_vnd: int
    fault: str = ""

    @property
    def after(self) -> Standing:
        return Standing(self.at_end.original_vnd, self.at_end.accumulated_vnd + self.charge_vnd)


@dataclass(slots=True)
class Reckoning:
    """What closing a year would write."""

    year: int
    law: Law
    lines: list[Line] = field(default_factory=list)

    @property
    def charged_vnd(self) -> int:
        return sum(line.charge_vnd for line in self.lines)


def reckon_year(actor: Actor, org: Organisation, year: int) -> Reckoning:
    """The charges of a year for the cards that were on an organisation's books at its end.

    The standing at the end of the year is computed from the movements until then: what was
    recorded since belongs to the next year.

    Raises:
        RuleNotInForceError: no rules for the year.
    """
    end = date(year, 12, 31)
    rows = list(
        cards(actor)
        .filter(owner_org=org, recorded_at__lte=end)
        .exclude(status=CardStatus.PROPOSED.value)
        .filter(Q(closed_at=None) | Q(closed_at__gt=end))
    )
    law = law_of(year, {row.kind for row in rows})
    later = _moved_after(actor, [row.pk for row in rows], end)
    found = Reckoning(year, law)
    for row in rows:
        gone = later.get(row.pk, Standing())
        at_end = Standing(
            row.original_vnd - gone.original_vnd, row.accumulated_vnd - gone.accumulated_vnd
        )
        rate = law.rate(row.kind)
        counts = first_charged_year(row.in_use_at.year, law.first_year) <= year
        charged = row.charged_through is not None and row.charged_through >= year
        amount = year_charge(at_end, rate) if counts and not charged else 0
        found.lines.append(Line(row, at_end, rate, amount))
    return found


def _moved_after(actor: Actor, ids: Sequence[int], day: date) -> dict[int, Standing]:
    rows = (
        Movement.objects.visible_to(actor)
        .filter(card__in=ids, on__gt=day)
        .order_by()
        .values_list("card_id")
        .annotate(o=Sum("original_vnd"), a=Sum("accumulated_vnd"))
    )
    return {pk: Standing(o, a) for pk, o, a in rows}


def last_closed_year(org_id: int) -> int | None:
    """The last year that an organisation has closed."""
    with as_system("a closed year is closed whoever may see the book"):
        found = Book.objects.filter(owner_org_id=org_id, status=BookStatus.CLOSED.value)
        last: int | None = found.aggregate(last=Max("year"))["last"]
    return last
