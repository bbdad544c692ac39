"""Who may call which API: the session of a page, or a token in the header."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from sen.kernel.access.accounts.sessions import is_bearer
from sen.kernel.access.middleware import actor_of
from sen.kernel.access.scope import Actor, ActorKind


class SignedIn(AuthBase):
    """Any authenticated actor of the given kinds; a session must also carry the CSRF token."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *kinds: ActorKind) -> None:
        super().__init__()
        self.kinds = frozenset(kinds)

    def __call__(self, request: HttpRequest) -> Actor | None:
        actor = actor_of(request)
        if not actor.is_authenticated or (self.kinds and actor.kind not in self.kinds):
            return None
        if not is_bearer(request) and check_csrf(request, _no_view) is not None:
            return None
        return actor


def _no_view(request: HttpRequest) -> Any:
    return None
