"""Ranked full-text search over documents and their pages, with the rights of whoever asks.

All words of a question must stand somewhere in a document (its head or any page); a phrase must
stand on one page or in the head. However common the words, only so many documents are looked at:

1. Candidates come from the index in steps from the best to the loosest answer: all words in the
   head; the whole question side by side; half of the words, neighbours or two words in the head;
   the same diacritics; anything. What answers a phrase alone has its words side by side anyway. No
   further step is taken once ``CANDIDATES`` are found, the newest of each step first.
2. They are ranked by their heads, which are short.
3. The best ``RERANKED`` are ranked by their best page too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from sen.domains.digitisation.data import Hit
from sen.domains.digitisation.models import PageText
from sen.domains.digitisation.rules.finding import (
    CUT,
    HEAD,
    Question,
    accented,
    folded,
    marked,
    neighbours,
    parse,
    snippet,
)
from sen.domains.documents import api as documents
from sen.kernel.access.scope import Actor
from sen.kernel.plans import planned_for_values

CANDIDATES: Final = 2_000
RERANKED: Final = 150
PAGE: Final = 20
#: So many words of a question are counted in heads: the ways to choose half of more are many.
HEAD_WORDS: Final = 8
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


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of what answers is looked at."""

    candidates: int = CANDIDATES
    reranked: int = RERANKED


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

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def search(
    *,
    actor: Actor,
    text: str,
    narrowing: Narrowing | None = None,
    offset: int = 0,
    limit: int = PAGE,
    bounds: Bounds | None = None,
) -> Found:
    """The documents that answer a question, best first."""
    question = parse(text)
    if question.is_empty:
        return Found(question, (), 0, is_capped=False)
    bounds = bounds or Bounds()
    with planned_for_values():
        found = _candidates(actor, question, narrowing or Narrowing(), bounds)
        rows = _ranked(question, found, bounds, offset, limit) if found else []
    pages = _pages([(row[0], row[2]) for row in rows if row[2]])
    hits = tuple(_hit(row, pages.get((row[0], row[2])), question) for row in rows)
    total = min(len(found), bounds.candidates)
    return Found(question, hits, total, is_capped=len(found) > bounds.candidates)


def _candidates(
    actor: Actor, question: Question, narrowing: Narrowing, bounds: Bounds
) -> dict[int, bool]:
    """Ids of readings that answer, and whether the whole question may stand there in one piece."""
    found: dict[int, bool] = {}
    for terms, is_whole in _steps(question):
        statement = Statement()
        answering = _answering(statement, question, terms)
        visible = _visible(statement, actor, narrowing)
        # In order before the join: who sees most then has all candidates after a few documents.
        sql = (
            f"SELECT r.id FROM ({answering} ORDER BY r.id DESC OFFSET 0) r {visible} "  # noqa: S608
            f"ORDER BY r.id DESC LIMIT {bounds.candidates + 1}"
        )
        for (reading_id,) in statement.rows(sql):
            found[reading_id] = found.get(reading_id, False) or is_whole
        if len(found) > bounds.candidates:
            break
    return found


def _steps(question: Question) -> Iterator[tuple[tuple[str, ...], bool]]:
    """What is asked of the terms of a document, from the best answer to the loosest.

    What must all hold is asked apart: the index then skips from one short list to the next.
    """
    words = tuple(dict.fromkeys(folded(question.text)))
    everything = all_of(words)
    near = neighbours(folded(question.text))
    heads = tuple(quoted(HEAD + word) for word in words)[:HEAD_WORDS]
    half = (len(heads) + 1) // 2
    yield (all_of(HEAD + word for word in words),), question.is_phrase
    if near and question.is_phrase:
        # Whatever answers has the neighbours: the heads tell which of them come first.
        if len(heads) > 2:
            yield (some_of(heads, half), all_of(near)), True
        if half > 2:
            yield (some_of(heads, 2), all_of(near)), True
        yield (all_of(near),), True
        yield (quoted(CUT), everything), True
        return
    if near:
        yield (all_of(near),), True
    if len(heads) > 2:
        yield (some_of(heads, half), everything), False
    if near:
        yield (any_of(HEAD + pair for pair in near), everything), False
    if half > 2:
        yield (some_of(heads, 2), everything), False
    if question.has_accents:
        yield (all_of((*words, *accented(question.text))),), False
    yield (everything,), False


