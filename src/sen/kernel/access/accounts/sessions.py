"""Rules of level 3 on sessions: idle time, absolute life, how many at once.

A session remembers when it began and when its person was last active. ``seen`` is written at most
once a minute; requests that a page sends by itself (header ``X-Sen-Background``) do not count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from sen.kernel.access.accounts.displays import is_display
from sen.kernel.access.accounts.log import SIGN_IN, note
from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.models import User
from sen.kernel.access.scope import ActorKind

Handler = Callable[[HttpRequest], HttpResponseBase]

BEGAN: Final = "sen_began"
SEEN: Final = "sen_seen"
#: Seconds between two notes of activity: a note is a write.
NOTE_EVERY_S: Final = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds without activity and seconds in all."""

    idle_s: int
    life_s: int


def limits_of(user: User) -> Limits:
    """The limits of an account: officials and firms work with other people's data."""
    if user.kind == ActorKind.CITIZEN.value:
        return Limits(settings.SEN_SESSION_IDLE_CITIZEN_S, settings.SEN_SESSION_LIFE_CITIZEN_S)
    return Limits(settings.SEN_SESSION_IDLE_S, settings.SEN_SESSION_LIFE_S)


def is_background(request: HttpRequest) -> bool:
    return request.headers.get("X-Sen-Background") == "1"


def begin(request: HttpRequest, user: User) -> None:
    """Start the clocks of a session that was just signed in, and end the oldest surplus ones."""
    now = int(time.time())
    request.session[BEGAN] = now
    request.session[SEEN] = now
    others = (
        UserSession.objects.filter(user_id=user.pk)
        .exclude(session_key=request.session.session_key)
        .order_by("-created_at", "-pk")
    )
    for surplus in others[max(0, settings.SEN_SESSIONS_AT_ONCE - 1) :]:
        surplus.end()


def seconds_left(request: HttpRequest, user: User) -> int:
    """Seconds until the session ends if nothing happens; 0: it is over."""
    now = int(time.time())
    limits = limits_of(user)
    if BEGAN not in request.session:  # opened by something else than our adapter
        request.session[BEGAN] = request.session[SEEN] = now
    began, seen = int(request.session[BEGAN]), int(request.session.get(SEEN, 0))
    return max(0, min(seen + limits.idle_s, began + limits.life_s) - now)


def note_activity(request: HttpRequest) -> None:
    """Move the idle clock on."""
    now = int(time.time())
    if now - int(request.session.get(SEEN, 0)) >= NOTE_EVERY_S:
        request.session[SEEN] = now


def has_proved_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether this session was opened, or confirmed, with a second factor."""
    return any(
        record.get("method") == "mfa"
        or (
            record.get("method") == "socialaccount"
            and record.get("provider") in settings.SEN_OIDC_STRONG
        )
        for record in get_authentication_records(request, user)
    )


def is_bearer(request: HttpRequest) -> bool:
    return str(request.META.get("HTTP_AUTHORIZATION", ""))[:7].lower() == "bearer "


class SessionRulesMiddleware:
    """Ends sessions that are over; stands between authentication and ``AccessMiddleware``."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_bearer(request) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        user = request.user
        if isinstance(user, User):
            if not is_usable(user) or seconds_left(request, user) == 0:
                note(request, act="accounts.session.expired", kind=SIGN_IN, user=user)
                logout(request)
                request.session_is_over = True  # type: ignore[attr-defined]
            elif not is_background(request):
                note_activity(request)
        return self.get_response(request)


class StaffPagesMiddleware:
    """The working screens need a signed-in person, a second factor, and a password in order.

    Views check rights; this is the wall in front of them, so that a forgotten check in a view
    under these prefixes shows nothing to a stranger.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(tuple(settings.SEN_STAFF_PREFIXES)) and not is_bearer(request):
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
        return self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        user = request.user
        if not isinstance(user, User):
            if is_display(request):
                return None
            over = {"het-phien": "1"} if getattr(request, "session_is_over", False) else {}
            return _send_to(request, str(settings.LOGIN_URL), with_next=True, **over)
        if user.kind == ActorKind.CITIZEN.value:
            return _send_to(request, "/")
        if getattr(request, "second_factor_missing", False):
            return _send_to(request, "/tai-khoan/bao-mat/?can=hai-lop")
        if getattr(request, "password_is_due", False):
            return _send_to(request, "/tai-khoan/doi-mat-khau/", with_next=True)
        return None


def _send_to(
    request: HttpRequest, path: str, *, with_next: bool = False, **query: str
) -> HttpResponseBase:
    """Lead a person to another page; a script gets the address instead."""
    if with_next and request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        query["next"] = request.get_full_path()
    url = f"{path}?{urlencode(query)}" if query else path
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=401)
        response["HX-Redirect"] = url
        return response
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(
            {
                "type": "urn:sen:problem:sign-in-needed",
                "title": _("Cần đăng nhập"),
                "status": 401,
                "sign_in_url": path,
            },
            status=401,
            content_type="application/problem+json",
        )
    return HttpResponseRedirect(url)
