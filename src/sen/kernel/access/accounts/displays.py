"""Screens on walls: a browser that nobody sits at, with a revocable key instead of a session.

The key is an API token whose scopes only look. It comes in a cookie that scripts cannot read; a
tile embedded in a page of others brings it in its address (``?khoa=``), since browsers send no
cookies into frames. It opens the screens under ``SEN_DISPLAY_PREFIXES`` and changes nothing.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sen.kernel.access.accounts import tokens
from sen.kernel.access.accounts.addresses import client_ip
from sen.kernel.access.scope import Actor, ActorKind

COOKIE: Final = "sen_display"
PARAMETER: Final = "khoa"
#: Asked with POST, but only reading: the ticket of a live stream.
TICKET: Final = "/live/ticket"
LIFE_S: Final = 400 * 86_400
OFFICES: Final = frozenset({ActorKind.OFFICIAL, ActorKind.SERVICE})


def actor_of_display(request: HttpRequest) -> Actor | None:
    """The actor of the key that a screen shows; None where it shows none that is valid."""
    if not request.path.startswith(tuple(settings.SEN_DISPLAY_PREFIXES)):
        return None
    if request.method not in ("GET", "HEAD") and request.path != TICKET:
        return None
    secret = request.GET.get(PARAMETER, "") or request.COOKIES.get(COOKIE, "")
    return actor_of_key(secret, request) if secret else None


def actor_of_key(secret: str, request: HttpRequest) -> Actor | None:
    """The actor of a key that only looks."""
    if not secret.startswith(tokens.PREFIX) or len(secret) > 200:
        return None
    actor = tokens.actor_of(secret=secret, ip=client_ip(request))
    if actor is None or any(not p.endswith(".view") for p in actor.limits or ()):
        return None
    return actor


def is_display(request: HttpRequest) -> bool:
    """Whether the request comes from a screen with a valid key."""
    actor = getattr(request, "actor", None)
    return isinstance(actor, Actor) and actor.limits is not None and actor.kind in OFFICES


def remember(response: HttpResponseBase, secret: str) -> None:
    """Give the screen its cookie."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, samesite="Lax")
