"""Many files at once become documents: dropped, described together, laid where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from sen.domains.documents.catalogue import parts, parts_of
from sen.domains.documents.data import Subject
from sen.domains.documents.models import Document, Dossier
from sen.domains.documents.selectors import documents, row_of
from sen.domains.documents.services import (
    add_version,
    create_document,
    link_document,
    put_into_dossier,
)
from sen.domains.documents.services.packages import ask_to_read_package
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.models import Area, Organisation
from sen.kernel.access.scope import Actor
from sen.kernel.errors import InvalidInputError, NotFoundError, SenError
from sen.kernel.files.kinds import BY_EXTENSION
from sen.kernel.files.services import store_file
from sen.kernel.web.register.forms import RegisterForm
from sen.kernel.web.register.links import detail_url, list_url
from sen.kernel.web.register.resource import Resource, resources
from sen.kernel.web.register.views import needs_sign_in, resource_for, to_sign_in

SHOWN = 12
TOGETHER = ("kind", "number", "issued_on", "issuer", "signer", "abstract")


class Target:
    """Where the documents of an upload belong: a part of a dossier, a row of a register."""

    def __init__(self, actor: Actor, said: Mapping[str, Any]) -> None:
        self.dossier: Dossier | None = None
        self.subject: Subject | None = None
        self.label = ""
        self.url = ""
        self.part = str(said.get("part", ""))
        register, row_id = str(said.get("register", "")), str(said.get("object_id", ""))
        dossier_id = str(said.get("dossier", ""))
        if dossier_id.isdigit():
            self._take_dossier(actor, int(dossier_id))
        elif register and row_id.isdigit():
            self._take_row(actor, Subject(register, int(row_id)))

    def _take_dossier(self, actor: Actor, dossier_id: int) -> None:
        found = Dossier.objects.visible_to(actor).filter(pk=dossier_id).first()
        if found is None:
            raise NotFoundError(_("hồ sơ"), dossier_id)
        self.dossier, self.label = found, found.name
        self.url = detail_url(resources["documents.dossiers"], found.pk)
        if found.object_id is not None:
            self.subject = Subject(found.register, found.object_id)

    def _take_row(self, actor: Actor, subject: Subject) -> None:
        resource, row = row_of(actor, subject)
        self.subject, self.label = subject, str(row)
        self.url = detail_url(resource, row.pk)

    @property
    def owner(self) -> Any:
        """The row whose organisation and place the documents take over."""
        return self.dossier

    def first_values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if self.dossier is not None:
            values = {"owner_org": self.dossier.owner_org_id, "area": self.dossier.area_id}
        if self.part in parts and parts[self.part].kinds:
            values["kind"] = parts[self.part].kinds[0]
        return values


@require_http_methods(["GET", "POST"])
def upload_page(request: HttpRequest) -> HttpResponse:
    """The page, and where its files go; a program that asks for JSON gets what was made."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, "documents/documents", "add")
    actor = actor_of(request)
    wants_json = "application/json" in request.headers.get("Accept", "")
    said = request.POST if request.method == "POST" else request.GET
    try:
        target = Target(actor, said.dict())
    except SenError as error:
        messages.error(request, str(error))
        return redirect(list_url(resource))
    form = _form(request, resource, actor, target)
    if request.method == "POST" and form.is_valid():
        try:
            made = _take(request, actor, form, target)
        except SenError as error:
            if wants_json:
                return JsonResponse({"error": str(error)}, status=error.status)
            form.add_error(None, str(error))
        else:
            if wants_json:
                url = detail_url(resource, made[0].pk)
                return JsonResponse({"id": made[0].pk, "title": str(made[0]), "url": url})
            return _done(request, resource, target, made)
    elif request.method == "POST" and wants_json:
        fault = next(iter(form.errors.values()))[0]
        return JsonResponse({"error": str(fault), "fields": form.errors}, status=422)
    return render(request, "documents/upload.html", _context(form, target))


def _form(
    request: HttpRequest, resource: Resource[Any], actor: Actor, target: Target
) -> RegisterForm:
    data = request.POST if request.method == "POST" else None
    form = RegisterForm(resource, actor, None, data, target.first_values())
    form.fields["abstract"].required = False
    form.fields["abstract"].help_text = _("Để trống thì lấy theo tên từng tệp.")
    return form


