"""Answers of the OGC API: JSON or HTML as asked, with ETag, and problems in words."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sen.kernel.access.middleware import actor_of
from sen.kernel.errors import NotFoundError, SenError
from sen.kernel.geo.layers import Layer, layers
from sen.kernel.geo.ogc.documents import HTML, JSON
from sen.kernel.geo.ogc.parameters import wrong
from sen.kernel.problems import problem

View = Callable[..., HttpResponse]
BASE: Final = "/ogc"


def ogc_view(view: View, *methods: str) -> View:
    """An operation whose errors become problem details; it only reads unless it names methods."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except SenError as error:
            response = problem(request, error.as_problem())
        if not actor_of(request).is_authenticated:
            # Public data: any web page may read it. Cookies are never sent along.
            response["Access-Control-Allow-Origin"] = "*"
            response["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    found: View = require_http_methods(["GET", "HEAD", *methods])(answer)
    return found


def base_of(request: HttpRequest) -> str:
    return request.build_absolute_uri(BASE)


def form_of(request: HttpRequest, *known: str) -> str:
    """The asked representation: ``f`` if given, else what ``Accept`` likes better; JSON at last.

    Raises:
        ParameterError: ``f`` names none that there is.
    """
    asked = request.GET.get("f")
    if asked is not None:
        if asked not in known:
            text = _("không có dạng “%(asked)s”; các dạng có: %(known)s")
            raise wrong("f", text % {"asked": asked, "known": ", ".join(known)})
        return asked
    if "html" not in known or "html" not in request.META.get("HTTP_ACCEPT", ""):
        return known[0]
    chosen = request.get_preferred_type([JSON, "application/geo+json", HTML])
    return "html" if chosen == HTML else known[0]


def layer_of(request: HttpRequest, name: str) -> Layer:
    """The layer of that name.

    Raises:
        NotFoundError: there is none of which the actor may see rows.
    """
    layer = layers.get(name)
    if layer is None or layer.access(actor_of(request)).is_empty:
        raise NotFoundError(_("bộ dữ liệu"), name)
    return layer


def as_json(request: HttpRequest, document: dict[str, Any], kind: str = JSON) -> HttpResponse:
    return as_bytes(request, orjson.dumps(document), kind)


def as_bytes(
    request: HttpRequest, body: bytes, kind: str, *, version: int | None = None, **headers: str
) -> HttpResponse:
    """A body with its ETag; 304 for whoever has it. Nothing is reused without asking.

    The tag of something that has a version is strong: a write may rest on it.
    """
    digest = hashlib.sha256(body).hexdigest()[:20]
    etag = f'W/"{digest}"' if version is None else f'"{version}.{digest}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type=kind)
        for name, text in headers.items():
            response[name.replace("_", "-")] = text
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Accept, Accept-Language, Cookie, Authorization"
    return response


def as_page(
    request: HttpRequest, template: str, title: str, crumbs: list[tuple[str, str]], **context: Any
) -> HttpResponse:
    """A page of the same content."""
    query = request.GET.copy()
    query["f"] = "json"
    trail = [(f"{BASE}/?f=html", "OGC API"), *crumbs] if request.path != f"{BASE}/" else []
    found = {"title": title, "crumbs": trail, "json_url": f"?{query.urlencode()}", **context}
    response = render(request, f"sen/ogc/{template}.html", found)
    response["Vary"] = "Accept, Accept-Language, Cookie, Authorization"
    response["Cache-Control"] = "private, no-cache"
    return response
