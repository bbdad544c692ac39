"""Public tiles before everything else: no session, no transaction, often no statement at all.

A tile's URL says whether it shows what everybody may see (its epoch begins with ``p-``). Such a
tile is the same for every actor, so the middleware answers without asking who it is; it stands
first in the chain. All other tiles go through the view.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sen.kernel.access.scope import ANONYMOUS
from sen.kernel.geo.tiles import Address, TileSet, is_public_epoch, respond, tileset

Handler = Callable[[HttpRequest], HttpResponseBase]
PATTERN: Final = re.compile(
    r"/tiles/([a-z0-9_-]{2,61})/([A-Za-z0-9-]{1,60})/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt"
)


class PublicTileMiddleware:
    """Answers ``/tiles/{layer}/p-…/{z}/{x}/{y}.mvt``; a filter in the query needs the view."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._known: dict[str, TileSet] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = self._address(request)
        if address is None:
            return self.get_response(request)
        response = respond(request, address)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _address(self, request: HttpRequest) -> Address | None:
        path = request.path_info
        if not path.startswith("/tiles/") or request.META.get("QUERY_STRING"):
            return None
        found = PATTERN.fullmatch(path) if request.method in ("GET", "HEAD") else None
        if found is None or not is_public_epoch(found[2]):
            return None
        shown = self._known.get(found[1]) or tileset(found[1], ANONYMOUS)
        if shown is None:
            return None
        self._known[found[1]] = shown
        return Address(shown, found[2], int(found[3]), int(found[4]), int(found[5]))
