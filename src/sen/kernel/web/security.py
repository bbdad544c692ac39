"""Response headers of every page: a strict content security policy with a nonce per request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


def live_origin() -> str:
    """Origin of the live streams when they are served from another address than the pages."""
    parts = urlsplit(settings.SEN_LIVE_URL)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


class SecurityHeadersMiddleware:
    """Sets the policy unless a view set its own (an embeddable map does)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.connect = " ".join(filter(None, ["'self'", live_origin()]))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
            f"form-action 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
            f"worker-src 'self'; img-src 'self' data: blob:; connect-src {self.connect}",
        )
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(self), microphone=()"
        )
        return response
