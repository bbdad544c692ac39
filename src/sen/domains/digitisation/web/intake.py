"""The operator's table: files in, cuts corrected, documents described and accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.domains.digitisation import services
from sen.domains.digitisation.adapters import pictures
from sen.domains.digitisation.adapters.steps import ConfinedError
from sen.domains.digitisation.choices import PartState, SheetRole
from sen.domains.digitisation.jobs import make_scanned_document, split_file
from sen.domains.digitisation.models import Batch, BatchFile, Part, Sheet
from sen.domains.digitisation.web.searching import document_url, kinds
from sen.domains.documents import api as documents
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, SenError
from sen.kernel.jobs.services import enqueue
from sen.kernel.web.register.links import WORK, detail_url, list_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, resource_for, row_for, to_sign_in

REGISTER: Final = "digitisation/batches"
SHOWN_DOSSIERS: Final = 12


def batch_for(request: HttpRequest, batch_id: int, act: str = "change") -> Batch:
    """The batch, for those who may do something with it."""
    resource = resource_for(request, REGISTER, act)
    row = row_for(resource, actor_of(request), batch_id, act)
    if not isinstance(row, Batch):
        raise Http404
    return row


def board_url(batch: Batch, anchor: str = "") -> str:
    return f"{detail_url(resources['digitisation.batches'], batch.pk)}tach/{anchor}"


@require_POST
def add_files(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Scanned files come in; those that are clean already are split at once."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor, batch = actor_of(request), batch_for(request, batch_id)
    uploads = [(item.name or "tep", item.chunks()) for item in request.FILES.getlist("files")]
    try:
        made = services.add_files(actor=actor, batch=batch, files=uploads)
    except SenError as error:
        messages.error(request, said(error))
        return redirect(detail_url(resources["digitisation.batches"], batch.pk))
    for item in made:
        if item.file.is_clean:
            enqueue(split_file, actor=actor, once_key=str(item.pk), file_id=item.pk)
    messages.success(
        request,
        ngettext(
            "Đã nhận %(count)s tệp, đang tách trang.",
            "Đã nhận %(count)s tệp, đang tách trang.",
            len(made),
        )
        % {"count": len(made)},
    )
    return redirect(board_url(batch))


def said(error: SenError) -> str:
    """What a person reads of an error: its fields where it names some."""
    if isinstance(error, InvalidInputError):
        return " ".join(text for texts in error.fields.values() for text in texts)
    return str(error)


@require_GET
@never_cache
def board(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Every proposed document with its sheets; sheets that were left out stay in sight."""
    if needs_sign_in(request):
        return to_sign_in(request)
    batch = batch_for(request, batch_id)
    parts = list(batch.parts.select_related("document").prefetch_related("sheets"))
    names = kinds()
    waiting = batch.files.filter(state=BatchFile.State.WAITING).count()
    making = sum(part.state == PartState.QUEUED for part in parts)
    context = {
        "page_title": batch.name,
        "page_sub": batch.code,
        "breadcrumbs": [
            {"title": _("Lô quét"), "url": list_url(resources["digitisation.batches"])},
            {"title": batch.name, "url": detail_url(resources["digitisation.batches"], batch.pk)},
            {"title": _("Tách trang"), "url": ""},
        ],
        "batch": batch,
        "parts": [shown(part, actor_of(request), names) for part in parts],
        "left_out": batch.sheets.filter(part=None).exclude(role=SheetRole.KEPT.value),
        "failed": batch.files.filter(state=BatchFile.State.FAILED),
        "waiting": waiting,
        "making": making,
        "kinds": names,
        "is_open": batch.state != "DONE",
    }
    return render(request, "digitisation/board.html", context)


def shown(part: Part, actor: Actor, names: dict[str, Any]) -> dict[str, Any]:
    dossier = None
    if part.dossier_id:
        dossier = documents.dossiers(actor).filter(pk=part.dossier_id).first()
    return {
        "part": part,
        "part_key": str(part.pk),
        "sheets": part.sheets.all(),
        "is_open": part.state == PartState.PROPOSED,
        "kind": names.get(part.kind, ""),
        "dossier": dossier,
        "dossier_parts": documents.part_choices(dossier.work) if dossier else [],
        "document_url": document_url(WORK, part.document_id) if part.document_id else "",
    }


@require_POST
def act(request: HttpRequest, batch_id: int, name: str) -> HttpResponse:
    """One correction; the page comes back to the place where it was made."""
    if needs_sign_in(request):
        return to_sign_in(request)
    batch = batch_for(request, batch_id)
    try:
        anchor = ACTS[name](request, actor_of(request), batch)
    except SenError as error:
        messages.error(request, said(error))
        anchor = f"#phan-{request.POST.get('part', '')}"
    return redirect(board_url(batch, anchor))


