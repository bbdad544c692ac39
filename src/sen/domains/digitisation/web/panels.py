"""Files of a batch; what was read in a document."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from sen.domains.digitisation.choices import BatchState
from sen.domains.digitisation.labels import FAULTS, TONES
from sen.domains.digitisation.models import Batch
from sen.domains.digitisation.selectors import pages_of, reading_of
from sen.kernel.web.register.links import base_of, detail_url
from sen.kernel.web.register.panels import PanelBody, PanelContext, panel

SHOWN_PAGES: Final = 60


@panel("digitisation.batch", title=_("Tệp quét và tài liệu"), order=-10, wide=True)
def scans(page: PanelContext) -> PanelBody | None:
    """Files as they came from the scanner, and the way to the operator's table."""
    row = page.row
    if not isinstance(row, Batch):
        return None
    may = page.actor.scope(page.resource.rule, "change").allows(row)
    context = {
        "batch": row,
        "files": row.files.select_related("file").order_by("id"),
        "url": detail_url(page.resource, row.pk),
        "may_add": may and row.state != BatchState.DONE,
    }
    return PanelBody("digitisation/scans.html", context)


@panel("documents.document", title=_("Nhận dạng văn bản"), order=-15)
def reading(page: PanelContext) -> PanelBody | None:
    """State, pages to be scanned again and why, the way to the recognised text."""
    found = reading_of(actor=page.actor, document_id=page.row.pk)
    if found is None:
        return None
    pages = list(pages_of(found)[:SHOWN_PAGES])
    poor = [
        {"number": item.number, "faults": [FAULTS[f] for f in item.faults if f in FAULTS]}
        for item in pages
        if item.faults
    ]
    context = {
        "reading": found,
        "tone": TONES.get(found.state, ""),
        "pages": pages,
        "poor": poor,
        "base": base_of(page.request),
    }
    return PanelBody("digitisation/reading.html", context)
