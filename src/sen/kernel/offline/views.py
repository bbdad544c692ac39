"""What devices speak with: who is signed in, the service worker, the queues."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import InputCheck, InvalidInputError, SenError
from sen.kernel.offline.queues import Entry, take_in

MOST_FILES: Final = 10
MOST_BODY: Final = 200_000


@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Whose session this is: a kept page does not know, and entries belong to their writer."""
    actor = actor_of(request)
    signed_in = actor.is_authenticated
    said = {
        "user": actor.username if signed_in else "",
        "name": actor.name if signed_in else "",
        "csrf": get_token(request),
    }
    return JsonResponse(said, headers={"Cache-Control": "no-store"})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; its scope is the page that registers it."""
    path = Path(settings.SEN_VAR) / "static" / "offline-worker.js"
    if not path.is_file():
        raise Http404
    return HttpResponse(
        path.read_bytes(),
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"},
    )


@require_POST
def take(request: HttpRequest, name: str) -> JsonResponse:
    """One entry of a queue; refusals are problem details (RFC 9457)."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        problem = {
            "type": "urn:sen:problem:not-signed-in",
            "title": _("Phiên đăng nhập đã hết."),
            "status": 401,
            "detail": _("Phiên đăng nhập đã hết. Hãy đăng nhập lại rồi gửi tiếp."),
        }
        return JsonResponse(problem, status=401, content_type="application/problem+json")
    try:
        taken = take_in(actor=actor, name=name, entry=_entry(request))
    except SenError as error:
        return JsonResponse(
            error.as_problem(), status=error.status, content_type="application/problem+json"
        )
    return JsonResponse({"repeated": taken.repeated, **taken.answer})


def _entry(request: HttpRequest) -> Entry:
    """The entry of a request.

    Raises:
        InvalidInputError: it is none.
    """
    check = InputCheck()
    files = request.FILES.getlist("file")
    check.need(len(files) <= MOST_FILES, "file", _("Tối đa %(most)s tệp.") % {"most": MOST_FILES})
    text = request.POST.get("body", "")
    check.need(len(text) <= MOST_BODY, "body", _("Nội dung quá dài."))
    check.done()
    try:
        number = UUID(request.POST.get("id", ""))
        made_at = datetime.fromisoformat(request.POST.get("made_at", ""))
        body: Any = orjson.loads(text)
    except ValueError as error:
        raise InvalidInputError({"body": _("Bản ghi từ thiết bị bị hỏng.")}) from error
    if not isinstance(body, dict) or made_at.tzinfo is None:
        raise InvalidInputError({"body": _("Bản ghi từ thiết bị bị hỏng.")})
    return Entry(id=number, made_at=made_at, body=body, files=files)
