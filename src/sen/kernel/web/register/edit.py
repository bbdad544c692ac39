"""Create, edit and delete pages of every register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import ScopedModel
from sen.kernel.errors import ConflictError, SenError
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.links import WORK, detail_url, list_url
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
    resource = resource_for(request, path, "add")
    initial = {name: value for name, value in request.GET.items() if name != "next"}
    data = request.POST if request.method == "POST" else None
    form = RegisterForm(resource, actor_of(request), None, data, initial)
    return _answer(request, resource, form, None)


@require_http_methods(["GET", "POST"])
def edit_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """An existing row. Somebody else's change meanwhile is shown, never overwritten."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path, "change")
    actor = actor_of(request)
    row = row_for(resource, actor, row_id, "change")
    data = request.POST if request.method == "POST" else None
    return _answer(request, resource, RegisterForm(resource, actor, row, data), row)


@require_http_methods(["GET", "POST"])
def delete_page(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Asks for the reason, then deletes through the service; history keeps the row."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path, "delete")
    actor = actor_of(request)
    row = row_for(resource, actor, row_id, "delete")
    error = ""
    if request.method == "POST" and resource.delete is not None:
        reason = request.POST.get("reason", "").strip()
        try:
            if len(reason) < 5:
                raise SenError(_("Hãy ghi lý do xóa, ít nhất 5 ký tự; lý do được lưu vào nhật ký."))
            version = int(request.POST.get("version") or 0)
            resource.delete(actor=actor, row=row, version=version, reason=reason)
        except SenError as problem:
            error = str(problem)
        else:
            messages.success(request, _("Đã xóa “%(name)s”.") % {"name": row})
            return redirect(list_url(resource))
    context = {
        "shell": shell_of(request),
        "resource": resource,
        "row": row,
        "error": error,
        "url": detail_url(resource, row.pk),
        "breadcrumbs": crumbs(resource, WORK, link=True),
    }
    return render(request, "sen/register/delete.html", context, status=422 if error else 200)


def _answer(
    request: HttpRequest, resource: Resource[Any], form: RegisterForm, row: ScopedModel | None
) -> HttpResponse:
    conflict: ConflictError | None = None
    if request.method == "POST" and form.is_valid():
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
