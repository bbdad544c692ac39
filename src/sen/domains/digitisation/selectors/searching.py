"""Ranked full-text search over documents and their pages, with the rights of whoever asks.

All words of a question must stand somewhere in a document (its head or any page); a phrase must
stand on one page or in the head. However common the words, only so many candidates are looked at:

1. Candidates are found by the index and cut off at ``CANDIDATES``; where the question has
   diacritics, documents with the same ones come first.
2. They are ranked by their heads, which are short; documents with the whole question as a phrase
   on a page are added.
3. The best ``RERANKED`` are ranked by their best page too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from sen.domains.digitisation.data import Hit
from sen.domains.digitisation.models import PageText
from sen.domains.digitisation.rules.finding import (
    Question,
    accented,
    folded,
    marked,
    parse,
    snippet,
)
from sen.domains.documents import api as documents
from sen.kernel.access.scope import Actor
from sen.kernel.plans import planned_for_values

CANDIDATES: Final = 2_000
PHRASED: Final = 300
RERANKED: Final = 60
PAGE: Final = 20
#: Weights of D, C, B, A: words of pages with and without diacritics, of heads likewise.
WEIGHTS: Final = "{0.15, 0.1, 0.9, 0.7}"


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a page of results; ``is_capped``: there are more than were counted."""

    question: Question
    hits: tuple[Hit, ...]
    total: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Further conditions on documents."""

    kind: str = ""
    dossier_id: int | None = None
    issued_from: date | None = None
    issued_to: date | None = None


class Statement:
    """SQL that grows together with its parameters."""

    def __init__(self) -> None:
        self.parameters: dict[str, Any] = {}

    def bind(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def condition(self, sql: str, parameters: Sequence[Any]) -> str:
        """A condition with positional parameters, such as those of a scope."""
        for value in parameters:
            sql = sql.replace("%s", self.bind(value), 1)
        return sql


def search(
    *,
    actor: Actor,
    text: str,
    narrowing: Narrowing | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> Found:
    """The documents that answer a question, best first."""
    question = parse(text)
    if question.is_empty:
        return Found(question, (), 0, is_capped=False)
    statement = Statement()
    sql = _sql(statement, actor, question, narrowing or Narrowing(), offset, limit)
    with planned_for_values(), connection.cursor() as cursor:
        cursor.execute(sql, statement.parameters)
        rows = cursor.fetchall()
    total = rows[0][-1] if rows else 0
    pages = _pages([(row[0], row[2]) for row in rows if row[2]])
    hits = tuple(_hit(row, pages.get((row[0], row[2])), question) for row in rows)
    return Found(question, hits, min(total, CANDIDATES), is_capped=total > CANDIDATES)


def _sql(
    bind: Statement,
    actor: Actor,
    question: Question,
    narrowing: Narrowing,
    offset: int,
    limit: int,
) -> str:
    asked = bind.bind(" ".join(folded(question.text)))
    visible = _visible(bind, actor, narrowing)
    words = f"plainto_tsquery('simple', {asked})"
    phrases = _phrases(bind, question)
    exact = ""
    if question.has_accents:
        # First those with the same diacritics, so that the cap does not cut them off.
        same = bind.bind(" ".join(accented(question.text)))
        exact = (
            f"(SELECT r.id, true AS same FROM digitisation_reading r {visible} "  # noqa: S608
            f"AND r.lexemes @@ plainto_tsquery('simple', {same}) "
            f"AND r.lexemes @@ {words}{phrases} LIMIT {CANDIDATES + 1}) UNION ALL "
        )
    any_form = (
        f"(SELECT r.id, false AS same FROM digitisation_reading r {visible} "  # noqa: S608
        f"AND r.lexemes @@ {words}{phrases} LIMIT {CANDIDATES + 1})"
    )
    whole = f"phraseto_tsquery('simple', {asked})"
    return f"""
WITH hits AS MATERIALIZED ({exact}{any_form}),
candidates AS MATERIALIZED (SELECT id, bool_or(same) AS same FROM hits GROUP BY id),
phrased AS MATERIALIZED (
  SELECT DISTINCT near.reading_id AS id FROM (
    SELECT p.reading_id, p.tsv FROM digitisation_pagetext p
    WHERE p.tsv @@ {words} LIMIT {CANDIDATES}) near
  JOIN candidates c ON c.id = near.reading_id
  WHERE near.tsv @@ {whole} LIMIT {PHRASED}),
