"""Full-text search for programs, with the rights of whoever asks."""

from django.http import HttpRequest

from sen.domains.digitisation.selectors import search
from sen.domains.digitisation.selectors.searching import Narrowing
from sen.kernel.access.middleware import actor_of
from sen.kernel.rest.api import Audience, Schema, router

MOST = 100
LONGEST = 300


class PieceOut(Schema):
    """A piece of a snippet; marked where it answers the question."""

    text: str
    is_marked: bool


class HitOut(Schema):
    """A document with its best page."""

    document_id: int
    code: str
    number: str
    kind: str
    abstract: str
    issued_on: str
    page: int | None = None
    pages: int
    score: float
    snippet: list[PieceOut]


class FoundOut(Schema):
    """A page of results; ``is_capped``: there are more than ``total``."""

    total: int
    is_capped: bool
    items: list[HitOut]


def answer(
    request: HttpRequest, q: str, kind: str = "", offset: int = 0, limit: int = 20
) -> FoundOut:
    """Documents whose text holds all words of ``q``; quoted parts are phrases."""
    found = search(
        actor=actor_of(request),
        text=q[:LONGEST],
        narrowing=Narrowing(kind=kind.replace("\x00", "")),
        offset=min(max(offset, 0), 1_900),
        limit=min(max(limit, 1), MOST),
    )
    return FoundOut(
        total=found.total,
        is_capped=found.is_capped,
        items=[
            HitOut(
                document_id=hit.document_id,
                code=hit.code,
                number=hit.number,
                kind=hit.kind,
                abstract=hit.abstract,
                issued_on=hit.issued_on,
                page=hit.page,
                pages=hit.pages,
                score=round(hit.score, 4),
                snippet=[PieceOut(text=text, is_marked=mark) for text, mark in hit.snippet],
            )
            for hit in found.hits
        ],
    )


router(Audience.PUBLIC, "digitisation").get(
    "/search", response=FoundOut, operation_id="digitisation_search_public"
)(answer)
router(Audience.INTERNAL, "digitisation").get(
    "/search", response=FoundOut, operation_id="digitisation_search"
)(answer)
