"""What every account page has: no caching, a layout for its reader, allauth's detours."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from sen.kernel.access.models import User
from sen.kernel.access.scope import ActorKind

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """Dress a view of allauth or of our own.

    ``AccessMiddleware`` runs views itself, inside a transaction, so allauth's middleware does not
    see the exceptions by which its views ask for a detour; they are answered here.
    """

    @wraps(view)
    def dressed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.account_layout = layout_of(request)  # type: ignore[attr-defined]
        try:
            response = view(request, *args, **kwargs)
        except ReauthenticationRequired:
            response = _confirm_who(request)
        except ImmediateHttpResponse as detour:
            response = detour.response
        response["Cache-Control"] = "no-store"
        return response

    return dressed


def signed_in(view: View) -> View:
    """An account page of a person who is signed in."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?next={request.path}")
        return view(request, *args, **kwargs)

    return page(checked)


def confirmed(view: View) -> View:
    """A page for which a password or a code was given within the last minutes."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        reauthentication.raise_if_reauthentication_required(request, app="sen.kernel.access")
        return view(request, *args, **kwargs)

    return signed_in(checked)


def layout_of(request: HttpRequest) -> str:
    """Officials keep their menu; citizens keep the portal's head."""
    user = request.user
    if isinstance(user, User) and user.kind != ActorKind.CITIZEN.value:
        return "sen/shell.html"
    return "account/public_layout.html"


def _confirm_who(request: HttpRequest) -> HttpResponseBase:
    methods = get_adapter().get_reauthentication_methods(request.user)
    url = methods[0]["url"] if methods else reverse("account_login")
    response: HttpResponseBase = reauthentication.suspend_request(request, url)
    return response
