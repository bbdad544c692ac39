"""Gives every request its actor, and every view a transaction in which the database knows them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final, TypedDict

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from sen.kernel.access.accounts import bearer, displays, passwords, sessions
from sen.kernel.access.accounts.addresses import client_ip
from sen.kernel.access.accounts.state import is_usable
from sen.kernel.access.actors import actor_for
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import User
from sen.kernel.access.scope import ANONYMOUS, Actor
from sen.kernel.audit.services import record_refusal
from sen.kernel.errors import NotFoundError, PermissionDeniedError
from sen.kernel.memo import remembering

Handler = Callable[[HttpRequest], HttpResponseBase]
#: Requests that change nothing: what they read once stays so.
SAFE: Final = frozenset({"GET", "HEAD"})


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request that passed the middleware."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else ANONYMOUS


class Occasion(TypedDict):
    """What the log notes of the request in which something was done."""

    request_id: str
    ip: str


def occasion_of(request: HttpRequest) -> Occasion:
    """The request's own id and where it came from."""
    return {"request_id": str(getattr(request, "request_id", "")), "ip": client_ip(request)}


class AccessMiddleware:
    """Sets ``request.actor``; runs the view inside ``acting_as`` (so inside one transaction)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        try:
            request.actor = self._actor(request)  # type: ignore[attr-defined]
        except bearer.BearerError as error:
            return error.response()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if getattr(view, "sen_no_transaction", False):
            return None
        try:
            with ExitStack() as stack:
                if request.method in SAFE:
                    stack.enter_context(remembering())
                stack.enter_context(acting_as(actor_of(request), **occasion_of(request)))
                return self._respond(request, view, args, kwargs)
        except PermissionDeniedError as error:
            with acting_as(actor_of(request), **occasion_of(request)):
                record_refusal(error.permission or request.path)
            raise PermissionDenied(str(error)) from error
        except NotFoundError as error:
            raise Http404(str(error)) from error

    @staticmethod
    def _respond(
        request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase:
        response: HttpResponseBase = view(request, *args, **kwargs)
        render = getattr(response, "render", None)
        if callable(render) and not getattr(response, "is_rendered", True):
            response = render()
        if isinstance(response, HttpResponse) and response.status_code >= 500:
            transaction.set_rollback(True)
        return response

    @staticmethod
    def _actor(request: HttpRequest) -> Actor:
        if sessions.is_bearer(request):
            return bearer.actor_of_token(request)
        user = getattr(request, "user", None)
        if not isinstance(user, User) or not is_usable(user):
            return displays.actor_of_display(request) or ANONYMOUS
        actor = actor_for(user)
        missing = (
            settings.SEN_REQUIRE_MFA
            and actor.needs_mfa
            and not sessions.has_proved_second_factor(request, user)
        )
        due = passwords.is_due(user, actor)
        request.second_factor_missing = missing  # type: ignore[attr-defined]
        request.password_is_due = due  # type: ignore[attr-defined]
        # Known, but without rights until what is missing was made up for.
        return replace(actor, entitlements=()) if missing or due else actor
