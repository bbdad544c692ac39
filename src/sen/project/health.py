"""``/healthz/live``: the process answers. ``/healthz/ready``: it can serve, the database too."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache


@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"live": True})


@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Status 503 as long as the database does not answer; says nothing about why."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})


urlpatterns: list[URLPattern] = [
    path("healthz/live", live),
    path("healthz/ready", ready),
]
