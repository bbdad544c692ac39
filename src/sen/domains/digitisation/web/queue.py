"""What waits for being read, what must be scanned again, what could not be read."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.domains.digitisation import services
from sen.domains.digitisation.adapters.programs import recogniser
from sen.domains.digitisation.choices import ReadingState
from sen.domains.digitisation.jobs import call_readers
from sen.domains.digitisation.labels import FAULTS, TONES
from sen.domains.digitisation.models import Reading
from sen.domains.digitisation.selectors import pages_of, queue_state, readings
from sen.domains.digitisation.web.searching import document_url, page_url
from sen.domains.documents import api as documents
from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import SenError
from sen.kernel.web.register.links import WORK
from sen.kernel.web.register.views import needs_sign_in, resource_for, to_sign_in

SHOWN: Final = 50
URL: Final = "/ql/digitisation/nhan-dang/"


@require_GET
@never_cache
def queue_page(request: HttpRequest) -> HttpResponse:
    """Counts by state, and the documents of the chosen one with their reasons."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource_for(request, "documents/documents")
    actor = actor_of(request)
    counts = queue_state(actor)
    chosen = request.GET.get("trang-thai", ReadingState.RESCAN.value)
    rows = (
        readings(actor).filter(state=chosen).select_related("document").order_by("-read_at", "id")
    )
    context = {
        "page_title": _("Nhận dạng văn bản"),
        "is_missing": recogniser() is None,
        "tabs": [
            {
                "title": Reading.State(state).label,
                "url": f"?trang-thai={state}",
                "count": counts[state],
                "active": state == chosen,
            }
            for state in counts
        ],
        "rows": [
            {
                "reading": row,
                "tone": TONES.get(row.state, ""),
                "url": document_url(WORK, row.document_id),
                "faults": _faults(row) if row.poor_pages else [],
            }
            for row in rows[:SHOWN]
        ],
        "may_ask": actor.may("documents.document.change"),
    }
    return render(request, "digitisation/queue.html", context)


def _faults(reading: Reading) -> list[dict[str, object]]:
    return [
        {
            "number": page.number,
            "url": page_url(WORK, reading.document_id, page.number),
            "faults": [FAULTS[fault] for fault in page.faults if fault in FAULTS],
        }
        for page in pages_of(reading)
        if page.faults
    ]


@require_POST
def read_again(request: HttpRequest, document_id: int) -> HttpResponse:
    """Put a document into the queue again."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    try:
        document = documents.document_by_id(actor=actor, document_id=document_id)
        versions = documents.versions_of(actor=actor, document_id=document_id)
        if versions:
            services.ask_for_reading(actor=actor, document=document, version_id=versions[0].id)
            call_readers(actor)
            messages.success(request, _("Tài liệu đang chờ nhận dạng lại."))
    except SenError as error:
        messages.error(request, str(error))
    return redirect(document_url(WORK, document_id))
