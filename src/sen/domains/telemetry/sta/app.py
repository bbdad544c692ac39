"""The ASGI of SensorThings: ``handle`` is mounted in the process of the doors at ``/sta/``."""

from __future__ import annotations

import logging
import uuid
from typing import Final

from sen.domains.telemetry.sta.answers import (
    Answer,
    Receive,
    RefusedError,
    Scope,
    Send,
    problem_of,
)
from sen.domains.telemetry.sta.callers import Callers
from sen.domains.telemetry.sta.database import Database
from sen.domains.telemetry.sta.observations import Deliver
from sen.domains.telemetry.sta.service import ROOT, Request, Service
from sen.lib.errors import gettext_noop

logger = logging.getLogger(__name__)

#: Units: bytes of a request.
MOST_BYTES: Final = 32 * 1024 * 1024
_PREFLIGHT: Final = Answer(
    204,
    headers=[
        (b"access-control-allow-methods", b"GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"),
        (b"access-control-allow-headers", b"authorization, content-type"),
        (b"access-control-max-age", b"86400"),
    ],
)


class SensorThings:
    """One per process; ``deliver`` hands a batch to the store and returns after its commit."""

    def __init__(self, deliver: Deliver, *, database: Database | None = None) -> None:
        self.database = database or Database()
        self.service = Service(self.database, deliver)
        self.callers = Callers()

    async def close(self) -> None:
        await self.database.close()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request whose path begins with ``/sta/``."""
        english = False
        method = str(scope["method"])
        try:
            if method == "OPTIONS":
                answer = _PREFLIGHT
            else:
                headers = dict(scope["headers"])
                english = headers.get(b"accept-language", b"").lower().startswith(b"en")
                answer = await self._answer(scope, headers, receive, english=english)
        except Exception as error:
            found = problem_of(error, english)
            if found is None:
                logger.exception("sta: %s %s", method, scope.get("path"))
                refused = RefusedError(
                    500, "defect", gettext_noop("Máy chủ gặp lỗi; hãy thử lại sau.")
                )
                found = problem_of(refused, english) or Answer(500)
            answer = found
        await answer.send(send, head=method == "HEAD")

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, *, english: bool
    ) -> Answer:
        path = str(scope["path"])
        if path != ROOT and not path.startswith(ROOT + "/"):
            raise RefusedError(
                404,
                "missing",
                gettext_noop("SensorThings API nằm ở địa chỉ %(root)s/."),
                {"root": ROOT},
            )
        ip = str((scope.get("client") or ("",))[0])
        caller = await self.callers.of(headers.get(b"authorization", b""), ip)
        method = str(scope["method"])
        request = Request(
            method,
            path[len(ROOT) :],
            scope["query_string"].decode("latin-1"),
            _base(scope, headers),
            caller,
            b"" if method in ("GET", "HEAD", "DELETE") else await _body(receive),
            headers.get(b"content-type", b"").decode("latin-1"),
            english,
            ip,
            uuid.uuid4().hex,
        )
        return await self.service.answer(request)


def _base(scope: Scope, headers: dict[bytes, bytes]) -> str:
    """The address of the service as the client knows it; ends with a slash."""
    scheme = headers.get(b"x-forwarded-proto", str(scope.get("scheme", "http")).encode())
    host = headers.get(b"x-forwarded-host", headers.get(b"host", b"localhost"))
    return f"{_safe(scheme)}://{_safe(host)}{ROOT}/"


def _safe(part: bytes) -> str:
    """A part of an address that goes into links: nothing that could end a text."""
    text = part.decode("latin-1")
    return "".join(c for c in text if c.isalnum() or c in ".-:[]")[:200]


async def _body(receive: Receive) -> bytes:
    """The body of a request.

    Raises:
        RefusedError: it is too large, or the client went away.
    """
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "gone", gettext_noop("Yêu cầu bị ngắt giữa chừng."))
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise RefusedError(
                413,
                "large",
                gettext_noop("Nội dung lớn hơn %(most)d MB."),
                {"most": MOST_BYTES // 1_048_576},
            )
    return b"".join(parts)
