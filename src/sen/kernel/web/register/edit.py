"""Create, edit and delete pages of every register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.errors import ConflictError, SenError
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.links import WORK, detail_url, list_url
from sen.kernel.web.register.proposing import (
    BUTTON,
    INTO,
    Book,
    Proposal,
    ProposalForm,
    book_for,
    proposed,
    proposed_deletion,
)
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import (
    crumbs,
    needs_sign_in,
    resource_for,
    row_for,
    shell_of,
    to_sign_in,
)


@require_http_methods(["GET", "POST"])
def create_page(request: HttpRequest, path: str) -> HttpResponse:
    """A new row; the address may carry first values (``?road=12``)."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    resource, _row, way = _way_to_write(request, path, "add")
    initial = {name: value for name, value in request.GET.items() if name != "next"}
    data = request.POST if request.method == "POST" else None
    form = _form_class(request, way)(resource, actor, None, data, initial)
    return _answer(request, resource, form, None, way)


@require_http_methods(["GET", "POST"])
def edit_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """An existing row. Somebody else's change meanwhile is shown, never overwritten."""
    if needs_sign_in(request):
        return to_sign_in(request)
    actor = actor_of(request)
    resource, row, way = _way_to_write(request, path, "change", row_id)
    data = request.POST if request.method == "POST" else None
    form = _form_class(request, way)(resource, actor, row, data)
    return _answer(request, resource, form, row, way)


@require_http_methods(["GET", "POST"])
def delete_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Asks for the reason, then deletes through the service; history keeps the row."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource, row, way = _way_to_write(request, path, "delete", row_id)
    error = ""
    if request.method == "POST" and row is not None:
        try:
            return redirect(_delete(request, resource, row, way))
        except SenError as problem:
            error = str(problem)
    context = {
        "shell": shell_of(request),
        "resource": resource,
        "row": row,
        "error": error,
        "way": way,
        "url": detail_url(resource, row_id),
        "breadcrumbs": crumbs(resource, WORK, link=True),
    }
    return render(request, "sen/register/delete.html", context, status=422 if error else 200)


@dataclass(frozen=True, slots=True)
class Way:
    """How this person may write here: at once, through a set that others approve, or both."""

    is_direct: bool
    book: Book | None
    sets: Sequence[tuple[str, str]] = ()

    def is_proposal(self, request: HttpRequest) -> bool:
        """Whether what was sent is to be proposed."""
        return self.book is not None and (not self.is_direct or BUTTON in request.POST)


def _way_to_write(
    request: HttpRequest, path: str, act: str, row_id: int | None = None
) -> tuple[Resource[Any], ScopedModel | None, Way]:
    """The register of an address, the row, and how the person may write there.

    Raises:
        Http404: no such register or row, or neither way is open to them.
    """
    resource = resource_for(request, path)
    actor = actor_of(request)
    is_direct = resource.may(actor, act)
    row: ScopedModel | None = None
    if is_direct and row_id is not None:
        row = resource.rows(actor, act).filter(pk=row_id).first()
        is_direct = row is not None
    book = book_for(actor, resource, act)
    if not is_direct and book is None:
        raise Http404(_("Không có danh mục này hoặc bạn chưa được cấp quyền xem."))
    if row_id is not None and row is None:
        row = row_for(resource, actor, row_id)
    return resource, row, Way(is_direct, book, book.open_sets(actor) if book else ())


def _form_class(request: HttpRequest, way: Way) -> type[RegisterForm]:
    proposing = not way.is_direct or (request.method == "POST" and way.is_proposal(request))
    return ProposalForm if proposing else RegisterForm


def _delete(request: HttpRequest, resource: Resource[Any], row: ScopedModel, way: Way) -> str:
    """Delete or propose it; where to go then."""
    actor = actor_of(request)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < 5:
        raise SenError(_("Hãy ghi lý do xóa, ít nhất 5 ký tự; lý do được lưu vào nhật ký."))
    if way.book is not None and way.is_proposal(request):
        proposal = proposed_deletion(resource, actor, row, reason)
        return propose(request, way.book, [proposal])
    if resource.delete is None:
        raise SenError(_("Danh mục này không xóa được."))
    version = int(request.POST.get("version") or 0)
    resource.delete(actor=actor, row=row, version=version, reason=reason)
    messages.success(request, _("Đã xóa “%(name)s”.") % {"name": row})
    return list_url(resource)


def propose(
    request: HttpRequest, book: Book, proposals: Sequence[Proposal], *, tried: bool = False
) -> str:
    """Hand proposals to the book; where their set is.

    Raises:
        SenError: they cannot be kept; it says why.
    """
    into = request.POST.get(INTO, "")
    url = book.take(actor=actor_of(request), proposals=proposals, into=into, tried=tried)
    messages.success(request, _("Đã lưu vào bộ thay đổi; dữ liệu chưa đổi cho đến khi được duyệt."))
    return url


def _answer(
    request: HttpRequest,
    resource: Resource[Any],
    form: RegisterForm,
    row: ScopedModel | None,
    way: Way,
) -> HttpResponse:
    conflict: ConflictError | None = None
    if isinstance(form, ProposalForm) and way.book and form.is_bound and form.is_valid():
        try:
            return redirect(propose(request, way.book, [proposed(form)]))
        except SenError as problem:
            form.add_error(None, str(problem))
    elif request.method == "POST" and form.is_valid():
        try:
            written = form.save()
        except ConflictError as error:
            conflict = error
        else:
            if written is not None:
                messages.success(request, _("Đã lưu “%(name)s”.") % {"name": written})
                return redirect(detail_url(resource, written.pk))
    status = 200
    if conflict is not None:
        status = 409
    elif request.method == "POST":
        status = 422
    title = _("Sửa: %(name)s") % {"name": row} if row else _title_of_new(resource)
    cancel = detail_url(resource, row.pk) if row else list_url(resource)
    context = {
        "shell": shell_of(request),
        "resource": resource,
        "form": form,
        "groups": _groups(resource, form),
        "row": row,
        "way": way,
        "conflict": conflict,
        "page_title": title,
        "cancel_url": cancel,
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": title, "url": ""}],
    }
    return render(request, "sen/register/form.html", context, status=status)


def _title_of_new(resource: Resource[Any]) -> str:
    if not resource.one:
        return _("Thêm mới")
    return _("Thêm %(one)s") % {"one": _lowered(str(resource.one))}


def _lowered(name: str) -> str:
    """``Cầu`` inside a sentence is ``cầu``; ``ITS`` stays."""
    return name[:1].lower() + name[1:] if name[1:2].islower() or len(name) == 1 else name


def _groups(resource: Resource[Any], form: RegisterForm) -> list[dict[str, Any]]:
    """The form's fields under the headings of the detail page; the rest comes last."""
    left = [name for name in form.fields if name not in ("version", "reason")]
    groups: list[dict[str, Any]] = []
    for section in resource.detail_sections:
        names = [name for name in section.names if name in left]
        left = [name for name in left if name not in names]
        if names:
            groups.append({"title": section.title, "fields": [form[name] for name in names]})
    if left:
        groups.insert(0, {"title": "", "fields": [form[name] for name in left]})
    return groups
