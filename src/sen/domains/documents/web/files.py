"""Contents as people see them: downloads, pages as pictures."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sen.domains.documents.adapters.reading import page_picture
from sen.domains.documents.choices import FileState, RenditionKind
from sen.domains.documents.models import Rendition
from sen.domains.documents.selectors import file_of, version_row
from sen.domains.documents.services.packages import package_of
from sen.domains.documents.services.versions import PDF
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor, DataClass
from sen.kernel.audit.services import record_read
from sen.kernel.errors import ConflictError, NotFoundError
from sen.kernel.files.confined import ConfinedError
from sen.kernel.files.models import StoredFile
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
        file = shown_file(actor_of(request), version_id)
        if file.mime == PDF:
            body = page_picture(file, number, wanted)
        elif file.is_image and number == 1:
            body = picture(file.sha256, wanted)
        else:
            raise Http404
    except (NotFoundError, ConflictError, ConfinedError) as error:
        raise Http404(_("Không có trang này.")) from error
    return HttpResponse(
        # Not for long: an upright form may come.
        body,
        content_type="image/webp",
        headers={"Cache-Control": "private, max-age=600"},
    )


def shown_file(actor: Actor, version_id: int) -> StoredFile:
    """What the viewer draws: the searchable form where there is one, for its pages stand upright.

    Raises:
        NotFoundError: there is no such version for the actor to see.
        ConflictError: it is not clean.
    """
    original = file_of(actor, version_id)
    form = Rendition.objects.filter(
        version_id=version_id, kind=RenditionKind.SEARCHABLE_PDF.value, file__state=FileState.CLEAN
    )
    found = form.select_related("file").first()
    return found.file if found is not None else original


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
