"""The full-text search page, and pages of documents with the found words marked."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.digitisation.adapters import pictures
from sen.domains.digitisation.adapters.steps import ConfinedError
from sen.domains.digitisation.data import Hit
from sen.domains.digitisation.labels import FAULTS
from sen.domains.digitisation.models import PageText
from sen.domains.digitisation.rules.finding import marked, parse
from sen.domains.digitisation.selectors import page_of, search
from sen.domains.digitisation.selectors.searching import PAGE, Found, Narrowing
from sen.domains.documents import api as documents
from sen.domains.documents.choices import FileState
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import DataClass
from sen.kernel.audit.services import record_read
from sen.kernel.errors import NotFoundError
from sen.kernel.web.register.links import PUBLIC, base_of
from sen.kernel.web.register.views import needs_sign_in, shell_of, to_sign_in

MOST_OFFSET: Final = 1_980
WORK_SEARCH: Final = "/ql/digitisation/tim/"
PUBLIC_SEARCH: Final = "/tra-cuu/tim-toan-van/"


def search_url(base: str) -> str:
    return PUBLIC_SEARCH if base == PUBLIC else WORK_SEARCH


def page_url(base: str, document_id: int, number: int, text: str = "") -> str:
    """A page with the words of a question marked."""
    query = f"?{urlencode({'q': text})}" if text else ""
    return f"{search_url(base)}{document_id}/trang/{number}/{query}"


def document_url(base: str, document_id: int) -> str:
    return f"{base}documents/documents/{document_id}/"


def kinds() -> dict[str, Any]:
    """The kinds of documents with their names."""
    return dict(documents.kind_choices())


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    """Results, best first, each with its best page."""
    if needs_sign_in(request):
        return to_sign_in(request)
    text = request.GET.get("q", "")[:300].strip()
    start = request.GET.get("tu", "0")
    offset = min(int(start), MOST_OFFSET) if start.isdigit() else 0
    narrowing = narrowing_of(request)
    found = search(actor=actor_of(request), text=text, narrowing=narrowing, offset=offset)
    base = base_of(request)
    context = {
        "shell": shell_of(request),
        "page_title": _("Tìm trong tài liệu"),
        "q": text,
        "found": found,
        "results": [shown(hit, base, text) for hit in found.hits],
        "kinds": kinds(),
        "narrowing": narrowing,
        "from": offset + 1,
        "to": offset + len(found.hits),
        "prev_url": turned(request, offset - PAGE) if offset else "",
        "next_url": turned(request, offset + PAGE) if has_more(found, offset) else "",
    }
    return render(request, "digitisation/search.html", context)


def narrowing_of(request: HttpRequest) -> Narrowing:
    kind, dossier = request.GET.get("loai", ""), request.GET.get("ho-so", "")
    return Narrowing(
        kind=kind if kind in kinds() else "",
        dossier_id=int(dossier) if dossier.isdigit() else None,
        issued_from=_day(request.GET.get("tu-ngay", "")),
        issued_to=_day(request.GET.get("den-ngay", "")),
    )


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def has_more(found: Found, offset: int) -> bool:
    return offset + PAGE < found.total and offset + PAGE <= MOST_OFFSET


def turned(request: HttpRequest, offset: int) -> str:
    query = request.GET.copy()
    query["tu"] = str(max(offset, 0))
    return f"?{query.urlencode()}"


def shown(hit: Hit, base: str, text: str) -> dict[str, Any]:
    return {
        "hit": hit,
        "kind": kinds().get(hit.kind, hit.kind),
        "issued_on": parse_date(hit.issued_on) if hit.issued_on else None,
        "url": document_url(base, hit.document_id),
        "page_url": page_url(base, hit.document_id, hit.page, text) if hit.page else "",
    }


@require_GET
def marked_page(request: HttpRequest, document_id: int, number: int) -> HttpResponse:
    """A page as scanned with boxes over the words that were asked for, and its text below."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor, base = actor_of(request), base_of(request)
    text = request.GET.get("q", "")[:300].strip()
    try:
        page = page_of(actor=actor, document_id=document_id, number=number)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    document = page.reading.document
    if document.data_class >= DataClass.RESTRICTED:
        record_read(on=document, fields=["content"])
    words = [word[5] for word in page.words]
    found = marked(words, parse(text)) if text else set()
    total = page.reading.pages
    context = {
        "shell": shell_of(request),
        "page_title": str(document),
        "document": document,
        "page": page,
        "q": text,
        "search_url": search_url(base),
        "document_url": document_url(base, document_id),
        "picture_url": f"/tai-lieu-quet/{document_id}/{number}.webp",
        "boxes": [page.words[at][:4] for at in sorted(found)],
        "lines": lines_of(page, found),
        "faults": [FAULTS[fault] for fault in page.faults if fault in FAULTS],
        "view": view_box(page),
        "total": total,
        "prev_url": page_url(base, document_id, number - 1, text) if number > 1 else "",
        "next_url": page_url(base, document_id, number + 1, text) if number < total else "",
    }
    return render(request, "digitisation/page.html", context)


def view_box(page: PageText) -> tuple[int, int]:
    """Width and height of the picture in the browser's own pixels."""
    width = 1100
    return width, round(width * page.height / max(page.width, 1))


def lines_of(page: PageText, found: set[int]) -> list[list[tuple[str, bool]]]:
    """The recognised text line by line, each word marked or not."""
    result: list[list[tuple[str, bool]]] = []
    at = 0
    for line in page.text.splitlines():
        words = line.split()
        if words:
            result.append([(word, at + number in found) for number, word in enumerate(words)])
            at += len(words)
    return result


@require_GET
def page_picture(request: HttpRequest, document_id: int, number: int) -> HttpResponse:
    """A page of a document as a picture, drawn anew: nothing hidden reaches the browser."""
    actor = actor_of(request)
    width = request.GET.get("w", "")
    try:
        page = page_of(actor=actor, document_id=document_id, number=number)
        version = documents.version_by_id(actor=actor, version_id=page.reading.version_id or 0)
        if version.state != FileState.CLEAN:
            raise NotFoundError(_("tệp"), version.id)
        content = pictures.picture(
            version.sha256,
            version.mime,
            number,
            width=int(width) if width.isdigit() else 1100,
            rotation=page.rotation,
        )
    except (NotFoundError, FileNotFoundError, ConfinedError) as error:
        raise Http404(str(error)) from error
    return HttpResponse(
        content,
        content_type="image/webp",
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
