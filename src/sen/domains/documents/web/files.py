"""Contents as people see them: downloads, pages as pictures."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.documents.adapters.reading import page_picture
from sen.domains.documents.models import Rendition
from sen.domains.documents.selectors import file_of, version_row
from sen.domains.documents.services.packages import package_of
from sen.domains.documents.services.versions import PDF
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import DataClass
from sen.kernel.audit.services import record_read
from sen.kernel.errors import ConflictError, NotFoundError
from sen.kernel.files.confined import ConfinedError
from sen.kernel.files.store import picture
from sen.kernel.files.views import file_response


@require_GET
def content(request: HttpRequest, version_id: int, kind: str = "") -> HttpResponseBase:
    """A version, or a form of it, as a file; with ``?xem`` in the browser's own viewer."""
    actor = actor_of(request)
    try:
        version = version_row(actor, version_id)
        file = file_of(actor, version_id, kind)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    except ConflictError as error:
        return _refused(request, error)
    if version.document.data_class >= DataClass.RESTRICTED:
        record_read(on=version.document, fields=["content"])
    name = version.name
    if kind:
        name = Rendition.objects.get(version=version, kind=kind).name
    return file_response(file, name, inline="xem" in request.GET and file.mime == PDF)


def _refused(request: HttpRequest, error: ConflictError) -> HttpResponse:
    return render(
        request,
        "documents/refused.html",
        {"page_title": _("Chưa mở được tệp"), "error": error},
        status=error.status,
    )


@require_GET
def page(request: HttpRequest, version_id: int, number: int) -> HttpResponse:
    """One page of a version as a picture, re-drawn: nothing hidden reaches the browser."""
    width = request.GET.get("w", "")
    wanted = int(width) if width.isdigit() else 900
    try:
        file = file_of(actor_of(request), version_id)
        if file.is_image and number == 1:
            body = picture(file.sha256, wanted)
        elif file.mime == PDF:
            body = page_picture(file, number, wanted)
        else:
            raise Http404
    except (NotFoundError, ConflictError, ConfinedError) as error:
        raise Http404(_("Không có trang này.")) from error
    return HttpResponse(
        body, content_type="image/webp", headers={"Cache-Control": "private, max-age=86400"}
    )


@require_GET
def package(request: HttpRequest, package_id: int) -> HttpResponseBase:
    """An archive package, for whoever had it made."""
    try:
        found = package_of(actor=actor_of(request), package_id=package_id)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    if found.file is None:
        raise Http404(_("Gói hồ sơ chưa lập xong."))
    return file_response(found.file, found.name)
