"""``/healthz/live``, ``/healthz/ready`` and ``/metrics``: without session, actor or transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sen.kernel.health.checks import Status, overall, run_checks
from sen.kernel.health.metrics import exposition

View = Callable[[HttpRequest], HttpResponse]
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
FORWARDED: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")


def without_transaction(view: View) -> View:
    """The database may be what is broken."""
    view.sen_no_transaction = True  # type: ignore[attr-defined]
    return view


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself and not through its proxy."""
    forwarded = any(name in request.META for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


@without_transaction
@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": Status.OK})


@without_transaction
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The process can serve: 503 when it cannot. Particulars are for this machine only."""
    findings = run_checks()
    status = overall(findings)
    body: dict[str, object] = {"status": status}
    if is_local(request):
        body["checks"] = [
            {"name": f.name, "status": f.status, "detail": f.detail, "ms": f.ms} for f in findings
        ]
    return JsonResponse(body, status=503 if status is Status.FAILED else 200)


@without_transaction
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus; this machine only."""
    if not is_local(request):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")
