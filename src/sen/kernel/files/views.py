"""Upload, download and small pictures of files on rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import DataClass
from sen.kernel.errors import SenError
from sen.kernel.files.backends import backend
from sen.kernel.files.models import Attachment, StoredFile
from sen.kernel.files.services import attach, attachments, detach, ensure_clean
from sen.kernel.files.store import picture
from sen.kernel.web.register.links import detail_url
from sen.kernel.web.register.resource import Resource, resources
from sen.kernel.web.register.views import needs_sign_in, resource_for, row_for, to_sign_in


@require_POST
def files_of_row(request: HttpRequest, path: str, row_id: int) -> HttpResponse:
    """Add files to a row, or (``remove``) take one off."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path, "change")
    actor = actor_of(request)
    row = row_for(resource, actor, row_id, "change")
    remove = request.POST.get("remove", "")
    try:
        if remove:
            number = int(remove) if remove.isdigit() else 0
            detach(actor=actor, row=row, register=resource.key, attachment_id=number)
        for upload in request.FILES.getlist("files"):
            level = request.POST.get("data_class", "")
            attach(
                actor=actor,
                row=row,
                register=resource.key,
                name=upload.name or "tep",
                chunks=upload.chunks(),
                title=request.POST.get("title", ""),
                data_class=int(level) if level.isdigit() else DataClass.INTERNAL.value,
            )
    except SenError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã cập nhật tệp đính kèm."))
    return redirect(f"{detail_url(resource, row_id)}#tep")


@require_GET
def download(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """The file itself, never shown in place: it might be made to act in the page."""
    found = _attachment(request, attachment_id)
    return file_response(found.file, found.name)


def file_response(file: StoredFile, name: str, *, inline: bool = False) -> FileResponse:
    """A content under a name; only one that was found clean leaves the house.

    ``inline`` shows it in the browser's own viewer, which a sandbox would switch off.

    Raises:
        ConflictError: it was not found clean.
        Http404: the store has lost it.
    """
    ensure_clean(file)
    try:
        stream = backend().open(file.sha256)
    except FileNotFoundError as error:
        raise Http404(_("Tệp không còn trong kho.")) from error
    response = FileResponse(stream, content_type=file.mime)
    how = "inline" if inline else "attachment"
    viewer = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = (
        viewer if inline else "sandbox; default-src 'none'"
    )
    response.headers["Content-Length"] = str(file.size)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_GET
def small_picture(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """A picture for the page: re-encoded, so nothing hidden in the file reaches the browser."""
    found = _attachment(request, attachment_id)
    if not found.file.is_image or not found.file.is_clean:
        raise Http404
    width = request.GET.get("w", "")
    body = picture(found.file.sha256, int(width) if width.isdigit() else 480)
    return HttpResponse(
        body, content_type="image/webp", headers={"Cache-Control": "private, max-age=86400"}
    )


def _attachment(request: HttpRequest, attachment_id: int) -> Attachment:
    """A file of a row that the actor sees.

    Raises:
        Http404: no such file, or not for this actor: the two look the same.
    """
    found = Attachment.objects.filter(pk=attachment_id, removed_at=None).first()
    resource: Resource[Any] | None = resources.get(found.register) if found else None
    if found is None or resource is None:
        raise Http404
    row = row_for(resource, actor_of(request), found.object_id)
    seen = attachments(actor=actor_of(request), row=row, register=found.register)
    for item in seen:
        if item.pk == attachment_id:
            return item
    raise Http404
