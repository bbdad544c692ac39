"""What the palette shows of the texts of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from sen.domains.digitisation.selectors import search
from sen.domains.digitisation.web.searching import document_url, page_url
from sen.kernel.access.scope import Actor
from sen.kernel.web.palette.suggest import Suggestion, sources
from sen.kernel.web.register.links import PUBLIC, WORK

SHOWN: Final = 3
LEAST_LETTERS: Final = 4


def from_texts(text: str, actor: Actor) -> Sequence[Suggestion]:
    """The best pages; short words are left to names and codes."""
    if len(text.strip()) < LEAST_LETTERS:
        return []
    base = WORK if actor.is_authenticated else PUBLIC
    found = search(actor=actor, text=text, limit=SHOWN)
    return [
        Suggestion(
            title=hit.abstract,
            subtitle="".join(piece for piece, _marked in hit.snippet).strip() or hit.number,
            url=page_url(base, hit.document_id, hit.page, text)
            if hit.page
            else document_url(base, hit.document_id),
            icon="text-search",
            kind=_("Trong tài liệu"),
            behind=True,
        )
        for hit in found.hits
    ]


def offer() -> None:
    sources.add("digitisation.texts", from_texts)