ranked AS MATERIALIZED (
  SELECT c.id, r.document_id,
         2 * ts_rank('{WEIGHTS}', coalesce(r.head, ''), {_either(words)})
         + CASE WHEN r.head @@ {whole} THEN 1.0 ELSE 0 END
         + CASE WHEN f.id IS NOT NULL THEN 0.5 ELSE 0 END
         + CASE WHEN c.same THEN 0.25 ELSE 0 END AS score
  FROM candidates c
  JOIN digitisation_reading r ON r.id = c.id
  LEFT JOIN phrased f ON f.id = c.id),
-- The place among all, whatever page of results is asked for.
best AS MATERIALIZED (
  SELECT * FROM ranked ORDER BY score DESC, id DESC LIMIT {max(RERANKED, offset + limit)}),
paged AS (
  SELECT b.id, b.document_id, b.score + coalesce(page.score, 0) AS score, page.number
  FROM best b LEFT JOIN LATERAL (
    SELECT p.number, ts_rank_cd('{WEIGHTS}', p.tsv, {words}) * 0.5
           + ts_rank('{WEIGHTS}', p.tsv, {_either(words)}) * 0.1
           + CASE WHEN p.tsv @@ {whole} THEN 0.5 ELSE 0 END AS score
    FROM digitisation_pagetext p
    WHERE p.reading_id = b.id AND p.tsv @@ {_either(words)}
    ORDER BY 2 DESC, 1 LIMIT 1) page ON true)
SELECT paged.id, paged.score, paged.number, r.pages, d.id, d.code, d.number, d.kind, d.abstract,
       d.issued_on, (SELECT count(*) FROM candidates)
FROM paged JOIN digitisation_reading r ON r.id = paged.id
JOIN documents_document d ON d.id = paged.document_id
ORDER BY paged.score DESC, paged.id DESC
LIMIT {int(limit)} OFFSET {int(offset)}"""  # noqa: S608  our own names; values are bound


def _either(words: str) -> str:
    """Any of the words instead of all."""
    return f"replace({words}::text, '&', '|')::tsquery"


def _phrases(bind: Statement, question: Question) -> str:
    """Each phrase stands in the head or on a page."""
    parts = []
    for phrase in question.phrases:
        query = f"phraseto_tsquery('simple', {bind.bind(' '.join(folded(phrase)))})"
        parts.append(
            f" AND (r.head @@ {query} OR EXISTS (SELECT FROM digitisation_pagetext p "
            f"WHERE p.reading_id = r.id AND p.tsv @@ {query}))"
        )
    return "".join(parts)


def _visible(bind: Statement, actor: Actor, narrowing: Narrowing) -> str:
    """The join with the documents that the actor may see."""
    rows = documents.documents(actor)
    condition, parameters = actor.scope(rows.model.access).sql("d")
    parts = [bind.condition(condition, parameters)]
    if narrowing.kind:
        parts.append(f"d.kind = {bind.bind(narrowing.kind)}")
    if narrowing.issued_from:
        parts.append(f"d.issued_on >= {bind.bind(narrowing.issued_from)}")
    if narrowing.issued_to:
        parts.append(f"d.issued_on <= {bind.bind(narrowing.issued_to)}")
    if narrowing.dossier_id:
        seen = documents.dossiers(actor).filter(pk=narrowing.dossier_id).exists()
        dossier = bind.bind(narrowing.dossier_id if seen else 0)
        parts.append(
            "EXISTS (SELECT FROM documents_dossieritem i "
            f"WHERE i.document_id = d.id AND i.dossier_id = {dossier})"
        )
    return f"JOIN documents_document d ON d.id = r.document_id WHERE {' AND '.join(parts)}"


def _pages(wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], PageText]:
    """The pages from which snippets are taken."""
    if not wanted:
        return {}
    ids = [reading_id for reading_id, _number in wanted]
    numbers = {number for _reading_id, number in wanted}
    rows = PageText.objects.filter(reading_id__in=ids, number__in=numbers).defer("words", "tsv")
    return {(row.reading_id, row.number): row for row in rows}


def _hit(row: tuple[Any, ...], page: PageText | None, question: Question) -> Hit:
    _id, score, number, pages, document_id, code, said, kind, abstract, issued_on, _all = row
    words = page.text.split() if page else abstract.split()
    return Hit(
        document_id=document_id,
        score=float(score),
        code=code,
        number=said,
        kind=kind,
        abstract=abstract,
        issued_on=issued_on.isoformat() if issued_on else "",
        page=number,
        pages=pages,
        snippet=snippet(words, marked(words, question)) if page else (),
    )
