"""What `stateassets` tells the others."""

from __future__ import annotations

from dataclasses import dataclass

from sen.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CardOpened(Event):
    """A state asset came onto the books, or (``proposed``) is proposed for them."""

    type = "vn.dongthap.sen.stateassets.card.opened.v1"
    card_id: int
    code: str
    asset_id: int | None
    proposed: bool


@dataclass(frozen=True, kw_only=True)
class MovementRecorded(Event):
    """The original cost of an asset, or what it has lost, changed.

    Units:
        đồng.
    """

    type = "vn.dongthap.sen.stateassets.movement.recorded.v1"
    card_id: int
    movement_id: int
    kind: str
    original_vnd: int
    accumulated_vnd: int


@dataclass(frozen=True, kw_only=True)
class BookClosed(Event):
    """The year of an organisation was closed with the charges of all its cards.

    Units:
        đồng.
    """

    type = "vn.dongthap.sen.stateassets.book.closed.v1"
    book_id: int
    organisation: str
    year: int
    cards: int
    charged_vnd: int


@dataclass(frozen=True, kw_only=True)
class BookReopened(Event):
    """A closed year is open again; its charges are taken back."""

    type = "vn.dongthap.sen.stateassets.book.reopened.v1"
    book_id: int
    organisation: str
    year: int
