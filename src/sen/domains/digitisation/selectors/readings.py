"""What was read in documents, for those who may see them."""

from __future__ import annotations

from typing import Final

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sen.domains.digitisation.choices import ReadingState
from sen.domains.digitisation.models import PageText, Reading
from sen.domains.documents import api as documents
from sen.domains.norms import api as norms
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, SenError

LEAST_DPI: Final = "records.least-dpi"


def least_dpi(kind: str) -> int:
    """How finely a kind of document must be scanned by the law in force; 0 when it is silent."""
    try:
        return int(norms.ruling(LEAST_DPI, on=timezone.localdate(), kind=kind).value)
    except SenError:
        return 0


def readings(actor: Actor) -> QuerySet[Reading]:
    """The readings of the documents that an actor may see."""
    return Reading.objects.filter(document__in=documents.documents(actor).values("pk"))


def reading_of(*, actor: Actor, document_id: int) -> Reading | None:
    """The reading of a document, if the actor may see it and it has one."""
    return readings(actor).filter(document_id=document_id).select_related("document").first()


def page_of(*, actor: Actor, document_id: int, number: int) -> PageText:
    """A page with its words.

    Raises:
        NotFoundError: there is none that the actor may see.
    """
    page = (
        PageText.objects.filter(reading__in=readings(actor), reading__document_id=document_id)
        .filter(number=number)
        .select_related("reading", "reading__document", "reading__version")
        .first()
    )
    if page is None:
        raise NotFoundError(_("trang"), number)
    return page


def pages_of(reading: Reading) -> QuerySet[PageText]:
    """The pages of a reading without their words."""
    return reading.page_texts.defer("words", "text", "tsv").order_by("number")


def queue_state(actor: Actor) -> dict[str, int]:
    """How many documents are in which state of being read."""
    counted = readings(actor).values_list("state").annotate(number=Count("id")).order_by()
    found = dict(counted)
    return {state.value: found.get(state.value, 0) for state in ReadingState}
