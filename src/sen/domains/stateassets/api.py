"""What other domains may ask of `stateassets`."""

from __future__ import annotations

from sen.domains.stateassets.selectors import cards, cards_of_asset, reckon_year, totals
from sen.domains.stateassets.services import (
    bulk_put_cards,
    close_book,
    create_card,
    record_movement,
)

__all__ = [
    "bulk_put_cards",
    "cards",
    "cards_of_asset",
    "close_book",
    "create_card",
    "reckon_year",
    "record_movement",
    "totals",
]
