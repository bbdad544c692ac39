"""Cards, movements and the closing of years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from sen.domains.stateassets.data import CardInput
from sen.domains.stateassets.models import Book, Card, Charge, Movement
from sen.domains.stateassets.reports import lines_at
from sen.domains.stateassets.selectors import cards, reckon_year, without_card
from sen.domains.stateassets.services import (
    close_book,
    create_card,
    import_cards,
    record_movement,
    reopen_book,
)
from sen.domains.stateassets.tests.conftest import Site
from sen.kernel.access.context import as_system
from sen.kernel.access.scope import system
from sen.kernel.errors import ConflictError, InvalidInputError, RuleNotInForceError

BILLION = 10**9


def card(site: Site, **values: Any) -> Card:
    given: dict[str, Any] = {
        "code": "TS-1",
        "in_use_at": date(2024, 5, 1),
        "recorded_at": date(2024, 6, 1),
        "construction_vnd": 4 * BILLION,
        "document": "QĐ 12/QĐ-UBND",
    } | values
    row = create_card(actor=site.actor, asset_code="T-bus_station", **given)
    return Card.objects.get(pk=row.pk)


def test_a_card_follows_its_asset_and_charges_whole_years(site: Site) -> None:
    with as_system("books"):
        assert without_card(site.actor) == 2
        row = card(site)
        assert (row.kind, row.owner_org_id) == ("STATION", site.org.pk)
        assert without_card(site.actor) == 1
        close_book(actor=site.actor, organisation=site.org, year=2024)
        book = close_book(actor=site.actor, organisation=site.org, year=2025)
        row.refresh_from_db()
        assert book.charged_vnd == BILLION * 4 // 25
        assert (row.accumulated_vnd, row.residual_vnd) == (BILLION * 8 // 25, BILLION * 92 // 25)
        assert not book.is_verified, "what our source does not say is marked"
        line = lines_at(site.actor, 2024, cards(site.actor))[0]
        assert line.at_end.residual_vnd == BILLION * 96 // 25, "a form shows its own year"


def test_a_closed_year_is_locked_and_opened_by_another_with_a_reason(site: Site) -> None:
    with as_system("books"):
        row = card(site)
        book = close_book(actor=site.actor, organisation=site.org, year=2024)
        row.refresh_from_db()
        with pytest.raises(InvalidInputError, match="đã khóa"):
            record_movement(
                actor=site.actor,
                card=row,
                kind="UPGRADE",
                on=date(2024, 12, 1),
                construction_vnd=BILLION,
                document="A",
            )
        with pytest.raises(InvalidInputError, match="khóa sổ năm 2025 trước"):
            record_movement(
                actor=site.actor,
                card=row,
                kind="UPGRADE",
                on=date(2026, 1, 1),
                construction_vnd=BILLION,
                document="A",
            )
        with pytest.raises(ConflictError):
            close_book(actor=site.actor, organisation=site.org, year=2024)
        other = system("the head of the department")
        with pytest.raises(InvalidInputError, match="lý do"):
            reopen_book(actor=other, row=book, version=None, reason=" ")
        book = reopen_book(actor=other, row=book, version=None, reason="Ghi thiếu quyết toán")
        row.refresh_from_db()
        assert (row.accumulated_vnd, Charge.objects.count()) == (0, 0)
        assert Book.objects.get(pk=book.pk).reopening_reason == "Ghi thiếu quyết toán"


def test_what_leaves_the_books_takes_everything_along(site: Site) -> None:
    with as_system("books"):
        row = card(site, accumulated_vnd=BILLION)
        record_movement(
            actor=site.actor,
            card=row,
            kind="REMOVAL",
            on=date(2024, 7, 1),
            construction_vnd=-BILLION,
            document="B",
        )
        assert (row.original_vnd, row.accumulated_vnd) == (3 * BILLION, 3 * BILLION // 4)
        row.refresh_from_db()
        record_movement(
            actor=site.actor, card=row, kind="DISPOSAL", on=date(2024, 8, 1), document="C"
        )
        row.refresh_from_db()
        assert (row.status, row.original_vnd, row.accumulated_vnd) == ("CLOSED", 0, 0)


def test_a_movement_is_never_rewritten(site: Site) -> None:
    with as_system("books"):
        card(site)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE stateassets_movement SET original_vnd = 1")
        assert Movement.objects.get().original_vnd == 4 * BILLION


def test_a_year_without_rules_is_refused_not_guessed(site: Site) -> None:
    with as_system("books"):
        card(site, in_use_at=date(2020, 1, 1), recorded_at=date(2020, 1, 2))
        with pytest.raises(RuleNotInForceError):
            reckon_year(site.actor, site.org, 2021)
        assert reckon_year(site.actor, site.org, 2027).law.rates["STATION"].life_years == 25


def test_cards_from_a_file(site: Site) -> None:
    row = CardInput(
        code="N-1",
        name="Bến phà",
        kind="FERRY",
        asset="T-ferry",
        in_use_at=date(2020, 1, 1),
        recorded_at=date(2024, 1, 1),
        charged_through=2023,
        construction_vnd=2 * BILLION,
        accumulated_vnd=BILLION,
        row=2,
    )
    with as_system("books"):
        assert import_cards(actor=site.actor, rows=[row]).created == 1
        assert import_cards(actor=site.actor, rows=[row]).unchanged == 1
        wrong = CardInput(
            code="N-2",
            name="X",
            kind="FERRY",
            asset="T-ferry",
            in_use_at=date(2020, 1, 1),
            recorded_at=date(2024, 1, 1),
            construction_vnd=1,
            accumulated_vnd=2,
            row=3,
        )
        faults = import_cards(actor=site.actor, rows=[wrong]).faults
        assert {fault.field for fault in faults} == {"asset", "accumulated_vnd"}
