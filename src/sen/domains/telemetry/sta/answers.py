"""Answers: JSON, and problems in the language of whoever asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import psycopg
from django.utils import translation
from django.utils.translation import gettext as _

from sen.domains.telemetry.sta.odata.faults import SyntaxFault
from sen.domains.telemetry.sta.reading import MissingError
from sen.kernel.errors import SenError
from sen.lib.errors import gettext_noop

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON: Final = b"application/json"
PROBLEM: Final = b"application/problem+json"
_CORS: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Location"),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response."""

    status: int
    body: bytes = b""
    content_type: bytes = JSON
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def send(self, send: Send, *, head: bool = False) -> None:
        headers = [(b"content-length", str(len(self.body)).encode()), *_CORS, *self.headers]
        if self.body:
            headers.append((b"content-type", self.content_type))
        if not any(name == b"cache-control" for name, _value in self.headers):
            headers.append((b"cache-control", b"no-store"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


class RefusedError(Exception):
    """A request that is answered with a problem of its own."""

    def __init__(
        self, status: int, code: str, template: str, params: dict[str, Any] | None = None
    ) -> None:
        super().__init__(template)
        self.status = status
        self.code = code
        self.template = template
        self.params = params or {}


class AwayError(RefusedError):
    """The store did not say in time that it has what was sent."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "away",
            gettext_noop(
                "Kho số liệu chưa xác nhận kịp. Hãy gửi lại: số liệu trùng không bị ghi hai lần."
            ),
        )


def problem_of(error: Exception, english: bool) -> Answer | None:
    """The answer to an error that a client caused; None for a defect of the house."""
    with translation.override("en" if english else "vi"):
        members = _members(error)
    if members is None:
        return None
    headers = []
    if members["status"] == 401:
        headers.append((b"www-authenticate", b'Bearer realm="sen", Basic realm="sen"'))
    # `message` is where clients of FROST look for the sentence.
    body = msgspec.json.encode({**members, "message": members["detail"]})
    if members["status"] == 503:
        headers.append((b"retry-after", b"2"))
    return Answer(members["status"], body, PROBLEM, headers)


def _members(error: Exception) -> dict[str, Any] | None:
    if isinstance(error, SyntaxFault):
        return _of_fault(error)
    if isinstance(error, SenError):
        return error.as_problem()
    if isinstance(error, RefusedError):
        detail = _(error.template) % error.params
        return {
            "type": f"urn:sen:problem:sta-{error.code}",
            "title": detail,
            "status": error.status,
            "detail": detail,
        }
    if isinstance(error, psycopg.Error):
        return _of_database(error)
    if isinstance(error, RecursionError):
        template = gettext_noop("Nội dung không phải là JSON: %(reason)s.")
        return _members(RefusedError(400, "json", template, {"reason": "nested too deep"}))
    return None


def _of_fault(fault: SyntaxFault) -> dict[str, Any]:
    is_missing = isinstance(fault, MissingError)
    members: dict[str, Any] = {
        "type": f"urn:sen:problem:sta-{'missing' if is_missing else 'query'}",
        "title": _("Không tìm thấy địa chỉ này.") if is_missing else _("Yêu cầu chưa đúng."),
        "status": 404 if is_missing else 400,
        "detail": _(fault.template) % fault.params,
    }
    where: dict[str, Any] = {}
    if fault.option:
        where["option"] = fault.option
    if fault.at is not None:
        where["position"] = fault.at
    if fault.text:
        where["text"] = fault.text
        if fault.at is not None:
            where["near"] = fault.text[max(0, fault.at - 20) : fault.at + 20]
    return {**members, "where": where} if where else members


def _of_database(error: psycopg.Error) -> dict[str, Any] | None:
    """What a statement cannot do with the values it was given is the client's fault."""
    state = error.sqlstate or ""
    if state == "57014":
        detail = _("Câu hỏi cần quá nhiều thời gian; hãy thu hẹp khoảng thời gian hoặc bộ lọc.")
        return _simple(503, "too-slow", detail)
    geometry = state == "XX000" and "geometr" in str(error).lower()
    if state.startswith("22") or state in ("42883", "42804", "42846") or geometry:
        reason = str(error.diag.message_primary or error)
        detail = _("Không tính được biểu thức: %(reason)s.") % {"reason": reason}
        return _simple(400, "value", detail)
    return None


def _simple(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:sen:problem:sta-{code}",
        "title": detail,
        "status": status,
        "detail": detail,
    }


def not_found(name: str) -> RefusedError:
    return RefusedError(
        404,
        "missing",
        gettext_noop("Không tìm thấy “%(name)s” trong phạm vi được xem."),
        {"name": name},
    )
