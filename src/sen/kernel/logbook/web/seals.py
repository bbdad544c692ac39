"""The chain of seals at ``/ql/he-thong/nhat-ky/niem-phong/``: its end, its copies, its checks."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sen.kernel.access.middleware import actor_of
from sen.kernel.audit.models import Seal
from sen.kernel.audit.shipping import shipped_until
from sen.kernel.errors import PermissionDeniedError
from sen.kernel.jobs.services import enqueue
from sen.kernel.jobs.web.views import page
from sen.kernel.logbook.checking import checks
from sen.kernel.logbook.jobs import check_seals
from sen.kernel.logbook.selectors import VERIFY, VIEW

SHOWN: Final = 20


@require_GET
@never_cache
@page
def seals_page(request: HttpRequest) -> HttpResponse:
    """Where the chain ends, which copies it has, and what the checks found."""
    actor = actor_of(request)
    if not actor.may(VIEW):
        raise PermissionDeniedError(VIEW)
    last = Seal.objects.order_by("-pk").defer("leaves").first()
    done = checks(SHOWN)
    context = {
        "page_title": _("Niêm phong nhật ký"),
        "breadcrumbs": [
            {"title": _("Nhật ký hệ thống"), "url": reverse("audit_log")},
            {"title": _("Niêm phong"), "url": ""},
        ],
        "last": last,
        "digest": bytes(last.digest).hex() if last else "",
        "targets": list(shipped_until().items()),
        "checks": done,
        "latest": done[0] if done else None,
        "may_verify": actor.may(VERIFY),
    }
    return render(request, "logbook/seals.html", context)


@require_POST
@page
def check_now(request: HttpRequest) -> HttpResponse:
    """Queue a check of the chain; one that waits already is enough."""
    actor = actor_of(request)
    if not actor.may(VERIFY):
        raise PermissionDeniedError(VERIFY)
    whole = request.POST.get("pham-vi") == "toan-bo"
    run = enqueue(check_seals, actor=actor, once_key="whole" if whole else "new", whole=whole)
    messages.success(request, _("Đã đưa việc kiểm tra vào hàng đợi."))
    return redirect("job", run_id=run.pk)
