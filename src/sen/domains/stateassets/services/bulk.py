"""Many cards at once: from a spreadsheet, or the demonstration. All of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from sen.domains.assets import api as assets
from sen.domains.network import api as network
from sen.domains.stateassets.choices import CardStatus, MovementKind
from sen.domains.stateassets.data import CardInput
from sen.domains.stateassets.models import Card, KindChoices, Movement
from sen.domains.stateassets.rules import BooksFault, Standing
from sen.domains.stateassets.services.checks import (
    PARTS,
    need_amounts,
    need_day,
    need_open_year,
)
from sen.kernel.access.context import as_system
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.access.tracking import as_loaded, is_new
from sen.kernel.errors import InputCheck, InvalidInputError
from sen.kernel.imports.importer import Outcome
from sen.kernel.usecase import use_case
from sen.lib.text import nfc

_DESCRIBING = ("name", "kind", "origin", "quantity", "unit", "from_m", "to_m")


class _Codes:
    """What the codes of an input stand for."""

    def __init__(self, actor: Actor, rows: Sequence[CardInput]) -> None:
        wanted = {row.asset for row in rows if row.asset}
        self.assets = {row.code: row for row in assets.assets(actor).filter(code__in=wanted)}
        self.roads = network.road_ids_by_code(actor, {row.road for row in rows if row.road})
        self.road_rows = {
            row.pk: row for row in network.roads(actor).filter(pk__in=self.roads.values())
        }
        self.orgs = {row.code: row.pk for row in Organisation.objects.all()}
        self.areas = dict(Area.objects.values_list("code", "pk"))
        with as_system("codes are unique over all rows"):
            known = Card.objects.filter(code__in=[row.code for row in rows])
            self.known = {row.code: row for row in known}
            held = Card.objects.filter(asset__code__in=wanted).exclude(
                status=CardStatus.CLOSED.value
            )
            self.held = dict(held.values_list("asset__code", "code"))


@use_case("stateassets.card.import", act="stateassets.bulk_put_cards", check_result=False)
def bulk_put_cards(*, actor: Actor, rows: Sequence[CardInput], is_demo: bool = False) -> int:
    """Enter cards with their openings; returns how many.

    Raises:
        InvalidInputError: a row is wrong.
    """
    outcome = _put(actor, rows, is_demo)
    if outcome.faults:
        first = outcome.faults[0]
        raise InvalidInputError({first.field: f"{first.row}: {first.message}"})
    return outcome.created


@use_case("stateassets.card.import", act="stateassets.import_cards", audit=False)
def import_cards(*, actor: Actor, rows: Sequence[CardInput]) -> Outcome:
    """Enter or update cards from a file; what is on the books keeps its amounts."""
    return _put(actor, rows, is_demo=False)


def _put(actor: Actor, rows: Sequence[CardInput], is_demo: bool) -> Outcome:
    codes, outcome = _Codes(actor, rows), Outcome()
    new: list[tuple[Card, CardInput]] = []
    changed: list[Card] = []
    for given in rows:
        card = _card(given, codes, outcome)
        if card is None:
            continue
        if not actor.scope(Card.access, "import").allows(card):
            outcome.fault(
                given.row, "owner_org", _("Ngoài đơn vị hoặc địa bàn được giao."), given.owner_org
            )
        elif is_new(card):
            card.is_demo = is_demo
            new.append((card, given))
        elif any(getattr(card, name) != as_loaded(card)[name] for name in _DESCRIBING):
            changed.append(card)
        else:
            outcome.unchanged += 1
    if outcome.faults:
        return outcome
    for card in changed:
        card.save()
    made = Card.objects.bulk_create([card for card, _given in new])
    by_code = {card.code: card for card in made}
    Movement.objects.bulk_create([_opening(by_code[given.code], given) for _card, given in new])
    outcome.created, outcome.updated = len(made), len(changed)
    return outcome


def _card(given: CardInput, codes: _Codes, outcome: Outcome) -> Card | None:
    check = InputCheck()
    asset = codes.assets.get(given.asset) if given.asset else None
    road = codes.road_rows.get(codes.roads.get(given.road, 0)) if given.road else None
    check.need(asset or not given.asset, "asset", _("Không có tài sản mã này."))
    check.need(road or not given.road, "road", _("Không có tuyến đường mã này."))
    holder = codes.held.get(given.asset, given.code)
    check.need(
        holder == given.code, "asset", _("Tài sản này đã có thẻ %(code)s.") % {"code": holder}
    )
    check.need(given.kind in KindChoices.values, "kind", _("Hãy chọn loại tài sản."))
    subject: Any = asset or road
    org = codes.orgs.get(given.owner_org) or getattr(subject, "owner_org_id", None)
    area = codes.areas.get(given.area) or getattr(subject, "area_id", None)
    check.need(org, "owner_org", _("Không có đơn vị mã này."))
    check.need(area, "area", _("Không có địa bàn mã này."))
    row = codes.known.get(given.code) or Card(code=given.code, data_class=DataClass.INTERNAL.value)
    if is_new(row):
        _new_card(row, given, org, check)
        row.owner_org_id, row.area_id = org or 0, area or 0
    for name in _DESCRIBING:
        value = getattr(given, name)
        if value not in (None, ""):
            setattr(row, name, nfc(value).strip() if isinstance(value, str) else value)
    if subject is not None:
        row.asset_id = asset.pk if asset else None
        row.road_id = asset.road_id if asset else subject.pk
    for name, texts in check.fields.items():
        outcome.fault(given.row, name, texts[0], getattr(given, name, ""))
    return None if check.fields else row


def _new_card(row: Card, given: CardInput, org: int | None, check: InputCheck) -> None:
    need_day(check, "in_use_at", given.in_use_at)
    need_day(check, "recorded_at", given.recorded_at)
    need_open_year(check, "recorded_at", org, given.recorded_at)
    amounts = {name: getattr(given, name) for name in (*PARTS, "accumulated_vnd")}
    need_amounts(check, amounts, amounts)
    if check.fields.keys() & amounts.keys():
        return
    try:
        at = Standing().moved(sum(amounts[name] for name in PARTS), given.accumulated_vnd)
    except BooksFault as fault:
        check.add("accumulated_vnd", _(fault.template) % fault.params)
        return
    check.need(at.original_vnd > 0, "construction_vnd", _("Hãy ghi nguyên giá."))
    row.status = CardStatus.ACTIVE.value
    row.in_use_at, row.recorded_at = given.in_use_at, given.recorded_at
    row.charged_through = given.charged_through
    row.original_vnd, row.accumulated_vnd = at.original_vnd, at.accumulated_vnd


def _opening(card: Card, given: CardInput) -> Movement:
    parts = {name: getattr(given, name) for name in PARTS}
    return Movement(
        card=card,
        kind=MovementKind.OPENING.value,
        on=given.recorded_at,
        original_vnd=sum(parts.values()),
        accumulated_vnd=given.accumulated_vnd,
        document=given.document or _("Nhập từ tệp"),
        document_date=given.document_date,
        owner_org_id=card.owner_org_id,
        area_id=card.area_id,
        data_class=card.data_class,
        is_demo=card.is_demo,
        **parts,
    )