def _sheet_id(request: HttpRequest) -> int:
    text = request.POST.get("sheet", "")
    return int(text) if text.isdigit() else 0


def _part(request: HttpRequest, batch: Batch) -> Part:
    text = request.POST.get("part", "")
    found = batch.parts.filter(pk=int(text) if text.isdigit() else 0).first()
    if found is None:
        raise NotFoundError(_("tài liệu đề nghị"), text)
    return found


def _cut(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    made = services.cut_before(actor=actor, batch=batch, sheet_id=_sheet_id(request))
    return f"#phan-{made.pk}"


def _join(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    kept = services.join_with_previous(actor=actor, batch=batch, part=_part(request, batch))
    return f"#phan-{kept.pk}"


def _turn(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    sheet = services.turn_sheet(actor=actor, batch=batch, sheet_id=_sheet_id(request))
    return f"#trang-{sheet.pk}"


def _keep(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    sheet = services.set_role(
        actor=actor, batch=batch, sheet_id=_sheet_id(request), role=SheetRole.KEPT.value
    )
    return f"#trang-{sheet.pk}"


def _drop(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    sheet = services.set_role(
        actor=actor, batch=batch, sheet_id=_sheet_id(request), role=SheetRole.DROPPED.value
    )
    return f"#trang-{sheet.pk}"


def _describe(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    part = _described(request, actor, batch)
    messages.success(request, _("Đã lưu thông tin tài liệu %(n)s.") % {"n": part.order})
    return f"#phan-{part.pk}"


def _described(request: HttpRequest, actor: Actor, batch: Batch) -> Part:
    part = _part(request, batch)
    dossier_id = request.POST.get("dossier", "")
    dossier = None
    if dossier_id.isdigit():
        dossier = documents.dossiers(actor).filter(pk=int(dossier_id)).first()
    return services.describe_part(
        actor=actor,
        batch=batch,
        part=part,
        kind=request.POST.get("kind", ""),
        abstract=request.POST.get("abstract", ""),
        number=request.POST.get("number", ""),
        issued_on=_day(request.POST.get("issued_on", "")),
        dossier=dossier,
        dossier_part=request.POST.get("dossier_part", ""),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        raise InvalidInputError({"issued_on": _("Ngày ban hành không đúng.")}) from None


def _accept(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    part = _described(request, actor, batch)
    services.queue_part(actor=actor, batch=batch, part=part)
    enqueue(
        make_scanned_document,
        actor=actor,
        title=_("Lập tài liệu “%(name)s”") % {"name": part.abstract[:120]},
        part_id=part.pk,
    )
    messages.success(request, _("Đã tiếp nhận; tài liệu đang được lập."))
    return f"#phan-{part.pk}"


def _close(request: HttpRequest, actor: Actor, batch: Batch) -> str:
    services.close_batch(actor=actor, row=batch)
    messages.success(request, _("Đã kết thúc lô quét."))
    return ""


ACTS: Final[dict[str, Callable[[HttpRequest, Actor, Batch], str]]] = {
    "cat": _cut,
    "gop": _join,
    "xoay": _turn,
    "giu": _keep,
    "bo": _drop,
    "luu": _describe,
    "nhan": _accept,
    "ket-thuc": _close,
}


@require_GET
def sheet_picture(request: HttpRequest, batch_id: int, sheet_id: int) -> HttpResponse:
    """A scanned sheet as a small picture, turned as the operator turned it."""
    batch = batch_for(request, batch_id, "view")
    sheet = Sheet.objects.filter(pk=sheet_id, batch=batch).select_related("file__file").first()
    if sheet is None or not sheet.file.file.is_clean:
        raise Http404
    width = request.GET.get("w", "")
    try:
        content = pictures.picture(
            sheet.file.file.sha256,
            sheet.file.file.mime,
            sheet.page,
            width=int(width) if width.isdigit() else 360,
            rotation=sheet.rotation,
        )
    except (FileNotFoundError, ConfinedError) as error:
        raise Http404(str(error)) from error
    return HttpResponse(
        content, content_type="image/webp", headers={"Cache-Control": "private, max-age=600"}
    )


@require_GET
def dossier_suggestions(request: HttpRequest) -> HttpResponse:
    """Dossiers for a type-ahead, by code and name."""
    from django.http import JsonResponse

    from sen.kernel.web.register.filters import search_q

    resource_for(request, "documents/dossiers")
    asked = request.GET.get("q", "")[:100]
    found = documents.dossiers(actor_of(request)).filter(search_q(asked))
    items = [
        {"value": row.pk, "title": row.name, "subtitle": row.code}
        for row in found.order_by("name")[:SHOWN_DOSSIERS]
    ]
    return JsonResponse({"items": items})
