"""The import page of a register: choose a file, see what would happen, then do it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.imports.engine import Request, make_plan, run
from sen.kernel.imports.importer import Importer, importers
from sen.kernel.imports.models import ImportRun
from sen.kernel.web.register.links import WORK, list_url
from sen.kernel.web.register.resource import Resource
from sen.kernel.web.register.views import crumbs, needs_sign_in, resource_for, to_sign_in

MAX_BYTES: Final = 500 * 1024**2
#: A checked file waits this long for its confirmation.
WAITS_S: Final = 24 * 3600
SALT: Final = "sen.imports.file"
SYSTEMS: Final = (
    (4326, "WGS 84 (kinh độ, vĩ độ)"),
    (5897, "VN-2000, kinh tuyến trục 105°00′, múi 3°"),
    (9210, "VN-2000, kinh tuyến trục 105°45′, múi 3°"),
    (3405, "VN-2000, UTM 48N"),
    (3857, "Web Mercator"),
)


@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest, path: str) -> HttpResponse:
    """Every step on one address; nothing is written before the last."""
    if needs_sign_in(request):
        return to_sign_in(request)
    resource = resource_for(request, path, "import")
    importer = importers.get(resource.importer)
    if importer is None:
        raise Http404(_("Danh mục này không nhập từ tệp."))
    context: dict[str, Any] = {
        "shell": "sen/shell.html",
        "resource": resource,
        "importer": importer,
        "systems": SYSTEMS,
        "page_title": _("Nhập từ tệp: %(title)s") % {"title": resource.title},
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": _("Nhập từ tệp"), "url": ""}],
        "list_url": list_url(resource),
        "runs": ImportRun.objects.filter(kind=importer.kind).order_by("-id")[:10],
    }
    status = 200
    if request.method == "POST":
        try:
            context |= _step(request, importer, resource)
        except SenError as error:
            context["error"] = error
            context |= _kept(request)
            status = error.status
    return render(request, "sen/imports/page.html", context, status=status)


def _step(request: HttpRequest, importer: Importer, resource: Resource[Any]) -> dict[str, Any]:
    upload = request.FILES.get("file")
    if isinstance(upload, UploadedFile):
        token, file, name = _store(upload)
    else:
        token = request.POST.get("token", "")
        file, name = _stored(token)
    asked = _request(request, file, name)
    plan = make_plan(importer, asked)
    context: dict[str, Any] = {
        "token": token,
        "file_name": name,
        "columns": plan.table.columns,
        "layers": plan.table.layers,
        "layer": plan.table.layer,
        "srid": plan.srid,
        "problems": plan.problems,
        "choices": [
            {"field": item, "column": plan.mapping.get(item.name, "")} for item in importer.fields
        ],
    }
    if not plan.problems:
        context["run"] = run(importer=importer, actor=actor_of(request), request=asked)
    return context


def _request(request: HttpRequest, file: Path, name: str) -> Request:
    post = request.POST
    mapping = {
        key.removeprefix("map-"): str(value)
        for key, value in post.items()
        if key.startswith("map-")
    }
    srid = post.get("srid", "")
    return Request(
        file=file,
        name=name,
        srid=int(srid) if srid.isdigit() else None,
        swapped=post.get("swapped") == "1",
        mapping=mapping,
        layer=post.get("layer", ""),
        outside=post.get("outside") == "1",
        dry_run=post.get("act") != "run",
    )


def _kept(request: HttpRequest) -> dict[str, Any]:
    """After a refusal the file need not be sent again."""
    token = request.POST.get("token", "")
    return {"token": token} if token else {}


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _store(upload: UploadedFile[Any]) -> tuple[str, Path, str]:
    if (upload.size or 0) > MAX_BYTES:
        raise InvalidInputError({"file": _("Tệp lớn hơn 500 MB; hãy chia nhỏ.")})
    name = Path(upload.name or "tep").name[:200]
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    file = _folder() / (digest.hexdigest() + Path(name).suffix.lower()[:10])
    if not file.exists():
        part = file.with_suffix(".part")
        with part.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        part.rename(file)
    return signing.dumps({"file": file.name, "name": name}, salt=SALT), file, name


def _stored(token: str) -> tuple[Path, str]:
    try:
        said = signing.loads(token, salt=SALT, max_age=WAITS_S)
    except signing.BadSignature as error:
        raise InvalidInputError({"file": _("Hãy chọn tệp để nhập.")}) from error
    file = _folder() / str(said["file"])
    if not file.is_file():
        raise InvalidInputError({"file": _("Tệp đã hết hạn lưu; hãy chọn lại tệp.")})
    return file, str(said["name"])