def quoted(term: str) -> str:
    """A term as it stands in a query of the database."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def all_of(terms: Iterable[str]) -> str:
    return " & ".join(quoted(term) for term in dict.fromkeys(terms))


def any_of(terms: Iterable[str]) -> str:
    return " | ".join(quoted(term) for term in dict.fromkeys(terms))


def some_of(terms: Sequence[str], least: int) -> str:
    """At least so many of some quoted terms.

    By halves: the index tries the whole of it at every document with one of the terms, and so it
    is half as long as one term taken after the other makes it.
    """
    if least == 1:
        return f"({' | '.join(terms)})"
    if least == len(terms):
        return f"({' & '.join(terms)})"
    left, right = terms[: len(terms) // 2], terms[len(terms) // 2 :]
    ways = []
    for of_left in range(max(0, least - len(right)), min(len(left), least) + 1):
        halves = [(left, of_left), (right, least - of_left)]
        ways.append(" & ".join(some_of(half, count) for half, count in halves if count))
    return f"({' | '.join(ways)})"


def _answering(bind: Statement, question: Question, terms: Sequence[str]) -> str:
    """Readings with the terms of a step in which every phrase stands.

    Two words are a phrase where the index has them as neighbours. Longer ones are proved on the
    page, and so is every phrase where not all neighbours were indexed.
    """
    sure, proofs = list(terms), []
    for phrase in question.phrases:
        words = folded(phrase)
        near = neighbours(words)
        if near:
            sure.append(f"({all_of(near)}) | {quoted(CUT)}")
            whole = f"phraseto_tsquery('simple', {bind.bind(' '.join(words))})"
            is_exact = ""
            if len(near) == 1:
                is_exact = f"NOT r.lexemes @@ {bind.bind(quoted(CUT))}::tsquery OR "
            proofs.append(
                f" AND ({is_exact}r.head @@ {whole} OR EXISTS (SELECT FROM digitisation_pagetext p "
                f"WHERE p.reading_id = r.id AND p.tsv @@ {whole}))"
            )
    asked = " AND ".join(f"r.lexemes @@ {bind.bind(term)}::tsquery" for term in sure)
    return (
        "SELECT r.id, r.document_id FROM digitisation_reading r "  # noqa: S608  values are bound
        f"WHERE {asked}{''.join(proofs)}"
    )


def _ranked(
    question: Question, found: dict[int, bool], bounds: Bounds, offset: int, limit: int
) -> list[tuple[Any, ...]]:
    """The page of results among the candidates."""
    bind = Statement()
    plain, same = " ".join(folded(question.text)), " ".join(accented(question.text))
    asked = bind.bind(plain)
    words = f"plainto_tsquery('simple', {asked})"
    whole = f"phraseto_tsquery('simple', {asked})"
    forms = f"plainto_tsquery('simple', {bind.bind(f'{plain} {same}')})"
    ids, wholes = bind.bind(list(found)), bind.bind(list(found.values()))
    alike = "0"
    if question.has_accents:
        forms_of_it = bind.bind(all_of(accented(question.text)))
        alike = f"CASE WHEN r.lexemes @@ {forms_of_it}::tsquery THEN 0.25 ELSE 0 END"
    return bind.rows(f"""
WITH ranked AS MATERIALIZED (
  SELECT c.id, r.document_id,
         2 * ts_rank('{WEIGHTS}', coalesce(r.head, ''), {_either(forms)})
         + CASE WHEN r.head @@ {whole} THEN 1.0 ELSE 0 END
         + CASE WHEN c.is_whole THEN 0.5 ELSE 0 END AS score
  FROM unnest({ids}::bigint[], {wholes}::bool[]) c(id, is_whole)
  -- One by one: two thousand look-ups are a fifth of the merge with all readings that is planned.
  CROSS JOIN LATERAL (SELECT * FROM digitisation_reading WHERE id = c.id OFFSET 0) r),
-- The place among all, whatever page of results is asked for.
best AS MATERIALIZED (
  SELECT * FROM ranked ORDER BY score DESC, id DESC LIMIT {max(bounds.reranked, offset + limit)}),
paged AS (
  SELECT b.id, b.document_id, b.score + {alike} + coalesce(page.score, 0) AS score, page.number,
         r.pages
  FROM best b JOIN digitisation_reading r ON r.id = b.id
  LEFT JOIN LATERAL (
    SELECT p.number, ts_rank_cd('{WEIGHTS}', p.tsv, {words}) * 0.5
           + ts_rank('{WEIGHTS}', p.tsv, {_either(words)}) * 0.1
           + CASE WHEN p.tsv @@ {whole} THEN 0.5 ELSE 0 END AS score
    FROM digitisation_pagetext p
    WHERE p.reading_id = b.id AND p.tsv @@ {_either(words)}
    ORDER BY 2 DESC, 1 LIMIT 1) page ON true)
SELECT paged.id, paged.score, paged.number, paged.pages, d.id, d.code, d.number, d.kind,
       d.abstract, d.issued_on
FROM paged JOIN documents_document d ON d.id = paged.document_id
ORDER BY paged.score DESC, paged.id DESC
LIMIT {int(limit)} OFFSET {int(offset)}""")  # noqa: S608  our own names; values are bound


def _either(words: str) -> str:
    """Any of the words instead of all."""
    return f"replace({words}::text, '&', '|')::tsquery"


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
    _id, score, number, pages, document_id, code, said, kind, abstract, issued_on = row
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