def _take(request: HttpRequest, actor: Actor, form: RegisterForm, target: Target) -> list[Document]:
    """Everything or nothing of what was sent together."""
    uploads = request.FILES.getlist("files")
    if not uploads:
        raise InvalidInputError({"files": _("Hãy chọn ít nhất một tệp.")})
    values = {name: value for name, value in form.cleaned_data.items() if name in form.fields}
    values.pop("version", None)
    values.pop("reason", None)
    with transaction.atomic():
        made = [_one(actor, upload, values, target) for upload in uploads]
        if target.dossier is not None and target.part:
            put_into_dossier(
                actor=actor,
                dossier=Dossier.base.get(pk=target.dossier.pk),
                part=target.part,
                documents=made,
            )
    return made


def _one(
    actor: Actor, upload: UploadedFile[Any], values: Mapping[str, Any], target: Target
) -> Document:
    name = upload.name or "tep"
    spoken = PurePosixPath(name).stem.replace("_", " ").strip()
    row: Document = create_document(
        actor=actor, **(dict(values) | {"abstract": values.get("abstract") or spoken or name})
    )
    add_version(actor=actor, document=row, name=name, chunks=upload.chunks())
    if target.subject is not None:
        link_document(actor=actor, document=row, subject=target.subject)
    return row


def _done(
    request: HttpRequest, resource: Resource[Any], target: Target, made: list[Document]
) -> HttpResponse:
    messages.success(
        request,
        ngettext("Đã nhận %(count)s tài liệu.", "Đã nhận %(count)s tài liệu.", len(made))
        % {"count": len(made)},
    )
    if target.url:
        return redirect(target.url)
    return redirect(detail_url(resource, made[0].pk) if len(made) == 1 else list_url(resource))


def _context(form: RegisterForm, target: Target) -> dict[str, Any]:
    return {
        "page_title": _("Tải tài liệu lên"),
        "breadcrumbs": [
            {"title": _("Tài liệu"), "url": list_url(resources["documents.documents"])},
            {"title": _("Tải lên"), "url": ""},
        ],
        "form": form,
        "together": [form[name] for name in TOGETHER],
        "keeping": [
            form[name]
            for name in ("retention", "kept_from", "owner_org", "area", "data_class", "note")
        ],
        "target": target,
        "parts": parts_of(target.dossier.work) if target.dossier else [],
        "accept": ",".join(sorted(BY_EXTENSION)),
    }


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """Documents for a type-ahead, by number and abstract, with or without diacritics."""
    from sen.kernel.web.register.filters import search_q

    resource_for(request, "documents/documents")
    asked = request.GET.get("q", "")[:100]
    found = documents(actor_of(request)).filter(search_q(asked))[:SHOWN]
    return JsonResponse(
        {
            "items": [
                {
                    "value": row.pk,
                    "title": str(row),
                    "subtitle": " · ".join(filter(None, (row.get_kind_display(), row.issuer))),
                }
                for row in found
            ]
        }
    )


@require_http_methods(["GET", "POST"])
def package_page(request: HttpRequest) -> HttpResponse:
    """Takes in an archive package; a job verifies it and enters its dossier."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, "documents/dossiers", "add")
    actor = actor_of(request)
    data = request.POST if request.method == "POST" else None
    form = RegisterForm(resource, actor, None, data)
    for name in list(form.fields):
        if name not in ("owner_org", "area"):
            del form.fields[name]
    upload = request.FILES.get("file")
    if request.method == "POST" and form.is_valid():
        try:
            if upload is None:
                raise InvalidInputError({"file": _("Hãy chọn tệp gói hồ sơ (.zip).")})
            return _read_in(actor, upload, form.cleaned_data)
        except SenError as error:
            form.add_error(None, str(error))
    context = {
        "page_title": _("Nhập gói hồ sơ lưu trữ"),
        "breadcrumbs": [
            {"title": resource.title, "url": list_url(resource)},
            {"title": _("Nhập gói"), "url": ""},
        ],
        "form": form,
        "fields": [form["owner_org"], form["area"]],
    }
    return render(request, "documents/package.html", context)


def _read_in(actor: Actor, upload: UploadedFile[Any], values: Mapping[str, Any]) -> HttpResponse:
    organisation, area = values["owner_org"], values["area"]
    if not isinstance(organisation, Organisation) or not isinstance(area, Area):
        raise InvalidInputError({"owner_org": _("Hãy chọn đơn vị và địa bàn.")})
    name = upload.name or "goi.zip"
    if not name.lower().endswith(".zip"):
        raise InvalidInputError({"file": _("Gói hồ sơ phải là tệp .zip.")})
    with transaction.atomic():
        file = store_file(actor=actor, name=name, chunks=upload.chunks())
        run = ask_to_read_package(
            actor=actor, file=file, name=name, owner_org=organisation, area=area
        )
    return redirect(f"/ql/he-thong/cong-viec/{run.pk}/")
