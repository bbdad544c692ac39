"""Writing the words of documents and pages in the form in which they are found.

Every text goes in twice, without diacritics and with them: the first finds, the second ranks.
The terms of a document are made by ``rules.finding``, which also makes those of the question; where
a word stands is kept in ``Reading.head`` and ``PageText.tsv``, which rank and prove phrases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection

from sen.domains.digitisation.rules.finding import accented, folded, terms

_HEAD: Final = (
    "setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B')"
)
_PAGE: Final = (
    "setweight(to_tsvector('simple', %s), 'C') || setweight(to_tsvector('simple', %s), 'D')"
)


def both(text: str) -> list[str]:
    """A text without and with diacritics, as they are indexed."""
    return [" ".join(folded(text)), " ".join(accented(text))]


def write_terms(reading_id: int, *, head: Sequence[str], pages: Iterable[str] = ()) -> None:
    """What a document is found by: its head (title, number, code) and the texts of its pages."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE digitisation_reading SET head = {_HEAD}, "  # noqa: S608  our own expression
            "lexemes = array_to_tsvector(%s::text[]) WHERE id = %s",
            [*both(" ".join(head)), terms(head, pages), reading_id],
        )


def write_pages(reading_id: int, pages: Sequence[tuple[int, str]]) -> None:
    """Where the words of pages (number, text) stand."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE digitisation_pagetext SET tsv = {_PAGE} "  # noqa: S608  our own expression
            "WHERE reading_id = %s AND number = %s",
            [[*both(text), reading_id, number] for number, text in pages],
        )
