"""What the buttons of documents, dossiers and lists of destruction do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sen.domains.documents.data import Subject
from sen.domains.documents.models import Disposal, Document, Dossier
from sen.domains.documents.selectors import documents, row_of
from sen.domains.documents.services import (
    add_version,
    hold_dossier,
    lift_hold,
    link_document,
    place_hold,
    put_into_dossier,
    release_dossier,
    take_from_dossier,
    unlink_document,
    waive_part,
)
from sen.domains.documents.services import disposal as lists
from sen.domains.documents.services.packages import ask_for_package
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor
from sen.kernel.errors import NotFoundError, SenError
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import resources
from sen.kernel.web.register.views import needs_sign_in, row_for, to_sign_in

Act = Callable[[HttpRequest, Actor, Any], object]


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    return int(said) if said.isdigit() else 0


def _add_version(request: HttpRequest, actor: Actor, row: Document) -> None:
    for upload in request.FILES.getlist("file"):
        add_version(
            actor=actor,
            document=row,
            name=upload.name or "tep",
            chunks=upload.chunks(),
            note=request.POST.get("note", ""),
        )


def _unlink(request: HttpRequest, actor: Actor, row: Document) -> None:
    unlink_document(actor=actor, document=row, link_id=_number(request, "link"))


def _chosen(request: HttpRequest, actor: Actor) -> Document:
    found = documents(actor).filter(pk=_number(request, "document")).first()
    if found is None:
        raise NotFoundError(message=_("Hãy chọn một tài liệu trong danh sách gợi ý."))
    return found


def _put(request: HttpRequest, actor: Actor, row: Dossier) -> None:
    part = request.POST.get("part", "")
    put_into_dossier(actor=actor, dossier=row, part=part, documents=[_chosen(request, actor)])


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


DOCUMENT_ACTS: Final[dict[str, Act]] = {
    "phien-ban": _add_version,
    "bo-lien-ket": _unlink,
    "giu": lambda r, a, row: place_hold(actor=a, row=row, reason=_reason(r)),
    "thoi-giu": lambda r, a, row: lift_hold(actor=a, row=row, reason=_reason(r)),
}
DOSSIER_ACTS: Final[dict[str, Act]] = {
    "them": _put,
    "rut": lambda r, a, row: take_from_dossier(actor=a, dossier=row, item_id=_number(r, "item")),
    "khong-ap-dung": lambda r, a, row: waive_part(
        actor=a, dossier=row, part=r.POST.get("part", ""), reason=_reason(r)
    ),
    "giu": lambda r, a, row: hold_dossier(actor=a, row=row, reason=_reason(r)),
    "thoi-giu": lambda r, a, row: release_dossier(actor=a, row=row, reason=_reason(r)),
    "goi": lambda r, a, row: ask_for_package(actor=a, dossier=row),
}
DISPOSAL_ACTS: Final[dict[str, Act]] = {
    "lay-tai-lieu": lambda r, a, row: lists.add_due_documents(actor=a, row=row),
    "bo": lambda r, a, row: lists.strike_document(actor=a, row=row, item_id=_number(r, "item")),
    "trinh": lambda r, a, row: lists.submit_disposal(actor=a, row=row),
    "duyet": lambda r, a, row: lists.approve_disposal(
        actor=a, row=row, decision=r.POST.get("decision", "")
    ),
    "tra-lai": lambda r, a, row: lists.return_disposal(actor=a, row=row, reason=_reason(r)),
    "huy": lambda r, a, row: lists.carry_out_disposal(actor=a, row=row),
}
ACTS: Final = {
    "documents": (Document, DOCUMENT_ACTS),
    "dossiers": (Dossier, DOSSIER_ACTS),
    "disposals": (Disposal, DISPOSAL_ACTS),
}


@require_POST
def act(request: HttpRequest, slug: str, row_id: int, name: str) -> HttpResponse:
    """Do one thing to one row and show its page again."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resources[f"documents.{slug}"]
    actor = actor_of(request)
    row = row_for(resource, actor, row_id)
    try:
        ACTS[slug][1][name](request, actor, row)
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã cập nhật “%(row)s”.") % {"row": row})
    return redirect(detail_url(resource, row_id))


@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Link a document that is there already to the row from whose page one comes."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    try:
        subject = Subject(request.POST.get("register", ""), _number(request, "object_id"))
        resource, row = row_of(actor, subject)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    try:
        found = _chosen(request, actor)
        link_document(actor=actor, document=found, subject=subject)
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã gắn “%(row)s”.") % {"row": found})
    return redirect(detail_url(resource, row.pk))
