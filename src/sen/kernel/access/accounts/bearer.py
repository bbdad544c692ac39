"""``Authorization: Bearer``: programs and devices instead of people with sessions."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from sen.kernel.access.accounts import devices, throttle, tokens
from sen.kernel.access.accounts.addresses import client_ip
from sen.kernel.access.accounts.log import REFUSED, note
from sen.kernel.access.scope import Actor


class BearerError(Exception):
    """The key of a request is none, no longer, or never was valid."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def response(self) -> JsonResponse:
        """401 as problem details (RFC 9457) with the challenge of RFC 6750."""
        response = JsonResponse(
            {
                "type": "urn:sen:problem:invalid-token",
                "title": _("Khóa truy cập không hợp lệ"),
                "status": 401,
                "detail": self.message,
            },
            status=401,
            content_type="application/problem+json",
        )
        response["WWW-Authenticate"] = 'Bearer realm="sen", error="invalid_token"'
        response["Cache-Control"] = "no-store"
        return response


def actor_of_token(request: HttpRequest) -> Actor:
    """The actor of the key of a request; whatever session came along is ignored.

    Raises:
        BearerError: unknown, expired or revoked key, or its account is turned off.
    """
    secret = str(request.META["HTTP_AUTHORIZATION"])[7:].strip()
    request.user = AnonymousUser()
    # No cookie takes part, so no foreign page can make a browser send this request.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001
    if secret.startswith(devices.PREFIX):
        actor = devices.authenticate_device(secret=secret)
    else:
        actor = tokens.actor_of(secret=secret, ip=client_ip(request))
    if actor is None:
        _note_refusal(request)
        raise BearerError(_("Khóa không tồn tại, đã hết hạn hoặc đã bị thu hồi. Hãy tạo khóa mới."))
    return actor


def _note_refusal(request: HttpRequest) -> None:
    """Log refused keys, once a minute for each address: a broken program asks all day."""
    ip = client_ip(request)
    if throttle.spend(f"bearer:{ip}", seconds=60):
        note(request, act="accounts.token.refused", kind=REFUSED)
