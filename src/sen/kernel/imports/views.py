"""The import page of a register: choose a file, see what would happen, then do it."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InvalidInputError, SenError
from sen.kernel.imports.engine import Request, make_plan, run
from sen.kernel.imports.importer import Importer, importers
from sen.kernel.imports.models import ImportRun
from sen.kernel.web.register.links import WORK, list_url
from sen.kernel.web.register.views import crumbs, needs_sign_in, resource_for, to_sign_in

MAX_BYTES: Final = 500 * 1024**2
#: A checked file waits this long for its confirmation.
WAITS_S: Final = 24 * 3600
SALT: Final = "sen.imports.file"
SYSTEMS: Final = (
    (4326, gettext_lazy("WGS 84 (kinh độ, vĩ độ)")),
    (5897, gettext_lazy("VN-2000, kinh tuyến trục 105°00′, múi 3°")),
    (9210, gettext_lazy("VN-2000, kinh tuyến trục 105°45′, múi 3°")),
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
        "options": [
            {
                "name": option.name,
                "label": option.label,
                "help": option.help,
                "choices": list(option.choices.items()),
                "value": request.POST.get(f"option-{option.name}", ""),
            }
            for option in importer.options
        ],
        "page_title": _("Nhập từ tệp: %(title)s") % {"title": resource.title},
        "breadcrumbs": [*crumbs(resource, WORK, link=True), {"title": _("Nhập từ tệp"), "url": ""}],
        "list_url": list_url(resource),
        "runs": ImportRun.objects.filter(kind=importer.kind).order_by("-id")[:10],
    }
    status = 200
    if request.method == "POST":
        try:
            token, file, name = _file(request)
            context |= {"token": token, "file_name": name}
            context |= _step(request, importer, _request(request, importer, file, name))
        except SenError as error:
            context["error"] = error
            status = error.status
    return render(request, "sen/imports/page.html", context, status=status)


def _file(request: HttpRequest) -> tuple[str, Path, str]:
    """The file just sent, or the one that waits from the step before: token, place, name."""
    upload = request.FILES.get("file")
    if isinstance(upload, UploadedFile):
        return _store(upload, actor_of(request).id)
    token = request.POST.get("token", "")
    return token, *_stored(token, actor_of(request).id)


def _step(request: HttpRequest, importer: Importer, asked: Request) -> dict[str, Any]:
    plan = make_plan(importer, asked)
    context: dict[str, Any] = {
        "columns": plan.table.columns,
        "layers": plan.table.layers,
        "layer": plan.table.layer,
        "srid": plan.srid,
        "problems": plan.problems,
        "needs_place": bool(importer.shapes) and not plan.table.shapes,
        "choices": [
            {"field": item, "column": plan.mapping.get(item.name, "")} for item in importer.fields
        ],
    }
    if not plan.problems:
        context["run"] = run(importer=importer, actor=actor_of(request), request=asked, plan=plan)
    return context


def _request(request: HttpRequest, importer: Importer, file: Path, name: str) -> Request:
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
        srid=int(srid) if re.fullmatch("[0-9]{4,6}", srid) else None,
        swapped=post.get("swapped") == "1",
        mapping=mapping,
        layer=post.get("layer", ""),
        x=post.get("x", ""),
        y=post.get("y", ""),
        outside=post.get("outside") == "1",
        dry_run=post.get("act") != "run",
        options={option.name: post.get(f"option-{option.name}", "") for option in importer.options},
    )


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _store(upload: UploadedFile[Any], owner: int | None) -> tuple[str, Path, str]:
    if (upload.size or 0) > MAX_BYTES:
        raise InvalidInputError({"file": _("Tệp lớn hơn 500 MB; hãy chia nhỏ.")})
    _forget_old()
    name = Path(upload.name or "tep").name[:200]
    suffix = re.sub(r"[^.a-z0-9]", "", Path(name).suffix.lower())[:10]
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=_folder(), suffix=".part", delete=False) as part:
        for chunk in upload.chunks():
            digest.update(chunk)
            part.write(chunk)
    file = Path(part.name).replace(_folder() / (digest.hexdigest() + suffix))
    return signing.dumps({"file": file.name, "name": name, "of": owner}, salt=SALT), file, name


def _forget_old() -> None:
    """Files may hold personal data: none stays longer than its confirmation may take."""
    limit = time.time() - WAITS_S
    for file in _folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_mtime < limit:
                file.unlink()


def _stored(token: str, owner: int | None) -> tuple[Path, str]:
    try:
        said = signing.loads(token, salt=SALT, max_age=WAITS_S)
    except signing.BadSignature as error:
        raise InvalidInputError({"file": _("Hãy chọn tệp để nhập.")}) from error
    file = _folder() / str(said["file"])
    if said["of"] != owner or not file.is_file():
        raise InvalidInputError({"file": _("Tệp đã hết hạn lưu; hãy chọn lại tệp.")})
    return file, str(said["name"])
