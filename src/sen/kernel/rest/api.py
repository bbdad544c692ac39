"""The APIs of the house, one for each audience, each with its own OpenAPI document.

A domain's ``rest.py`` calls :func:`router` for the audiences it serves; registers are served to
all audiences by ``registers``. Only this package imports ninja: domains take ``Router``,
``Schema`` and the rest from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from threading import Lock
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver, path
from django.urls.resolvers import RoutePattern
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import Field, NinjaAPI, Query, Router, Schema
from ninja.renderers import BaseRenderer

from sen.kernel.access.scope import ActorKind
from sen.kernel.registry import Store
from sen.kernel.rest import problems
from sen.kernel.rest.auth import SignedIn

__all__ = ["Audience", "Field", "Query", "Router", "Schema", "api_of", "router", "urls"]


class Audience(StrEnum):
    PUBLIC = "public"
    CITIZEN = "citizen"
    PARTNER = "partner"
    INTERNAL = "internal"
    DEVICE = "device"


_ABOUT = {
    Audience.PUBLIC: ("Sen: open data", None),
    Audience.CITIZEN: ("Sen: citizens and firms", SignedIn(ActorKind.CITIZEN, ActorKind.FIRM)),
    Audience.PARTNER: ("Sen: partner systems", SignedIn(ActorKind.SERVICE)),
    Audience.INTERNAL: ("Sen: working screens", SignedIn(ActorKind.OFFICIAL, ActorKind.SERVICE)),
    Audience.DEVICE: ("Sen: devices", SignedIn(ActorKind.DEVICE)),
}


@dataclass(frozen=True, slots=True)
class Mounted:
    """A router of a domain under an audience."""

    audience: Audience
    prefix: str
    router: Router


routers: Store[Mounted] = Store("router")


def router(audience: Audience, domain: str, *, tags: list[str] | None = None) -> Router:
    """A router at ``/api/<audience>/v1/<domain>/``; for a domain's ``rest.py``."""
    made = Router(tags=list(tags or [domain]))
    routers.add(f"{audience}:{domain}", Mounted(audience, f"/{domain}", made))
    return made


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


_building = Lock()


def api_of(audience: Audience) -> NinjaAPI:
    """The API of an audience, built when it is first asked for: a start must not wait for it."""
    with _building:
        return _built(audience)


@cache
def _built(audience: Audience) -> NinjaAPI:
    from sen.kernel.rest.registers import register_router

    title, auth = _ABOUT[audience]
    api = NinjaAPI(
        title=title,
        version="1",
        urls_namespace=f"api-{audience.value}",
        docs_url=None,
        openapi_url=None,
        auth=auth,
        renderer=Renderer(),
    )
    problems.install(api)
    for mounted in routers:
        if mounted.audience is audience:
            api.add_router(mounted.prefix, mounted.router)
    if audience in (Audience.PUBLIC, Audience.PARTNER, Audience.INTERNAL):
        api.add_router("", register_router(audience))
    return api


class Addresses(URLResolver):
    """The addresses of an audience: found when one of them is asked for, never made from names."""

    _namespace_dict: dict[str | None, Any]
    _app_dict: dict[str | None, Any]

    def __init__(self, audience: Audience) -> None:
        super().__init__(RoutePattern(f"api/{audience.value}/v1/"), ())
        self.audience = audience

    @cached_property
    def url_patterns(self) -> list[Any]:
        patterns: list[Any] = api_of(self.audience).urls[0]
        return patterns

    def _populate(self) -> None:
        """Django asks every resolver for its names at the first link of a page: there are none."""
        language = get_language()
        self._reverse_dict[language] = MultiValueDict()
        self._namespace_dict[language] = {}
        self._app_dict[language] = {}
        self._populated = True


def document(audience: Audience) -> dict[str, Any]:
    """The OpenAPI document of one audience; committed under ``docs/api``."""
    schema = api_of(audience).get_openapi_schema(path_prefix=f"/api/{audience.value}/v1/")
    text: dict[str, Any] = orjson.loads(
        orjson.dumps(schema, default=str, option=orjson.OPT_NON_STR_KEYS)
    )
    problems.describe(text)
    return text


def urls() -> list[Any]:
    """URL patterns: ``/api/<audience>/v1/…`` and its ``openapi.json``."""
    found: list[Any] = []
    for audience in Audience:
        base = f"api/{audience.value}/v1/"
        found.append(path(f"{base}openapi.json", _document_view(audience)))
        found.append(Addresses(audience))
        found.append(path(f"{base}<path:rest>", _no_such_address))
    return found


@csrf_exempt
def _no_such_address(request: HttpRequest, rest: str) -> HttpResponse:
    return problems.simple(request, 404, "not-found", _("Không có địa chỉ này."))


def _document_view(audience: Audience) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        body = orjson.dumps(document(audience))
        return HttpResponse(body, content_type="application/vnd.oai.openapi+json;version=3.1")

    return view
