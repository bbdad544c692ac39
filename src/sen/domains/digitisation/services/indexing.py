"""Writing the words of documents and pages in the form in which they are found.

Every text goes in twice, without diacritics and with them: the first finds, the second ranks.
Both forms are made by ``rules.finding``, which also makes those of the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection

from sen.domains.digitisation.rules.finding import accented, folded

#: A tsvector holds a megabyte; the words of a document beyond this are found on their pages only.
MAX_BODY_LETTERS: Final = 600_000

_HEAD: Final = (
    "setweight(to_tsvector('simple', %s), 'A') || setweight(to_tsvector('simple', %s), 'B')"
)
_PAGE: Final = (
    "setweight(to_tsvector('simple', %s), 'C') || setweight(to_tsvector('simple', %s), 'D')"
)


def both(text: str) -> list[str]:
    """A text without and with diacritics, as they are indexed."""
    return [" ".join(folded(text)), " ".join(accented(text))]


def write_head(reading_id: int, texts: Iterable[str]) -> None:
    """What ranks first: number, code, title. The words of the body stay."""
    parts = both(" ".join(texts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE digitisation_reading r SET head = h.head, "  # noqa: S608  our own expression
            "lexemes = h.head || ts_filter(coalesce(r.lexemes, ''::tsvector), '{c,d}') "
            f"FROM (SELECT {_HEAD} AS head) h WHERE r.id = %s",
            [*parts, reading_id],
        )


def write_pages(reading_id: int, pages: Sequence[tuple[int, str]]) -> None:
    """The words of pages (number, text), and of all of them together those of the document."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE digitisation_pagetext SET tsv = {_PAGE} "  # noqa: S608  our own expression
            "WHERE reading_id = %s AND number = %s",
            [[*both(text), reading_id, number] for number, text in pages],
        )
        cursor.execute(
            "UPDATE digitisation_reading SET lexemes = coalesce(head, ''::tsvector) || "
            "setweight(to_tsvector('simple', %s), 'D') WHERE id = %s",
            [distinct_words(text for _number, text in pages), reading_id],
        )


def distinct_words(texts: Iterable[str]) -> str:
    """Every word of some texts once, in both forms: where it stands is known by the pages."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(folded(text)))
        found.update(dict.fromkeys(accented(text)))
    return " ".join(found)[:MAX_BODY_LETTERS]


def erase_words(reading_id: int) -> None:
    """Leave the head alone: the body is read again or gone."""
    with connection.cursor() as cursor:
        parameters: list[Any] = [reading_id]
        cursor.execute(
            "UPDATE digitisation_reading SET lexemes = coalesce(head, ''::tsvector) WHERE id = %s",
            parameters,
        )
