"""Use cases on cards, movements and books."""

from __future__ import annotations

from sen.domains.stateassets.services.books import close_book, reopen_book
from sen.domains.stateassets.services.bulk import bulk_put_cards, import_cards
from sen.domains.stateassets.services.cards import (
    confirm_card,
    create_card,
    drop_proposal,
    propose_card,
    update_card,
)
from sen.domains.stateassets.services.movements import record_movement

__all__ = [
    "bulk_put_cards",
    "close_book",
    "confirm_card",
    "create_card",
    "drop_proposal",
    "import_cards",
    "propose_card",
    "record_movement",
    "reopen_book",
    "update_card",
]
