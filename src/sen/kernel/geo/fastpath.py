"""Public tiles and features before everything else: no session, often no statement at all.

A tile's URL says whether it shows what everybody may see (its epoch begins with ``p-``). Such a
tile is the same for every actor, so nobody needs to be asked for. It is answered around Django
(:class:`PublicTiles`); the first middleware answers the rest, such as clients without gzip. All
other tiles go through the view. Features for a program that brings no credentials take the same
short way: the middlewares in between would find nobody, and cost more than reading a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo.changes import changes
from sen.kernel.geo.ogc.views import features
from sen.kernel.geo.tiles import (
    MEDIA_TYPE,
    Address,
    TileSet,
    cache_control,
    cached,
    drawn,
    etag_of,
    is_public_epoch,
    respond,
    tileset,
)

Handler = Callable[[HttpRequest], HttpResponseBase]
Answer = tuple[str, list[tuple[str, str]], bytes]
PATTERN: Final = re.compile(
    r"/tiles/([a-z0-9_-]{2,61})/([A-Za-z0-9-]{1,60})/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt"
)
ITEMS: Final = re.compile(r"/ogc/collections/([a-z0-9_-]{2,61})/items")


class Shown:
    """Which public tiles an address names; a worker keeps what it found out about a name."""

    def __init__(self) -> None:
        self._known: dict[str, TileSet] = {}

    def address(self, path: str) -> Address | None:
        """The public tile at a path; None for every other page."""
        found = PATTERN.fullmatch(path)
        if found is None or not is_public_epoch(found[2]):
            return None
        shown = self._known.get(found[1]) or tileset(found[1], ANONYMOUS)
        if shown is None:
            return None
        self._known[found[1]] = shown
        return Address(shown, found[2], int(found[3]), int(found[4]), int(found[5]))


class PublicTiles:
    """Wraps the application: answers public tiles while the mirror of the change log is fresh."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.shown = Shown()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/tiles/") and environ.get("REQUEST_METHOD") == "GET":
            answer = self._answer(path, environ)
            if answer is not None:
                status, headers, body = answer
                start_response(status, headers)
                return [body]
        return self.application(environ, start_response)

    def _answer(self, path: str, environ: WSGIEnvironment) -> Answer | None:
        if environ.get("QUERY_STRING") or "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
            return None
        address = self.shown.address(path)
        if address is None or not address.exists or not address.tiles.is_public:
            return None
        shown = address.tiles
        if not changes.is_fresh(shown.sources, address.version):
            return None
        body = self._body(address)
        if body is None:
            return None
        etag = etag_of(body)
        is_current = address.epoch == shown.epoch()
        headers = [
            ("ETag", etag),
            ("Cache-Control", cache_control(shown, is_current=is_current)),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if not body:
            return "204 No Content", headers[1:], b""
        if etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            return "304 Not Modified", headers, b""
        headers += [
            ("Content-Type", MEDIA_TYPE),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(body))),
        ]
        return "200 OK", headers, body

    @staticmethod
    def _body(address: Address) -> bytes | None:
        """The tile; None when the database does not answer, which Django knows how to say."""
        shown, place = address.tiles, (address.z, address.x, address.y)
        if address.z < shown.minzoom:
            return b""
        known = cached(shown, *place)
        if known is not None:
            return known
        close_old_connections()
        try:
            return drawn(shown, *place)
        except (psycopg.Error, DatabaseError):
            return None


class PublicReadingMiddleware:
    """Answers public tiles, and GeoJSON items to whoever sends neither cookie nor token."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.shown = Shown()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            path = request.path_info
            response: HttpResponseBase | None = None
            if path.startswith("/tiles/"):
                response = self._tile(request, path)
            elif path.startswith("/ogc/collections/"):
                response = self._items(request, path)
            if response is not None:
                response["X-Content-Type-Options"] = "nosniff"
                return response
        return self.get_response(request)

    def _tile(self, request: HttpRequest, path: str) -> HttpResponseBase | None:
        if request.META.get("QUERY_STRING"):
            return None
        address = self.shown.address(path)
        return respond(request, address) if address is not None else None

    @staticmethod
    def _items(request: HttpRequest, path: str) -> HttpResponseBase | None:
        meta = request.META
        if meta.get("HTTP_COOKIE") or meta.get("HTTP_AUTHORIZATION"):
            return None
        found = ITEMS.fullmatch(path)
        if found is None or "html" in meta.get("HTTP_ACCEPT", "") + meta.get("QUERY_STRING", ""):
            return None
        request.actor = ANONYMOUS  # type: ignore[attr-defined]
        with translation.override(settings.LANGUAGE_CODE):
            return features(request, found[1])
